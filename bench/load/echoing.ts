import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { captureHello } from './hello.ts';
import type { Target } from './task.ts';

const ECHO_INTERVAL_MS = 100;
const ECHO_DEADLINE_MS = 5_000;
const ECHO_BYTES = 64;

/** Connections that relay a little all the time, to see whether something disturbs them. */
export interface Echoing {
  /** Ends them and returns how many echoes came back in all; rejects when one connection had broken or an echo was wrong. */
  stop(): Promise<number>;
}

/** Resolves once each of them has had its hello back. */
export async function startEchoing(target: Target, connections: number): Promise<Echoing> {
  const hello = await captureHello(target.name);
  const sockets = await Promise.all(
    Array.from({ length: connections }, async () => {
      const socket = connect(target.port, '127.0.0.1');
      // A break is found by whoever waits for the next echo.
      socket.on('error', () => {});
      await exchange(socket, hello);
      return socket;
    }),
  );
  const stopping = new AbortController();
  const running = Promise.allSettled(sockets.map((socket) => echoUntil(socket, stopping.signal)));
  return {
    async stop() {
      stopping.abort();
      const ended = await running;
      for (const socket of sockets) socket.destroy();
      const broken = ended.filter((one) => one.status === 'rejected');
      if (broken.length > 0) {
        throw new Error(`${broken.length} of ${connections} running connections broke: ${broken[0]?.reason}`);
      }
      return ended.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value : 0), 0);
    },
  };
}

async function echoUntil(socket: Socket, signal: AbortSignal): Promise<number> {
  for (let echoes = 0; ; echoes += 1) {
    if (signal.aborted) return echoes;
    await exchange(socket, randomBytes(ECHO_BYTES));
    await delay(ECHO_INTERVAL_MS);
  }
}

async function exchange(socket: Socket, sent: Buffer): Promise<void> {
  const deadline = AbortSignal.timeout(ECHO_DEADLINE_MS);
  const echoed: Buffer[] = [];
  socket.write(sent);
  for (let received = 0; received < sent.length; ) {
    if (socket.destroyed || socket.readableEnded) throw new Error('the connection ended');
    const [chunk] = await once(socket, 'data', { signal: deadline });
    echoed.push(chunk);
    received += chunk.length;
  }
  if (!Buffer.concat(echoed).equals(sent)) throw new Error('the echo is not what was sent');
}
