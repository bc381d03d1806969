import autocannon from 'autocannon';
import { latencyOf } from './pace.ts';
import type { KeepAliveTask, LoadDone } from './task.ts';

/** By autocannon, which rounds its own latencies to milliseconds: these are from its events. Rejects when a request failed. */
export async function loadKeepAlive(task: KeepAliveTask): Promise<LoadDone> {
  const samples: number[] = [];
  const begun = performance.now();
  let ended = begun;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url: `https://127.0.0.1:${task.target.port}/`,
        servername: task.target.name,
        headers: { host: task.target.name },
        connections: task.connections,
        amount: task.requests,
      },
      (error, done) => (error === null ? resolve(done) : reject(error)),
    );
    instance.on('response', (_client, _status, _bytes, responseMs) => {
      samples.push(responseMs);
      ended = performance.now();
    });
  });
  const failed = result.errors + result.timeouts + result.non2xx;
  if (failed > 0 || samples.length !== task.requests) {
    throw new Error(`${samples.length} of ${task.requests} requests were answered, ${failed} failed`);
  }
  return {
    kind: 'done',
    seconds: (ended - begun) / 1000,
    latencyMs: latencyOf(Float64Array.from(samples)),
  };
}
