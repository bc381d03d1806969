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
  const [first, second] = await startPair(certificate, address, ports.appPort);
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

/** Any port will do that is free on both addresses. */
async function startPair(
  certificate: DemoCertificate,
  address: string,
  wantedPort: number,
): Promise<[DemoServer, DemoServer]> {
  for (const port of [wantedPort, 0, 0, 0]) {
    const first = await startHttpsApp({ instance: 'web-1', address, port, certificate });
    const second = await startHttpsApp({
      instance: 'web-2',
      address: '127.0.0.1',
      port: first.port,
      certificate,
    });
    if (second.port === first.port) return [first, second];
    await Promise.all([first.close(), second.close()]);
  }
  throw new Error(`no port is free on both ${address} and 127.0.0.1`);
}
