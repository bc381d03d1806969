import test from 'ava';
import { TICK_MS, Timed, TimerWheel } from '../../../edge/engine/node/timer-wheel.ts';

class Alarm extends Timed {
  readonly rung = Promise.withResolvers<number>();
  count = 0;
  readonly #onRing: () => void;

  constructor(onRing: () => void = () => {}) {
    super();
    this.#onRing = onRing;
  }

  override expire(): void {
    this.count += 1;
    this.rung.resolve(performance.now());
    this.#onRing();
  }
}

/** The wheel never keeps a process alive, so a test that only waits for it has to. */
function keepAlive(t: { teardown(end: () => void): void }): void {
  const timer = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(timer));
}

test.serial('a timer expires after its delay, never before', async (t) => {
  keepAlive(t);
  const wheel = new TimerWheel();
  const delays = [0, 1, TICK_MS - 1, TICK_MS, TICK_MS + 1, 3 * TICK_MS];
  await Promise.all(
    delays.map(async (delay) => {
      const alarm = new Alarm();
      const start = performance.now();
      wheel.arm(alarm, delay);
      t.true((await alarm.rung.promise) - start >= delay);
      t.is(alarm.count, 1);
    }),
  );
});

test.serial('a timer that was disarmed or armed anew does not expire at its first time', async (t) => {
  keepAlive(t);
  const wheel = new TimerWheel();
  const [disarmed, later, last] = [new Alarm(), new Alarm(), new Alarm()];
  wheel.arm(disarmed, TICK_MS);
  wheel.arm(later, TICK_MS);
  wheel.arm(last, 2 * TICK_MS);
  wheel.disarm(disarmed);
  wheel.disarm(disarmed);
  const start = performance.now();
  wheel.arm(later, 6 * TICK_MS);
  await last.rung.promise;
  t.is(later.count, 0);
  t.true((await later.rung.promise) - start >= 6 * TICK_MS);
  t.is(disarmed.count, 0);
});

test.serial('what expires may arm itself again and disarm others of the same tick', async (t) => {
  keepAlive(t);
  const wheel = new TimerWheel();
  const done = Promise.withResolvers<void>();
  const victim = new Alarm();
  const killer: Alarm = new Alarm(() => {
    wheel.disarm(victim);
    if (killer.count === 3) done.resolve();
    else wheel.arm(killer, 0);
  });
  // The last one armed is the first one in its slot.
  wheel.arm(victim, TICK_MS);
  wheel.arm(killer, TICK_MS);
  await done.promise;
  t.is(victim.count, 0);
});

test.serial('a timer further away than one turn of the wheel waits for its turn', async (t) => {
  keepAlive(t);
  const wheel = new TimerWheel();
  const [far, near] = [new Alarm(), new Alarm()];
  wheel.arm(far, 1024 * TICK_MS + TICK_MS);
  wheel.arm(near, 4 * TICK_MS);
  await near.rung.promise;
  t.is(far.count, 0);
  wheel.disarm(far);
});

test.serial('a stall of the event loop makes timers late, and loses none', async (t) => {
  keepAlive(t);
  const wheel = new TimerWheel();
  const alarms = Array.from({ length: 20 }, () => new Alarm());
  for (const [index, alarm] of alarms.entries()) wheel.arm(alarm, index * TICK_MS);
  const until = performance.now() + 12 * TICK_MS;
  while (performance.now() < until) Math.random();
  await Promise.all(alarms.map((alarm) => alarm.rung.promise));
  t.true(alarms.every(({ count }) => count === 1));
});
