import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** How long the server's first words are held back, so that all that a client says on its own has come. */
const HOLD_MS = 300;

/** A port that passes connections on to a server and keeps what each client said before it heard a word. */
export interface Tap {
  readonly port: number;
  /** One for each connection, in the order of their accepts. */
  readonly firstFlights: readonly Buffer[];
  close(): void;
}

export async function openTap(serverPort: number): Promise<Tap> {
  const firstFlights: Buffer[] = [];
  const sockets = new Set<net.Socket>();
  const listener = net.createServer((client) => {
    const at = firstFlights.push(Buffer.alloc(0)) - 1;
    let hasAnswer = false;
    let held = Promise.resolve();
    const server = net.connect(serverPort, '127.0.0.1');
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => {});
    }
    client.on('data', (chunk) => {
      if (!hasAnswer) firstFlights[at] = Buffer.concat([firstFlights[at] ?? Buffer.alloc(0), chunk]);
      server.write(chunk);
    });
    server.on('data', (chunk) => {
      held = held.then(async () => {
        if (!hasAnswer) await delay(HOLD_MS);
        hasAnswer = true;
        client.write(chunk);
      });
    });
    client.on('close', () => server.destroy());
    server.on('close', () => void held.then(() => client.end()));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    firstFlights,
    close: () => {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
