import test from 'ava';
import type { Change } from '../../../routing/model/change.ts';
import { RouteTable } from '../../../routing/table/route-table.ts';
import { endpointRow, gone, routeRow } from './sample-rows.ts';

test('takes a change into 100,000 routes and one service’s 10,000 endpoints about as fast as into 1,000 routes', (t) => {
  const small = filledTable(1_000, 100);
  const large = filledTable(100_000, 10_000);
  const batch = Array.from({ length: 2_000 }, (_, at) => [
    routeRow(`new-${at}.example.com`),
    endpointRow(`new-${at}`),
    gone(endpointRow(`old-${at % 100}`)),
    endpointRow(`old-${at % 100}`),
    gone(endpointRow(`new-${at}`)),
    gone(routeRow(`new-${at}.example.com`)),
  ]).flat();

  fastestOf(2, () => applyAll(small, batch));
  const smallMs = fastestOf(5, () => applyAll(small, batch));
  const largeMs = fastestOf(5, () => applyAll(large, batch));
  // A table that is walked for each change would be about 100 times slower; caches alone account for 2 to 3.
  t.true(largeMs < smallMs * 15, `${largeMs} ms against ${smallMs} ms`);
  t.is(large.sizes().routes, 100_000);
});

function filledTable(routes: number, endpoints: number): RouteTable {
  const table = new RouteTable();
  for (let at = 0; at < routes; at += 1)
    table.apply(routeRow(`host-${at}.example.com`, { process: `p${at % 5_000}` }));
  for (let at = 0; at < endpoints; at += 1) table.apply(endpointRow(`old-${at}`));
  return table;
}

function applyAll(table: RouteTable, changes: readonly Change[]): void {
  for (const one of changes) table.apply(one);
}

function fastestOf(times: number, work: () => void): number {
  let fastest = Number.POSITIVE_INFINITY;
  for (let at = 0; at < times; at += 1) {
    const start = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}
