import { setTimeout as delay } from 'node:timers/promises';

const TIMEOUT_MS = 20_000;
const POLL_MS = 20;

/**
 * Asks again and again until the answer is neither undefined, null nor false, and resolves with it. For what cannot be
 * awaited: the state of another process.
 *
 * Rejects after `timeoutMs` (default 20 s), naming `what`.
 */
export async function until<Value>(
  what: string,
  ask: () => Promise<Value> | Value,
  timeoutMs = TIMEOUT_MS,
): Promise<Exclude<Value, undefined | null | false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined && answer !== null && answer !== false) {
      return answer as Exclude<Value, undefined | null | false>;
    }
    if (performance.now() > deadline) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await delay(POLL_MS);
  }
}

/** Rejects, naming `what`, where `promise` takes longer than `timeoutMs` (default 20 s). */
export async function within<Value>(
  what: string,
  promise: Promise<Value>,
  timeoutMs = TIMEOUT_MS,
): Promise<Value> {
  const over = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: over.signal }).then(
    () => {
      throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    },
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    over.abort();
  }
}
