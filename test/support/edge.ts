import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WrittenConfig } from '../../config/schema.ts';
import type { EdgeView } from '../../edge/observe/edge-view.ts';
import { freePorts } from './free-ports.ts';
import { makeStateDir } from './postgres.ts';
import type { Scope } from './scope.ts';
import { until } from './until.ts';
import { type LogEntry, WeirProcess } from './weir-process.ts';

export interface EdgeOptions {
  /** A login that is a member of `weir_edge`. Absent: an embedded PostgreSQL in the state directory. */
  readonly databaseUrl?: string;
  /** Kept by the caller. Absent: one of its own, gone with the edge. */
  readonly stateDir?: string;
  /** @default 2 */
  readonly workers?: number;
  /** Added to, and in place of, what `startEdge` writes into the configuration file. */
  readonly settings?: WrittenConfig;
  /** Whether to wait until `/readyz` says so. @default true */
  readonly untilReady?: boolean;
}

/** How many raw TCP ports an edge may be told to open. */
const TCP_PORTS = 8;

/** What redirects to https point at. */
export const HTTPS_PORT = 8443;

/**
 * Starts a real `weir up` on free ports of all addresses: the listeners `tls`, `http` and `tcp`, two workers, the log as
 * JSON, a drain that is over at once. Resolves when it is ready.
 */
export async function startEdge(scope: Scope, options: EdgeOptions = {}): Promise<TestEdge> {
  const stateDir = options.stateDir ?? ownStateDir(scope);
  const firstTcpPort = await freePorts(TCP_PORTS);
  const config: WrittenConfig = {
    node: 'edge-1',
    workers: String(options.workers ?? 2),
    state_dir: stateDir,
    database: options.databaseUrl === undefined ? 'embedded' : { url: options.databaseUrl },
    listeners: [
      { name: 'tls', kind: 'tls', address: '[::]:0' },
      { name: 'http', kind: 'http', address: '[::]:0', https_port: String(HTTPS_PORT) },
      { name: 'tcp', kind: 'tcp', address: '::', ports: `${firstTcpPort}-${firstTcpPort + TCP_PORTS - 1}` },
    ],
    admin: { address: '127.0.0.1:0' },
    timeouts: { drain: '50ms' },
    log: { format: 'json' },
    ...options.settings,
  };
  const file = join(stateDir, 'weir.yaml');
  writeFileSync(file, JSON.stringify(config, null, 2));
  const weir = new WeirProcess(scope, { args: ['up', '--config', file] });
  const edge = new TestEdge(weir, { stateDir, firstTcpPort });
  await edge.opened();
  if (options.untilReady !== false) await edge.ready();
  return edge;
}

function ownStateDir(scope: Scope): string {
  const stateDir = makeStateDir();
  scope.teardown(() => rmSync(stateDir, { recursive: true, force: true }));
  return stateDir;
}

/** What `/edge` says. */
export type EdgeStatus = {
  readonly unready: readonly string[];
  readonly revision: number;
  readonly stream: ReturnType<EdgeView['stream']>;
  readonly table: ReturnType<EdgeView['table']['sizes']>;
  readonly workers: ReturnType<EdgeView['workers']>;
  readonly listeners: ReturnType<EdgeView['listeners']>;
  readonly strayPorts: ReturnType<EdgeView['strayPorts']>;
  readonly rejected: ReturnType<EdgeView['rejectedRows']>;
};

/** What `/routes` says, as far as tests read it. */
export interface RoutesDocument {
  readonly revision: number;
  readonly routes: readonly LogEntry[];
  readonly ports: readonly LogEntry[];
  readonly rejected: readonly LogEntry[];
}

/** A running edge, seen from outside: by its sockets, its admin server and its log. */
export class TestEdge {
  readonly weir: WeirProcess;
  readonly stateDir: string;
  readonly firstTcpPort: number;
  #ports: ReadonlyMap<string, number> = new Map();

  constructor(weir: WeirProcess, place: { readonly stateDir: string; readonly firstTcpPort: number }) {
    this.weir = weir;
    this.stateDir = place.stateDir;
    this.firstTcpPort = place.firstTcpPort;
  }

  get tlsPort(): number {
    return this.port('tls');
  }

  get httpPort(): number {
    return this.port('http');
  }

  get adminPort(): number {
    return this.port('admin');
  }

  /** Resolves when the admin server is up; the log has the ports that the system chose. */
  async opened(): Promise<void> {
    const admin = await this.weir.entry({ msg: 'admin server is up' });
    const ports = new Map([['admin', Number(admin['port'])]]);
    for (const { msg, listener, port } of this.weir.entries()) {
      if (msg === 'listening') ports.set(String(listener), Number(port));
    }
    this.#ports = ports;
  }

  async ready(): Promise<void> {
    await this.#until('readiness', async () => (await this.get('/readyz')).status === 200);
  }

  /** One request to the admin server. */
  async get(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.adminPort}${path}`);
    return { status: response.status, body: await response.text() };
  }

  async status(): Promise<EdgeStatus> {
    return JSON.parse((await this.get('/edge')).body);
  }

  async routes(query = ''): Promise<RoutesDocument> {
    return JSON.parse((await this.get(`/routes${query}`)).body);
  }

  /** Every sample of `/metrics`, by its name with its labels as they are written there. */
  async metrics(): Promise<ReadonlyMap<string, number>> {
    const { body } = await this.get('/metrics');
    const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      samples.map((line) => [
        line.slice(0, line.lastIndexOf(' ')),
        Number(line.slice(line.lastIndexOf(' '))),
      ]),
    );
  }

  /** Asks `/edge` until `isTrue`; resolves with what it said then. */
  async until(
    what: string,
    isTrue: (status: EdgeStatus) => boolean,
    timeoutMs?: number,
  ): Promise<EdgeStatus> {
    return this.#until(
      what,
      async () => {
        const status = await this.status();
        return isTrue(status) && status;
      },
      timeoutMs,
    );
  }

  /** Resolves when every worker routes by this revision. */
  async applied(revision: number, timeoutMs?: number): Promise<void> {
    const isApplied = ({ workers }: EdgeStatus) =>
      workers.length > 0 && workers.every((worker) => worker.revision >= revision);
    await this.until(`revision ${revision} on every worker`, isApplied, timeoutMs);
  }

  /** The access log's line of the connection from this client port, which comes up to a second after its end. */
  async access(clientPort: number | undefined): Promise<LogEntry> {
    if (clientPort === undefined) throw new Error('a socket has no port any more: ask for it before its end');
    return this.weir.entry({ client_port: clientPort });
  }

  /**
   * Does something while only the worker `pid` accepts: the others are stopped, as a busy machine may do to them. Their
   * connections wait meanwhile.
   */
  async withOnly<Value>(pid: number, work: () => Promise<Value>): Promise<Value> {
    const others = (await this.status()).workers.filter((worker) => worker.pid !== pid);
    for (const other of others) process.kill(other.pid, 'SIGSTOP');
    try {
      return await work();
    } finally {
      for (const other of others) process.kill(other.pid, 'SIGCONT');
    }
  }

  /** Of the listener with this name, or of the admin server. */
  port(name: string): number {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`there is no ${name} listener\n${this.weir.tail()}`);
    return port;
  }

  async #until<Value>(what: string, ask: () => Promise<Value>, timeoutMs?: number) {
    try {
      return await until(
        what,
        async () => {
          if (this.weir.hasExited) throw new Error(`weir ended before ${what}`);
          return ask();
        },
        timeoutMs,
      );
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      const state = await this.get('/edge').then(({ body }) => body, String);
      throw new Error(`${message}\n${state}\n${this.weir.tail()}`);
    }
  }
}
