import test from 'ava';
import type { Outcome } from '../../../edge/connection/outcome.ts';
import { REASONS } from '../../../edge/connection/outcome.ts';
import {
  COUNTER,
  Counters,
  emptySnapshot,
  isCounterSnapshot,
  sumSnapshots,
} from '../../../edge/observe/counters.ts';

const OUTCOME: Outcome = {
  reason: 'completed',
  listener: 'tls',
  clientAddress: '192.0.2.1',
  clientPort: 50_000,
  peer: null,
  uniqueId: null,
  privateLink: null,
  serverName: 'www.example.com',
  route: 'tls/www.example.com',
  service: 'acme/web/production/web',
  hasEch: false,
  ja4: null,
  backend: '10.0.0.1:443',
  bytesFromClient: 100,
  bytesFromBackend: 2000,
  dials: 2,
  decideMs: 1,
  dialMs: 3,
  durationMs: 10,
};

test('each connection is counted once, under its listener and its reason', (t) => {
  const counters = new Counters(['http', 'tls']);
  counters.add(OUTCOME);
  counters.add({ ...OUTCOME, reason: 'unknown-name', bytesFromBackend: 0, dials: 0, dialMs: null });
  counters.add({ ...OUTCOME, listener: 'http' });
  const [http, tls] = counters.snapshot();
  t.is(tls?.[REASONS.indexOf('completed')], 1);
  t.is(tls?.[REASONS.indexOf('unknown-name')], 1);
  t.is(http?.[REASONS.indexOf('completed')], 1);
  t.is(tls?.[COUNTER.bytesFromClient], 200);
  t.is(tls?.[COUNTER.bytesFromBackend], 2000);
  t.is(tls?.[COUNTER.dials], 2);
  t.is(tls?.[COUNTER.dialCount], 1);
  t.is(tls?.[COUNTER.dialSeconds], 0.003);
});

test('a dial time falls into the first bucket that holds it, and one beyond all of them only into the count', (t) => {
  const counters = new Counters(['tls']);
  counters.add({ ...OUTCOME, dialMs: 0.5 });
  counters.add({ ...OUTCOME, dialMs: 60_000 });
  const [row = []] = counters.snapshot();
  t.is(row[COUNTER.dialBuckets], 1);
  t.is(row[COUNTER.dialCount], 2);
  t.is(
    row.slice(COUNTER.dialBuckets).reduce((sum, each) => sum + each, 0),
    1,
  );
});

test('a snapshot survives JSON, and sums are those of its parts', (t) => {
  const counters = new Counters(['tls']);
  counters.add(OUTCOME);
  const received: unknown = JSON.parse(JSON.stringify(counters.snapshot()));
  if (!isCounterSnapshot(received, 1)) return t.fail('not taken for a snapshot');
  const twice = sumSnapshots(received, sumSnapshots(emptySnapshot(1), received));
  t.is(twice[0]?.[COUNTER.bytesFromBackend], 4000);
});

test('what is not a snapshot for these listeners is not taken for one', (t) => {
  const good = emptySnapshot(2);
  t.true(isCounterSnapshot(good, 2));
  t.false(isCounterSnapshot(good, 1));
  t.false(isCounterSnapshot([[1, 2], [3]], 2));
  t.false(isCounterSnapshot([good[0], good[0]?.map(() => 'x')], 2));
  t.false(isCounterSnapshot(null, 0));
});
