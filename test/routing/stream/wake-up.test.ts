import test from 'ava';
import { backoffMs } from '../../../routing/stream/backoff.ts';
import { WakeUp } from '../../../routing/stream/wake-up.ts';

test('wakes at a ring, long before the time is up', async (t) => {
  const wake = new WakeUp();
  const sleeping = wake.sleep(60_000);
  wake.ring();
  wake.ring();
  await sleeping;
  t.pass();
});

test('keeps one ring for whoever is not asleep yet', async (t) => {
  const wake = new WakeUp();
  wake.ring();
  wake.ring();
  await wake.sleep(60_000);
  const start = performance.now();
  await wake.sleep(20);
  t.true(performance.now() - start >= 15);
});

test('waits longer from attempt to attempt, never longer than 5 s, and never the same for all', (t) => {
  t.deepEqual(
    [0, 1, 2, 5, 6, 1000].map((attempt) => backoffMs(attempt, 0)),
    [50, 100, 200, 1600, 2500, 2500],
  );
  t.is(backoffMs(0, 0.5), 75);
  t.true(backoffMs(10_000, 0.999) < 5_000);
});
