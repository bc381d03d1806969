import { networkInterfaces } from 'node:os';
import type { DemoCertificate } from './certificate.ts';
import { type DemoServer, startEcho, startHttpsApp } from './https-app.ts';

export interface DemoBackends {
  readonly apps: readonly { readonly instance: string; readonly server: DemoServer }[];
  readonly echo: DemoServer;
  close(): Promise<void>;
}

/** Whether this machine can be reached over IPv6 at all; many containers cannot. */
export function hasIpv6Loopback(): boolean {
  return Object.values(networkInterfaces()).some((addresses) =>
    addresses?.some(({ address }) => address === '::1'),
  );
}

/**
 * Starts two instances of the app, one on IPv6 and one on IPv4, and the echo. The instances share a port, as those of a
 * service do: only their addresses differ.
 */
export async function startBackends(
  certificate: DemoCertificate,
  ports: { readonly appPort: number; readonly echoPort: number },
): Promise<DemoBackends> {
  const address = hasIpv6Loopback() ? '::1' : '127.0.0.2';
  const first = await startHttpsApp({ instance: 'web-1', address, port: ports.appPort, certificate });
  const second = await startHttpsApp({
    instance: 'web-2',
    address: '127.0.0.1',
    port: first.port,
    certificate,
  });
  if (second.port !== first.port) {
    throw new Error(
      `port ${first.port} is taken on 127.0.0.1: end the program that has it (ss -ltnp 'sport = :${first.port}')`,
    );
  }
  const echo = await startEcho({ address, port: ports.echoPort });
  const servers = [first, second, echo];
  return {
    apps: [
      { instance: 'web-1', server: first },
      { instance: 'web-2', server: second },
    ],
    echo,
    close: async () => {
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
