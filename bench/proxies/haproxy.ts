import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { BackendPorts } from '../load/task.ts';
import { freePorts } from '../measure/free-port.ts';
import type { Machine } from '../measure/machine.ts';
import { accepting } from './accepting.ts';
import { type Contender, type Presence, ROUTED_NAMES } from './proxy.ts';

const START_DEADLINE_MS = 5_000;
const MAX_CONNECTIONS = 6_000;

/** HAProxy as it is fastest at this: one thread, splicing, nothing counted and nothing logged. */
export const haproxy: Contender = describe('haproxy', []);

/** The same with an access log, which is nearer to what weir does for each connection. */
export const haproxyLog: Contender = describe('haproxy-log', [
  '  log stdout format raw daemon',
  '  option tcplog',
]);

function describe(name: 'haproxy' | 'haproxy-log', logging: readonly string[]): Contender {
  return {
    name,
    find,
    async start(session, backends) {
      const port = await freePorts(1);
      const file = session.path(`${name}.cfg`);
      writeFileSync(file, configuration({ port, backends, logging, machine: session.machine }));
      const child = session.start({
        command: 'haproxy',
        args: ['-db', '-q', '-f', file],
        side: 'proxy',
        outputFile: `${name}.log`,
      });
      await accepting(child, port, START_DEADLINE_MS);
      return {
        name,
        tlsPort: port,
        pids: [child.pid ?? 0],
        stop: () => session.stop(child),
      };
    },
  };
}

function find(): Presence {
  const { stdout, error } = spawnSync('haproxy', ['-v'], { encoding: 'utf8' });
  if (error !== undefined)
    return { kind: 'missing', remedy: 'it is not installed; run: npm run bench:peers' };
  return { kind: 'found', version: /version (\S+)/.exec(stdout)?.[1] ?? 'of unknown version' };
}

interface Setup {
  readonly port: number;
  readonly backends: BackendPorts;
  readonly logging: readonly string[];
  readonly machine: Machine;
}

function configuration({ port, backends, logging, machine }: Setup): string {
  // Two descriptors for each connection and two for each pipe, of which there may be a quarter as many.
  const maxConnections = Math.min(MAX_CONNECTIONS, Math.floor(machine.maxFiles / 3));
  const services = Object.entries(ROUTED_NAMES) as [keyof typeof ROUTED_NAMES, string][];
  return [
    'global',
    '  nbthread 1',
    `  maxconn ${maxConnections}`,
    'defaults',
    '  mode tcp',
    '  option splice-auto',
    '  timeout connect 5s',
    '  timeout client 5m',
    '  timeout server 5m',
    'frontend tls',
    `  bind 127.0.0.1:${port}`,
    ...logging,
    '  tcp-request inspect-delay 5s',
    '  tcp-request content accept if { req.ssl_hello_type 1 }',
    ...services.map(([service, name]) => `  use_backend ${service} if { req.ssl_sni -i ${name} }`),
    ...services.flatMap(([service]) => [`backend ${service}`, `  server one 127.0.0.1:${backends[service]}`]),
    '',
  ].join('\n');
}
