import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { captureHello } from './hello.ts';
import type { HoldTask, LoadDone } from './task.ts';

const OPENING_AT_ONCE = 64;

/** Connections that stay open through the proxy until they are released. */
export class HeldConnections {
  readonly #sockets: Socket[] = [];

  /** Resolves once each connection has had bytes back from the backend, so is past every peek: relaying. */
  async open(task: HoldTask): Promise<LoadDone> {
    const hello = await captureHello(task.target.name);
    const begun = performance.now();
    let started = 0;
    const lane = async (): Promise<void> => {
      while (started < task.connections) {
        started += 1;
        this.#sockets.push(await openOne(task.target.port, hello));
      }
    };
    await Promise.all(Array.from({ length: OPENING_AT_ONCE }, lane));
    return { kind: 'done', seconds: (performance.now() - begun) / 1000, latencyMs: null };
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

async function openOne(port: number, hello: Buffer): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write(hello);
  await once(socket, 'data');
  // A reset while held shows at the release.
  socket.on('error', () => {});
  return socket;
}
