import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { captureHello } from './hello.ts';
import { exchangeMessages } from './messages.ts';
import { atPace } from './pace.ts';
import type { HoldTask, LoadDone, MessagesTask, Pace, Target } from './task.ts';

const OPENING_AT_ONCE: Pace = { kind: 'lanes', count: 64 };
const ECHO_DEADLINE_MS = 10_000;
/** Linux has some 28,000 ports for one pair of address and port; each address of 127.0.0.0/8 has its own. */
const CONNECTIONS_PER_SOURCE = 15_000;

/** Connections that stay open through the proxy until they are released. */
export class HeldConnections {
  readonly #sockets: Socket[] = [];

  /** Resolves once each connection has had bytes back from the backend, so is past every peek: relaying. */
  async open({ targets, connections, pace = OPENING_AT_ONCE }: HoldTask): Promise<LoadDone> {
    const openers = await Promise.all(targets.map(openerOf));
    const begun = performance.now();
    let started = 0;
    await atPace(pace, connections, async () => {
      const index = started;
      started += 1;
      const openedAt = performance.now();
      const open = openers[index % openers.length];
      if (open !== undefined) this.#sockets.push(await open(sourceOf(index)));
      return performance.now() - openedAt;
    });
    return { kind: 'done', seconds: (performance.now() - begun) / 1000, latencyMs: null };
  }

  /** Rejects when one of them ends meanwhile. */
  exchange(task: MessagesTask): Promise<LoadDone> {
    return exchangeMessages(this.#sockets, task);
  }

  /** Rejects when one of them had ended by itself. */
  async release(): Promise<LoadDone> {
    const begun = performance.now();
    const sockets = this.#sockets.splice(0);
    const ended = sockets.filter((socket) => socket.destroyed).length;
    if (ended > 0) throw new Error(`${ended} of ${sockets.length} held connections had ended`);
    for (const socket of sockets) socket.destroy();
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
    return { kind: 'done', seconds: (performance.now() - begun) / 1000, latencyMs: null };
  }
}

async function openerOf({ port, name }: Target): Promise<(source: string | undefined) => Promise<Socket>> {
  const hello = await captureHello(name);
  return async (localAddress) => {
    const socket = connect({ port, host: '127.0.0.1', ...(localAddress && { localAddress }) });
    socket.write(hello);
    const signal = AbortSignal.timeout(ECHO_DEADLINE_MS);
    for (let received = 0; received < hello.length; ) {
      const [chunk] = await once(socket, 'data', { signal }).catch((cause) => {
        throw new Error(`${received} of ${hello.length} bytes came back: ${cause}`, { cause });
      });
      received += chunk.length;
    }
    // A reset while held shows at the release.
    socket.on('error', () => {});
    return socket;
  };
}

/** The first ones leave it to the kernel, which may then take a port again that is in TIME_WAIT; a bound one may not be. */
function sourceOf(index: number): string | undefined {
  const block = Math.floor(index / CONNECTIONS_PER_SOURCE);
  return block === 0 ? undefined : `127.0.0.${1 + block}`;
}
