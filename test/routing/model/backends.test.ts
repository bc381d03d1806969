import test from 'ava';
import { backendsProblem } from '../../../routing/model/backends.ts';
import type { Route } from '../../../routing/model/route.ts';
import { checkTarget, ROUTE } from '../../../routing/model/route-shape.ts';
import { decodeObject } from '../../../routing/model/shape.ts';
import { parseWeight } from '../../../routing/model/weight.ts';
import { routeRow } from '../table/sample-rows.ts';

test('takes weights as numbers and as decimal text', (t) => {
  for (const weight of [0, 1, 95, 1_000_000]) {
    t.like(parseWeight(weight), { kind: 'ok', value: weight });
    t.like(parseWeight(String(weight)), { kind: 'ok', value: weight });
  }
  t.true(Object.is(JSON.parse(JSON.stringify(parseWeight(-0))).value, 0));
  t.deepEqual(parseWeight(-0), parseWeight(0));
  const refused = [-1, 1_000_001, 0.5, Number.NaN, Number.POSITIVE_INFINITY];
  for (const weight of refused) t.is(parseWeight(weight).kind, 'invalid', String(weight));
  for (const weight of ['', '-1', '+1', '0.5', '1e3', ' 1', '5%', '00000001', '1000001']) {
    t.is(parseWeight(weight).kind, 'invalid', JSON.stringify(weight));
  }
});

function target(sample: Parameters<typeof routeRow>[1]): Route {
  return routeRow('a.com', sample).value as Route;
}

test('takes sixteen backends of one org', (t) => {
  const others = Array.from({ length: 15 }, (_, at) => ({ process: `p${at}` }));
  t.is(backendsProblem(target({ others })), null);
  t.like(backendsProblem(target({ others: [...others, { process: 'more' }] })), { field: 'others' });
});

test('takes one service on two ports, and no backend twice', (t) => {
  t.is(backendsProblem(target({ backendPort: 80, others: [{ backendPort: 81 }] })), null);
  t.like(backendsProblem(target({ others: [{ process: 'api' }, {}] })), { field: 'others[1]' });
  t.like(backendsProblem(target({ others: [{ process: 'api' }, { process: 'api', weight: 9 }] })), {
    field: 'others[1]',
    problem: 'is named before: acme/shop/prod/api:8443',
  });
});

test('takes weight 0 as long as another backend has more', (t) => {
  t.is(backendsProblem(target({ weight: 0, others: [{ process: 'api', weight: 1 }] })), null);
  t.is(backendsProblem(target({ weight: 1, others: [{ process: 'api', weight: 0 }] })), null);
  for (const others of [[], [{ process: 'api', weight: 0 }]]) {
    t.like(backendsProblem(target({ weight: 0, others })), { field: 'weight' });
  }
});

test('decodes backends of one org only, wherever they come from', (t) => {
  const { value } = routeRow('a.com', { others: [{ process: 'api', weight: 3 }] });
  const decode = (change: object) =>
    checkTarget(decodeObject({ ...JSON.parse(JSON.stringify(value)), ...change }, ROUTE));
  t.deepEqual(decode({}), { kind: 'ok', value: value as Route });
  const other = { service: 'acme/shop/prod/api', backendPort: 1, weight: 1 };
  for (const [change, problem] of [
    [{ others: [{ ...other, service: 'evil/shop/prod/api' }] }, /^others\[0\] is of another org/],
    [{ others: [{ ...other, service: 'acme/shop/prod' }] }, /^others \[0\] service must be/],
    [{ others: [other, { ...other, backendPort: 0 }] }, /^others \[1\] backendPort must be/],
    [{ others: [{ ...other, weight: undefined }] }, /^others \[0\] weight must be a number/],
    [{ others: [other, other] }, /^others\[1\] is named before/],
    [{ others: [null] }, /^others \[0\] is not an object/],
    [{ others: {} }, /^others must be a list/],
    [{ weight: 0 }, null],
    [{ weight: '1' }, /^weight must be a number/],
    [{ weight: 0, others: [] }, /^weight must be above 0/],
  ] as const) {
    const decoded = decode(change);
    if (problem === null) t.is(decoded.kind, 'ok');
    else t.true(decoded.kind === 'invalid' && problem.test(decoded.problem), JSON.stringify(decoded));
  }
});
