import { connect } from 'node:net';
import { percentile } from '../measure/statistics.ts';
import { captureHello } from './hello.ts';
import { ANSWER, type LoadDone, type ShortTask } from './task.ts';

const READ_BUFFER_BYTES = 64 * 1024;

/** Rejects as soon as one connection does not bring the whole answer: figures of a failing proxy mean nothing. */
export async function loadShort(task: ShortTask): Promise<LoadDone> {
  const exchange = prepareExchange(task.target.port, await captureHello(task.target.name));
  const latencies = new Float64Array(task.connections);
  const begun = performance.now();
  let started = 0;

  const lane = async (): Promise<void> => {
    while (started < task.connections) {
      const index = started;
      started += 1;
      latencies[index] = await exchange();
    }
  };
  await Promise.all(Array.from({ length: task.concurrency }, lane));

  const seconds = (performance.now() - begun) / 1000;
  return {
    kind: 'done',
    seconds,
    latencyMs: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
  };
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
