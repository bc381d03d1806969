import test from 'ava';
import { decide } from '../../../edge/connection/decide.ts';
import { NO_APPLICATION_PROTOCOL, UNRECOGNIZED_NAME } from '../../../edge/wire/tls-alert.ts';
import { RouteTable } from '../../../routing/table/route-table.ts';
import { endpointRow, gone, routeRow } from '../../routing/table/sample-rows.ts';
import { helloMessage, inRecords } from '../../support/client-hello.ts';
import { factsOf } from './facts-of.ts';

/** As in `www.a.com h2`: a pattern, and what its route asks for. */
type Written = string;

function tableOf(routes: readonly Written[]): RouteTable {
  const table = new RouteTable();
  table.apply(endpointRow('i1'));
  for (const written of routes) table.apply(rowOf(written));
  return table;
}

function rowOf(written: Written) {
  const [pattern = '', alpn] = written.split(' ');
  return routeRow(pattern, { alpn });
}

function verdictOf(table: RouteTable, serverName: string | null, alpn: readonly string[]) {
  return decide(inRecords(helloMessage({ serverName, alpn })), factsOf('tls'), table);
}

/** The key of the route that is found, or the reason why none is. */
function foundIn(table: RouteTable, serverName: string | null, alpn: readonly string[]): string {
  const verdict = verdictOf(table, serverName, alpn);
  if (verdict.kind === 'forward') return verdict.target.key;
  return verdict.kind === 'refuse' ? verdict.reason : verdict.kind;
}

const ACME = 'acme-tls/1';

const CASES: readonly (readonly [
  routes: readonly Written[],
  name: string | null,
  offered: readonly string[],
  found: string,
])[] = [
  // Of one hostname: what asks before what does not.
  [['a.com', 'a.com h2'], 'a.com', ['h2'], 'tls/a.com alpn h2'],
  [['a.com', 'a.com h2'], 'a.com', ['http/1.1'], 'tls/a.com'],
  [['a.com', 'a.com h2'], 'a.com', [], 'tls/a.com'],
  [['a.com', `a.com ${ACME}`], 'a.com', [ACME], `tls/a.com alpn ${ACME}`],
  // Of several that ask: the client's order, not that in which they were made.
  [['a.com h2', 'a.com h3'], 'a.com', ['h3', 'h2'], 'tls/a.com alpn h3'],
  [['a.com h2', 'a.com h3'], 'a.com', ['h2', 'h3'], 'tls/a.com alpn h2'],
  [['a.com h3', 'a.com h2'], 'a.com', ['x', 'h2', 'h3'], 'tls/a.com alpn h2'],
  // Byte for byte.
  [['a.com H2'], 'a.com', ['h2'], 'no-protocol'],
  [['a.com H2'], 'a.com', ['H2'], 'tls/a.com alpn H2'],
  [['a.com h2'], 'a.com', ['h2c', 'h', 'h2 ', '\0h2', 'h2,h3'], 'no-protocol'],
  [['a.com h2'], 'a.com', ['\x0a\x0a', 'h2'], 'tls/a.com alpn h2'],
  // The hostname comes first: a more specific one without a protocol beats a less specific one with it.
  [['a.b.com', '*.b.com h2'], 'a.b.com', ['h2'], 'tls/a.b.com'],
  [['*.a.b.com', '*.b.com h2'], 'x.a.b.com', ['h2'], 'tls/*.a.b.com'],
  [['*.b.com', '* h2'], 'x.b.com', ['h2'], 'tls/*.b.com'],
  // A hostname that is for other protocols only is passed over, at every step.
  [['a.b.com h2', '*.b.com'], 'a.b.com', ['h3'], 'tls/*.b.com'],
  [['a.b.com h2', '*.b.com h2', '*.com h3'], 'a.b.com', ['h3'], 'tls/*.com alpn h3'],
  [['a.b.com h2', '*.b.com h2', '*.com h3', '*'], 'a.b.com', [], 'tls/*'],
  [['a.b.com h2', '*.b.com h3', '* h4'], 'a.b.com', ['h4', 'h3'], 'tls/*.b.com alpn h3'],
  [['*.b.com h2', 'a.b.com'], 'c.b.com', ['h2'], 'tls/*.b.com alpn h2'],
  // Nothing on the way is for the client, or nothing is on the way at all.
  [['a.b.com h2', '*.b.com h3', '* h4'], 'a.b.com', ['h5'], 'no-protocol'],
  [['*.b.com h2'], 'a.b.com', [], 'no-protocol'],
  [['* h2'], 'a.b.com', [], 'no-protocol'],
  [['a.b.com h2'], 'b.com', ['h2'], 'unknown-name'],
  [['*.b.com h2'], 'b.com', ['h2'], 'unknown-name'],
  // Without a name only the default counts.
  [['*', '* h2'], null, ['h2'], 'tls/* alpn h2'],
  [['*', '* h2'], null, [], 'tls/*'],
  [['* h2'], null, ['h3'], 'no-protocol'],
  [['a.com h2', '*.com'], null, ['h2'], 'no-name'],
];

for (const [routes, name, offered, found] of CASES) {
  const title = `${name ?? 'no name'} with [${offered.map((each) => JSON.stringify(each)).join(', ')}] finds ${found} among ${routes.join(', ')}`;
  test(title, (t) => {
    t.is(foundIn(tableOf(routes), name, offered), found);
    t.is(foundIn(tableOf(routes.toReversed()), name, offered), found);
  });
}

test('a client without a protocol that its name is served for is answered with no_application_protocol', (t) => {
  t.deepEqual(verdictOf(tableOf(['a.com h2']), 'a.com', ['http/1.1']), {
    kind: 'refuse',
    reason: 'no-protocol',
    answer: NO_APPLICATION_PROTOCOL,
    serverName: 'a.com',
    route: null,
    service: null,
    hasEch: false,
    ja4: null,
  });
  t.deepEqual([...NO_APPLICATION_PROTOCOL], [21, 3, 3, 0, 2, 2, 120]);
  t.like(verdictOf(tableOf(['a.com h2']), 'b.com', ['h2']), {
    reason: 'unknown-name',
    answer: UNRECOGNIZED_NAME,
  });
});

test('the winner is final, whatever the plain route beside it could do', (t) => {
  const table = tableOf(['a.com']);
  table.apply(routeRow('a.com', { alpn: 'h2', process: 'down' }));
  t.is(foundIn(table, 'a.com', ['h2']), 'no-endpoint');
  t.is(foundIn(table, 'a.com', ['http/1.1']), 'tls/a.com');
});

test('a name goes back to its plain route when the one that asks is gone', (t) => {
  const table = tableOf(['a.com', 'a.com h2']);
  table.apply(gone(rowOf('a.com h2')));
  t.is(foundIn(table, 'a.com', ['h2']), 'tls/a.com');
  table.apply(gone(rowOf('a.com')));
  t.is(foundIn(table, 'a.com', ['h2']), 'unknown-name');
});

test('what is offered on the tls listener does not concern the http listener', (t) => {
  const table = tableOf(['a.com h2']);
  const request = Buffer.from('GET / HTTP/1.1\r\nHost: a.com\r\n\r\n');
  t.like(decide(request, factsOf('http', 80), table), { reason: 'unknown-name' });
});
