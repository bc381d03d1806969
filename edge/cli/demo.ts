import { relative } from 'node:path';
import { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import { EXIT_CODES } from './exit-code.ts';
import { withNotes } from './options.ts';
import { print } from './output.ts';
import { readVersion } from './version.ts';

interface Options {
  readonly tlsPort: string;
  readonly httpPort: string;
  readonly tcpPorts: string;
  readonly adminPort: string;
  readonly stateDir?: string;
}

const DEFAULT_STATE_DIR = '.weir';

/** Where the demo's own servers listen, if nobody else does. */
const APP_PORT = 9443;
const ECHO_PORT = 9007;

const READY_TIMEOUT_MS = 30_000;
const READY_POLL_MS = 20;

/** `weir demo`. */
export function demoCommand(): Command {
  const command = new Command('demo')
    .description(
      'Run an edge with everything around it: an embedded PostgreSQL, two instances of a small HTTPS app, and a raw TCP echo. Prints what to type next. Ctrl-C ends all of it; a second start goes on with the same state.',
    )
    .option('--tls-port <port>', 'listen for TLS here', '8443')
    .option('--http-port <port>', 'listen for plain HTTP here', '8080')
    .option('--tcp-ports <first-last>', 'raw TCP ports that can be allocated', '20000-20099')
    .option('--admin-port <port>', 'the admin server, on 127.0.0.1', '9901')
    .option(
      '--state-dir <dir>',
      `keep the database and the snapshot here (default: WEIR_STATE_DIR or ${DEFAULT_STATE_DIR})`,
    );
  withNotes(command, {
    examples: ['weir demo', 'weir demo --tls-port 9443 --state-dir /tmp/weir-demo'],
    exitCodes: ['ok', 'failed', 'usage', 'invalid', 'database-unavailable'],
  });
  return command.action(demo);
}

async function demo(options: Options): Promise<void> {
  const { loadOrReport } = await import('./up.ts');
  const config = await loadOrReport(null, {
    database: 'embedded',
    state_dir: options.stateDir,
    listeners: [
      { name: 'tls', kind: 'tls', address: `[::]:${options.tlsPort}` },
      {
        name: 'http',
        kind: 'http',
        address: `[::]:${options.httpPort}`,
        https_port: options.tlsPort === '0' ? undefined : options.tlsPort,
      },
      { name: 'tcp', kind: 'tcp', address: '::', ports: options.tcpPorts },
    ],
    admin: { address: `127.0.0.1:${options.adminPort}` },
    // The demo tells its progress itself; what is left are the connections, and what goes wrong.
    log: process.env['WEIR_LOG_LEVEL'] === undefined ? { level: 'warn' } : {},
  });
  if (config === null) return;

  const { createLog } = await import('../observe/log.ts');
  const { runEdge } = await import('./run-edge.ts');
  const log = await createLog(config.log, { node: config.node, pid: process.pid });
  print('Starting PostgreSQL and the edge…');
  process.exitCode = await runEdge({
    config,
    version: readVersion(),
    log,
    onUp: ({ edge, controlUrl }) => startAround(config, edge, controlUrl),
  });
  if (process.exitCode === EXIT_CODES.ok)
    print('Everything has ended; the state is kept for the next start.');
}

/** Starts what the edge is in front of, and tells the control plane of it. Answers with what ends it. */
async function startAround(
  config: Config,
  edge: import('../process/edge.ts').Edge,
  controlUrl: string | null,
): Promise<() => Promise<void>> {
  if (controlUrl === null) throw new Error('the demo has a database of its own');
  const { openControl } = await import('../../routing/control/open-control.ts');
  const { demoCertificate } = await import('./demo/certificate.ts');
  const { hasIpv6Loopback, startBackends } = await import('./demo/backends.ts');
  const { DEMO_DOMAIN, setUpRoutes } = await import('./demo/setup.ts');
  const { guide } = await import('./demo/guide.ts');

  print('PostgreSQL and the edge are up. Starting two app instances and an echo…');
  const certificate = await demoCertificate(config.stateDir, DEMO_DOMAIN);
  const backends = await startBackends(certificate, { appPort: APP_PORT, echoPort: ECHO_PORT });
  const control = await openControl({ url: controlUrl });
  try {
    const { echoPort, revision } = await setUpRoutes(control, backends, tcpRange(config));
    await untilServing(edge, revision);
    const stateDir = shortest(config.stateDir);
    print(
      guide({
        tlsPort: portOf(edge, 'tls'),
        httpPort: portOf(edge, 'http'),
        echoPort,
        adminPort: edge.admin?.port ?? 0,
        appPort: backends.apps[0]?.server.port ?? 0,
        caFile: shortest(certificate.file),
        address: hasIpv6Loopback() ? '::1' : '127.0.0.1',
        stateDir: stateDir === DEFAULT_STATE_DIR ? null : stateDir,
      }),
    );
  } finally {
    await control.close();
  }
  return () => {
    print('Stopping…');
    return backends.close();
  };
}

/** Waits until all workers route by that revision. */
async function untilServing(edge: import('../process/edge.ts').Edge, revision: number): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  const { view } = edge;
  while (view.unready().length > 0 || view.workers().some((worker) => worker.revision < revision)) {
    if (performance.now() > deadline)
      throw new Error(`the edge did not become ready: ${view.unready().join('; ')}`);
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

/** A path as a person would type it from here. */
function shortest(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}

function tcpRange(config: Config): { readonly first: number; readonly last: number } {
  for (const listener of config.listeners) if (listener.kind === 'tcp') return listener.ports;
  throw new Error('the demo has a tcp listener');
}

function portOf(edge: import('../process/edge.ts').Edge, name: string): number {
  return edge.listeners.find((listener) => listener.name === name)?.port ?? 0;
}
