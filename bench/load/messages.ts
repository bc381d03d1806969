import type { Socket } from 'node:net';
import { latencyOf, steadily } from './pace.ts';
import type { LoadDone, MessagesTask } from './task.ts';

/** A keystroke, a heartbeat, a small query: what gains nothing from being moved in bulk. */
const MESSAGE = Buffer.alloc(64, 'm');
const ANSWERS_DEADLINE_MS = 10_000;

/**
 * One message after the other, each on the next of the connections, and each measured from its write until the last of
 * its bytes is back. A slow answer does not hold up the next message. Rejects when a connection ends or echoes are missing.
 */
export async function exchangeMessages(
  sockets: readonly Socket[],
  { messages, perSecond }: MessagesTask,
): Promise<LoadDone> {
  const samples = new Float64Array(messages);
  const { promise: answered, resolve, reject } = Promise.withResolvers<void>();
  let done = 0;
  const lines = sockets.map((socket) => {
    const sentAt: number[] = [];
    let received = 0;
    const onData = (chunk: Buffer): void => {
      for (received += chunk.length; received >= MESSAGE.length; received -= MESSAGE.length) {
        samples[done] = performance.now() - (sentAt.shift() ?? Number.NaN);
        done += 1;
      }
      if (done === messages) resolve();
    };
    const onClose = (): void => reject(new Error('a connection ended among the messages'));
    socket.on('data', onData).on('close', onClose);
    return { socket, sentAt, stop: () => socket.off('data', onData).off('close', onClose).resume() };
  });

  const begun = performance.now();
  const late = setTimeout(
    () => reject(new Error(`${messages - done} of ${messages} messages did not come back`)),
    (messages / perSecond) * 1000 + ANSWERS_DEADLINE_MS,
  );
  try {
    const sent = steadily(perSecond, messages, (index) => {
      const line = lines[index % lines.length];
      line?.sentAt.push(performance.now());
      line?.socket.write(MESSAGE);
    });
    await Promise.all([sent, answered]);
  } finally {
    clearTimeout(late);
    for (const line of lines) line.stop();
  }
  return { kind: 'done', seconds: (performance.now() - begun) / 1000, latencyMs: latencyOf(samples) };
}
