import test from 'ava';
import fc from 'fast-check';
import { hasCandidate, weightedCandidates } from '../../../edge/upstream/weighted.ts';
import { RouteTable } from '../../../routing/table/route-table.ts';
import type { BoundRoute } from '../../../routing/table/table.ts';
import { endpointRow, gone, hostname, portRow, routeRow } from '../../routing/table/sample-rows.ts';

/** A route to processes with these weights, each with so many endpoints (one where it is not said). */
function bind(weights: readonly number[], ready: readonly number[] = []) {
  const table = new RouteTable();
  const [first, ...others] = weights.map((weight, at) => ({
    process: `p${at}`,
    backendPort: 8000 + at,
    weight,
  }));
  table.apply(routeRow('a.com', { ...first, others }));
  weights.forEach((_, at) => {
    for (let instance = 0; instance < (ready[at] ?? 1); instance += 1) {
      const address = `fd00::${at}:${instance}`;
      table.apply(endpointRow(`i${instance}`, { process: `p${at}`, address }));
    }
  });
  const bound = table.route('tls', hostname('a.com'));
  if (bound === null) throw new Error('there is no route');
  bound.turn = 0;
  return { table, bound };
}

/** Which backend each of so many connections goes to first, by its place. */
function firsts(bound: BoundRoute, count: number): readonly number[] {
  return Array.from({ length: count }, () => (weightedCandidates(bound)[0]?.port ?? 7999) - 8000);
}

function countsOf(places: readonly number[], backends: number): number[] {
  const counts = new Array<number>(backends).fill(0);
  for (const place of places) counts[place] = (counts[place] ?? 0) + 1;
  return counts;
}

test('a route with one backend goes round its endpoints as ever', (t) => {
  const { bound } = bind([1], [2]);
  bound.service.turn = 0;
  t.deepEqual(
    [1, 2, 3].map(() => weightedCandidates(bound)[0]?.address),
    ['fd00::0:0', 'fd00::0:1', 'fd00::0:0'],
  );
});

test('connections are shared out by weight, far closer than by chance', (t) => {
  for (const weights of [
    [95, 5],
    [1, 1],
    [1, 1, 1],
    [50, 30, 20],
    [999_999, 1],
    Array.from({ length: 16 }, (_, at) => at),
  ]) {
    const count = 10_000;
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const counts = countsOf(firsts(bind(weights).bound, count), weights.length);
    const chiSquare = weights.reduce((sum, weight, at) => {
      const expected = (count * weight) / total;
      return expected === 0 ? sum : sum + ((counts[at] ?? 0) - expected) ** 2 / expected;
    }, 0);
    // Chance alone would be about as large as there are backends.
    t.true(chiSquare < 1, `${weights}: ${counts} (${chiSquare})`);
    for (const [at, weight] of weights.entries()) if (weight === 0) t.is(counts[at], 0);
  }
});

test('the share of a small backend is spread evenly over the connections, wherever they begin', (t) => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (start) => {
      const { bound } = bind([95, 5]);
      bound.turn = start;
      const places = firsts(bound, 400);
      for (let at = 0; at + 100 <= places.length; at += 1) {
        const small = countsOf(places.slice(at, at + 100), 2)[1] ?? 0;
        if (small < 3 || small > 7) throw new Error(`${small} of 100 from ${at} on`);
      }
    }),
    { numRuns: 50, seed: 1 },
  );
  t.pass();
});

test('the same turn leads to the same choices', (t) => {
  t.deepEqual(firsts(bind([5, 3, 2]).bound, 200), firsts(bind([5, 3, 2]).bound, 200));
});

test('a backend that has no endpoint costs nobody a connection', (t) => {
  const { table, bound } = bind([95, 5], [1, 0]);
  t.deepEqual(countsOf(firsts(bound, 100), 2), [100, 0]);
  table.apply(endpointRow('i0', { process: 'p1', address: 'fd00::1:0' }));
  const canary = countsOf(firsts(bound, 1000), 2)[1] ?? 0;
  t.true(canary >= 49 && canary <= 51, String(canary));
  table.apply(gone(endpointRow('i0', { process: 'p0' })));
  t.deepEqual(countsOf(firsts(bound, 100), 2), [0, 100]);
});

test('weight 0 gets nothing, not even where nobody else is there', (t) => {
  const { bound } = bind([1, 0], [0, 3]);
  t.false(hasCandidate(bound));
  t.deepEqual(weightedCandidates(bound), []);
  const served = bind([0, 1], [3, 1]).bound;
  t.true(hasCandidate(served));
  t.deepEqual(weightedCandidates(served), [
    { address: 'fd00::1:0', port: 8001, service: 'acme/shop/prod/p1' },
  ]);
});

test('after the endpoints of the chosen backend come those of the others in order, each with its own port', (t) => {
  const { bound } = bind([1, 1_000_000, 1, 1, 0], [2, 1, 0, 2, 2]);
  bound.turn = 0.5;
  for (const service of [bound.service, ...bound.others]) service.turn = 0;
  t.deepEqual(weightedCandidates(bound), [
    { address: 'fd00::1:0', port: 8001, service: 'acme/shop/prod/p1' },
    { address: 'fd00::0:0', port: 8000, service: 'acme/shop/prod/p0' },
    { address: 'fd00::0:1', port: 8000, service: 'acme/shop/prod/p0' },
  ]);
  t.is(bound.service.turn, 0);
});

test('a turn at the very end of the circle still chooses somebody', (t) => {
  for (const weights of [
    [1, 1],
    [3, 1_000_000, 7],
    [1_000_000, 1_000_000, 999_999],
  ]) {
    const { bound } = bind(weights);
    bound.turn = 1 - Number.EPSILON / 2;
    t.is(weightedCandidates(bound).length, weights.length);
  }
});

test('a port has weights too', (t) => {
  const table = new RouteTable();
  table.apply(portRow(20_000, { weight: 3, others: [{ process: 'new', backendPort: 1 }] }));
  table.apply(endpointRow('i1'));
  table.apply(endpointRow('i1', { process: 'new' }));
  const bound = table.port('port/20000');
  if (bound === null) return t.fail();
  const ports = Array.from({ length: 400 }, () => weightedCandidates(bound)[0]?.port);
  const first = ports.filter((port) => port === 5432).length;
  t.true(first >= 298 && first <= 302, String(first));
});
