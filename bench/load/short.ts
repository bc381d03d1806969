import { connect } from 'node:net';
import { captureHello } from './hello.ts';
import { atPace, latencyOf } from './pace.ts';
import { ANSWER, type LoadDone, type ShortTask } from './task.ts';

const READ_BUFFER_BYTES = 64 * 1024;

/** Rejects as soon as one connection does not bring the whole answer: figures of a failing proxy mean nothing. */
export async function loadShort(task: ShortTask): Promise<LoadDone> {
  const exchange = prepareExchange(task.target.port, await captureHello(task.target.name));
  const begun = performance.now();
  const samples = await atPace(task.pace, task.connections, exchange);
  return { kind: 'done', seconds: (performance.now() - begun) / 1000, latencyMs: latencyOf(samples) };
}

/** One connection from its connect to its close, in milliseconds. All share one read buffer: nobody looks at the answer. */
function prepareExchange(port: number, hello: Buffer): () => Promise<number> {
  const buffer = Buffer.allocUnsafe(READ_BUFFER_BYTES);
  return () =>
    new Promise((resolve, reject) => {
      const begun = performance.now();
      let received = 0;
      const callback = (bytes: number): boolean => {
        received += bytes;
        return true;
      };
      const socket = connect({ port, host: '127.0.0.1', onread: { buffer, callback } });
      socket.on('error', reject);
      socket.on('close', () => {
        if (received === ANSWER.length) resolve(performance.now() - begun);
        else reject(new Error(`a connection brought ${received} bytes, not ${ANSWER.length}`));
      });
      socket.write(hello);
    });
}
