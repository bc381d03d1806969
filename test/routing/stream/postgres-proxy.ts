import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Transform } from 'node:stream';
import type { ExecutionContext } from 'ava';

/** Stands between an edge and PostgreSQL, and gets in its way. */
export class PostgresProxy {
  readonly url: string;
  /** As a pooler in transaction mode does: LISTEN is accepted, and nothing is ever heard. */
  dropsNotifications = false;
  /** As a network that loses everything does: connections stay, and nothing is answered. */
  isSilent = false;
  /** As a network that is cut in two does: whoever connects is cut off at once. */
  isClosed = false;
  /** Reads of the change stream that passed. */
  reads = 0;
  /** Called with each of them. */
  onRead: () => void = () => {};
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, target: URL) {
    const { port } = server.address() as AddressInfo;
    this.url = Object.assign(new URL(target), { host: `127.0.0.1:${port}` }).href;
    server.on('connection', (client) => this.#join(client, target));
  }

  static async open(t: Pick<ExecutionContext, 'teardown'>, url: string): Promise<PostgresProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new PostgresProxy(server, new URL(url));
    t.teardown(() => {
      server.close();
      proxy.cut();
    });
    return proxy;
  }

  /** Resets every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  /** Resolves when `count` more reads have been sent. */
  async untilReads(count: number): Promise<void> {
    const goal = this.reads + count;
    await new Promise<void>((resolve) => {
      this.onRead = () => {
        if (this.reads >= goal) resolve();
      };
    });
  }

  #join(client: Socket, target: URL): void {
    if (this.isClosed) {
      client.on('error', () => {}).resetAndDestroy();
      return;
    }
    const server = connect(Number(target.port), target.hostname);
    for (const socket of [client, server]) {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#sockets.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    client.on('data', (bytes) => {
      if (!bytes.includes('left join lateral')) return;
      this.reads += 1;
      this.onRead();
    });
    client.pipe(server);
    server.pipe(this.#filter()).pipe(client);
  }

  /** PostgreSQL documentation §54.7: each message is a type, the length of the rest as an int32 with itself, the rest. */
  #filter(): Transform {
    let rest: Buffer = Buffer.alloc(0);
    const filter = new Transform({
      transform: (bytes: Buffer, _encoding, done) => {
        rest = Buffer.concat([rest, bytes]);
        while (rest.length >= 5) {
          const size = 1 + rest.readInt32BE(1);
          if (rest.length < size) break;
          const isNotification = rest[0] === NOTIFICATION_RESPONSE;
          const passes = !this.isSilent && !(isNotification && this.dropsNotifications);
          if (passes) filter.push(rest.subarray(0, size));
          rest = rest.subarray(size);
        }
        done();
      },
    });
    return filter;
  }
}

const NOTIFICATION_RESPONSE = 'A'.charCodeAt(0);
