import { Socket } from 'node:net';
import pg from 'pg';

/** A dead server is noticed by the connection's own keep-alive after about this long where nothing is asked of it. */
const KEEP_ALIVE_DELAY_MS = 10_000;

export interface LinkTimeouts {
  readonly connectMs: number;
  /** For one statement. */
  readonly queryMs: number;
}

/**
 * How `pg` is to connect, together with the socket that it will use, so that a connection to a server that has fallen
 * silent can be ended without asking that server. Good for one client.
 *
 * Nothing here needs a startup parameter that poolers refuse: the timeouts are kept on this side.
 */
export function linkConfig(
  url: string,
  timeouts: LinkTimeouts,
): { readonly config: pg.ClientConfig; readonly socket: Socket } {
  const socket = new Socket();
  const config: pg.ClientConfig = {
    connectionString: url,
    connectionTimeoutMillis: timeouts.connectMs,
    query_timeout: timeouts.queryMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_DELAY_MS,
    application_name: 'weir edge',
    stream: () => socket,
  };
  return { config, socket };
}

/** One connection for statements, from its start to its end. */
export class DatabaseLink {
  readonly client: pg.Client;
  readonly #socket: Socket;
  #isOpen = false;
  #failure: Error | null = null;

  constructor(url: string, timeouts: LinkTimeouts, onLost: () => void) {
    const { config, socket } = linkConfig(url, timeouts);
    this.#socket = socket;
    this.client = new pg.Client(config);
    const lose = (error: Error): void => {
      this.#failure ??= error;
      onLost();
    };
    this.client.on('error', lose);
    this.client.on('end', () => lose(new Error('the connection was closed')));
  }

  /** Rejects where the connection cannot be had. */
  async open(): Promise<void> {
    await this.client.connect();
    this.#isOpen = true;
  }

  /** Throws what ended the connection, if something did. */
  assertAlive(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Ends the connection from this side; statements under way reject. */
  close(): void {
    // `end` on a client that is still connecting would leave `connect` without an answer for ever.
    if (!this.#isOpen || this.#failure !== null) {
      this.#socket.destroy();
      return;
    }
    this.client.end().catch(() => {});
    this.#socket.destroySoon();
  }
}
