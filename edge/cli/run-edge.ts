import type { Logger } from 'pino';
import type { Config, ListenerConfig } from '../../config/config.ts';
import { DatabaseError } from '../../routing/control/database-error.ts';
import type { EmbeddedPostgres } from '../../routing/control/embedded-postgres.ts';
import { type ChosenEngine, chooseEngine } from '../engine/choose.ts';
import { Edge } from '../process/edge.ts';
import { ListenError } from '../process/listen-error.ts';
import { EXIT_CODES } from './exit-code.ts';
import { reportFailure } from './failure.ts';
import { StopSignal } from './stop-signal.ts';

interface RunningEdge {
  readonly edge: Edge;
  /** For commands; null where the database is not ours. */
  readonly controlUrl: string | null;
}

export interface RunOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Logger;
  /** Called once the edge has its sockets. What it starts is ended by the function that it returns. */
  readonly onUp?: (running: RunningEdge) => Promise<() => Promise<void>>;
}

/**
 * Runs an edge, with an embedded PostgreSQL and its projector where the configuration says so, until SIGINT, SIGTERM or
 * SIGHUP; a second signal cuts the drain short. Answers with the exit code, when nothing is left running.
 */
export async function runEdge(options: RunOptions): Promise<number> {
  const { config, version, log, onUp } = options;
  const engine = chooseEngine(config.engine);
  if (engine.kind === 'unavailable') return reportFailure({ code: 'failed', message: engine.reason }, false);
  const stop = new StopSignal();
  const ending: (() => Promise<void>)[] = [];
  try {
    let databaseUrl = config.database.kind === 'url' ? config.database.url : '';
    let controlUrl: string | null = null;
    if (config.database.kind === 'embedded') {
      const database = await EmbeddedDatabase.start(config, log);
      ending.push(() => database.stop());
      ({ edgeUrl: databaseUrl, controlUrl } = database);
    }
    if (!stop.isAsked) {
      const edge = await Edge.start({ config, engine: engine.name, databaseUrl, version, log });
      ending.push(() => edge.stop());
      stop.onSecond(() => edge.hurry());
      logPlaces(edge, log);
      logEngine(engine, log);
      if (onUp !== undefined) ending.push(await onUp({ edge, controlUrl }));
      await stop.asked;
    }
    log.info(
      { drain_ms: config.timeouts.drainMs },
      'stopping: no new connections, live ones go on until the deadline',
    );
    return EXIT_CODES.ok;
  } catch (error) {
    // Ctrl-C in a terminal reaches initdb too, and a start that was given up has not failed.
    if (!stop.isAsked) return failedStart(error);
    log.warn({ err: error }, 'the start was given up');
    return EXIT_CODES.ok;
  } finally {
    for (const end of ending.toReversed()) {
      await end().catch((error: unknown) => log.error({ err: error }, 'something did not end in order'));
    }
    if (ending.length > 0) log.info('stopped');
    // Signals no longer end the process by themselves, so nothing that was forgotten may keep it.
    setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
  }
}

const EXIT_GRACE_MS = 2_000;

/** The database of an edge that has no other, and its projector. Comes back by itself when it is killed. */
class EmbeddedDatabase {
  readonly edgeUrl: string;
  readonly controlUrl: string;
  readonly #config: Config;
  readonly #log: Logger;
  readonly #projecting = new AbortController();
  readonly #projector: Promise<void>;
  #server: EmbeddedPostgres;
  #isStopping = false;
  #restarting: Promise<void> = Promise.resolve();

  static async start(config: Config, log: Logger): Promise<EmbeddedDatabase> {
    const { startEmbeddedPostgres } = await import('../../routing/control/embedded-postgres.ts');
    const { runProjector } = await import('../../routing/control/projector.ts');
    const server = await startEmbeddedPostgres({ stateDir: config.stateDir, log });
    try {
      await definePool(server.controlUrl, config.listeners);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return new EmbeddedDatabase(config, log, server, runProjector);
  }

  private constructor(
    config: Config,
    log: Logger,
    server: EmbeddedPostgres,
    project: (options: { url: string; log: Logger; signal: AbortSignal }) => Promise<void>,
  ) {
    this.#config = config;
    this.#log = log;
    this.#server = server;
    this.edgeUrl = server.edgeUrl;
    this.controlUrl = server.controlUrl;
    this.#projector = project({ url: server.controlUrl, log, signal: this.#projecting.signal });
    this.#watch();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#projecting.abort();
    await this.#restarting;
    await Promise.all([this.#server.stop(), this.#projector]);
  }

  #watch(): void {
    void this.#server.exited.then(({ isExpected, code, signal }) => {
      if (isExpected || this.#isStopping) return;
      this.#log.error({ code, signal }, 'the embedded PostgreSQL ended unexpectedly and is started again');
      this.#restarting = this.#restart();
    });
  }

  async #restart(): Promise<void> {
    const { startEmbeddedPostgres } = await import('../../routing/control/embedded-postgres.ts');
    for (let delayMs = 200; !this.#isStopping; delayMs = Math.min(delayMs * 2, MAX_RESTART_DELAY_MS)) {
      try {
        this.#server = await startEmbeddedPostgres({ stateDir: this.#config.stateDir, log: this.#log });
        if (this.#server.edgeUrl !== this.edgeUrl) {
          this.#log.error('its port was taken meanwhile, so this edge cannot find it again: restart weir');
        }
        this.#watch();
        return;
      } catch (error) {
        this.#log.error({ err: error }, 'the embedded PostgreSQL does not start');
        await new Promise((resolve) => setTimeout(resolve, delayMs));
      }
    }
  }
}

const MAX_RESTART_DELAY_MS = 10_000;

/** Ports are allocated from what this edge listens on: with a database of its own there is nobody else to say. */
async function definePool(controlUrl: string, listeners: readonly ListenerConfig[]): Promise<void> {
  const tcp = listeners.find(({ kind }) => kind === 'tcp');
  if (tcp?.kind !== 'tcp') return;
  const { openControl } = await import('../../routing/control/open-control.ts');
  const control = await openControl({ url: controlUrl });
  try {
    const { first, last } = tcp.ports;
    await control.definePortPool({ first, last }, { actor: 'weir', reason: 'the range of the tcp listener' });
  } finally {
    await control.close();
  }
}

function logEngine({ name, shortcoming }: Chosen, log: Logger): void {
  if (shortcoming === null) log.info({ engine: name }, `the ${name} engine moves the bytes`);
  else
    log.info({ engine: name }, `the ${name} engine moves the bytes, not the splice engine: ${shortcoming}`);
}

type Chosen = Extract<ChosenEngine, { kind: 'chosen' }>;

function logPlaces(edge: Edge, log: Logger): void {
  for (const { name, address, port, peek } of edge.listeners) {
    log.info({ listener: name, peek, address, port }, 'listening');
  }
  if (edge.admin !== null)
    log.info({ address: edge.admin.address, port: edge.admin.port }, 'admin server is up');
}

function failedStart(error: unknown): number {
  if (error instanceof DatabaseError) {
    return reportFailure({ code: 'database-unavailable', reason: error.code, message: error.message }, false);
  }
  if (error instanceof ListenError)
    return reportFailure({ code: 'failed', reason: error.code, message: error.message }, false);
  const defect = error instanceof Error ? error : new Error(String(error));
  return reportFailure({ code: 'failed', message: defect.message }, false);
}
