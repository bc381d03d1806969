import test from 'ava';
import { answerFor } from '../../../edge/connection/answer.ts';
import { decide } from '../../../edge/connection/decide.ts';
import { planForward } from '../../../edge/connection/forward.ts';
import type { Verdict } from '../../../edge/connection/verdict.ts';
import { HTTP2_REFUSAL } from '../../../edge/wire/http2-refusal.ts';
import {
  alertIn,
  DECODE_ERROR,
  INTERNAL_ERROR,
  PROTOCOL_VERSION,
  UNRECOGNIZED_NAME,
} from '../../../edge/wire/tls-alert.ts';
import { RouteTable } from '../../../routing/table/route-table.ts';
import { endpointRow, portRow, routeRow } from '../../routing/table/sample-rows.ts';
import { type HelloKnobs, helloMessage, inRecords } from '../../support/client-hello.ts';
import { factsOf } from './facts-of.ts';

const SERVICE = 'acme/shop/prod/web';

function table({ hasDefault = false } = {}): RouteTable {
  const routes = new RouteTable();
  routes.apply(endpointRow('i1'));
  routes.apply(routeRow('app.example.com'));
  routes.apply(routeRow('*.wild.example'));
  routes.apply(routeRow('down.example.com', { process: 'down' }));
  routes.apply(routeRow('app.example.com', { listener: 'http' }));
  routes.apply(routeRow('down.example.com', { listener: 'http', process: 'down' }));
  routes.apply(routeRow('secure.example.com', { listener: 'http', process: 'down', redirectToHttps: true }));
  routes.apply(routeRow('acme.example.com', { listener: 'http', redirectToHttps: true }));
  routes.apply(portRow(20_000));
  routes.apply(portRow(20_001, { process: 'down' }));
  if (hasDefault) {
    routes.apply(routeRow('*'));
    routes.apply(routeRow('*', { listener: 'http' }));
  }
  return routes;
}

function tls(knobs: HelloKnobs, routes = table()): Verdict {
  return decide(inRecords(helloMessage(knobs)), factsOf('tls'), routes);
}

function http(text: string, routes = table()): Verdict {
  return decide(Buffer.from(text, 'latin1'), factsOf('http', 80), routes);
}

function get(host: string, path = '/', method = 'GET'): string {
  return `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
}

function answerText(verdict: Verdict): string {
  return verdict.kind === 'refuse' && verdict.answer !== null
    ? Buffer.from(verdict.answer).toString('latin1')
    : '';
}

test('a hello that is cut off needs more, and a whole one is forwarded by its name', (t) => {
  const hello = inRecords(helloMessage({ serverName: 'APP.Example.com.' }));
  for (let end = 0; end < hello.length; end += 1) {
    if (decide(hello.subarray(0, end), factsOf('tls'), table()).kind !== 'need-more')
      return t.fail(`${end} bytes`);
  }
  const verdict = decide(hello, factsOf('tls'), table());
  t.like(verdict, { kind: 'forward', serverName: 'app.example.com', alpn: ['h2', 'http/1.1'] });
  t.is(verdict.kind === 'forward' ? verdict.target.key : null, 'tls/app.example.com');
});

test('a hello that offers ECH goes by its outer name, and the offer is noted', (t) => {
  const ech = { extensions: [{ type: 0xfe0d, data: Buffer.alloc(40, 1) }] };
  t.like(tls({ serverName: 'app.example.com', ...ech }), { kind: 'forward', hasEch: true });
  t.like(tls({ serverName: 'nobody.example', ...ech }), { reason: 'unknown-name', hasEch: true });
  t.like(tls({ serverName: 'app.example.com' }), { kind: 'forward', hasEch: false });
});

test('a hello in SSLv2 framing is refused by its name, with the protocol_version alert', (t) => {
  const sslv2 = Buffer.from([0x80, 0x2e, 1, 3, 1, 0, 21, 0, 0, 0, 16]);
  t.like(decide(sslv2, factsOf('tls'), table({ hasDefault: true })), {
    kind: 'refuse',
    reason: 'sslv2-hello',
    answer: alertIn(0x0301, PROTOCOL_VERSION),
  });
});

test('a hello that is cut off hands out a cursor, and what it takes at least', (t) => {
  const hello = inRecords(helloMessage({ extensions: [{ type: 51, data: Buffer.alloc(600) }] }), 100);
  const first = decide(hello.subarray(0, 250), factsOf('tls'), table());
  if (first.kind !== 'need-more') return t.fail(first.kind);
  t.true((first.leastBytes ?? 0) > 700 && (first.leastBytes ?? 0) <= hello.length);
  t.like(first.cursor, { kind: 'hello', hello: { at: 210 } });
  const facts = { ...factsOf('tls'), cursor: first.cursor };
  t.like(decide(hello, facts, table()), { kind: 'forward', serverName: 'app.example.com' });
});

test('a wildcard takes any name below it', (t) => {
  t.like(tls({ serverName: 'a.b.wild.example' }), { kind: 'forward', serverName: 'a.b.wild.example' });
  t.like(tls({ serverName: 'wild.example' }), { kind: 'refuse', reason: 'unknown-name' });
});

test('an unknown name is answered with the unrecognized_name alert', (t) => {
  t.deepEqual(tls({ serverName: 'other.example' }), {
    kind: 'refuse',
    reason: 'unknown-name',
    answer: UNRECOGNIZED_NAME,
    serverName: 'other.example',
    route: null,
    service: null,
    hasEch: false,
    ja4: null,
  });
});

test('TLS without SNI goes to the default route, and without one is answered with unrecognized_name', (t) => {
  t.like(tls({ serverName: null }), { kind: 'refuse', reason: 'no-name', answer: UNRECOGNIZED_NAME });
  t.like(tls({ serverName: null }, table({ hasDefault: true })), { kind: 'forward', serverName: null });
});

test('an alert is in the highest version that the client speaks, and TLS 1.2 at the most', (t) => {
  const versions: readonly (readonly [HelloKnobs, number])[] = [
    [{ clientVersion: 0x0300 }, 0],
    [{ clientVersion: 0x0301 }, 1],
    [{ clientVersion: 0x0302 }, 2],
    [{ clientVersion: 0x0303 }, 3],
    [{ clientVersion: 0x0303, extensions: [supported(0x0304, 0x0303)] }, 3],
    [{ clientVersion: 0x0303, extensions: [supported(0x0302, 0x0301)] }, 2],
  ];
  for (const [knobs, minor] of versions) {
    for (const serverName of ['other.example', 'down.example.com', 'a b.example']) {
      const verdict = tls({ ...knobs, serverName });
      t.deepEqual(verdict.kind === 'refuse' && [...(verdict.answer ?? [])].slice(1, 3), [3, minor]);
    }
    const forward = tls({ ...knobs, serverName: 'app.example.com' });
    if (forward.kind !== 'forward') return t.fail(forward.kind);
    const { unreachableAnswer } = planForward(forward, factsOf('tls'), POLICY);
    t.deepEqual([...(unreachableAnswer ?? [])], [21, 3, minor, 0, 2, 2, 80]);
  }
});

/** supported_versions, RFC 8446 §4.2.1. */
function supported(...versions: readonly number[]): { type: number; data: Buffer } {
  const bytes = versions.flatMap((version) => [version >> 8, version & 0xff]);
  return { type: 43, data: Buffer.from([bytes.length, ...bytes]) };
}

const POLICY = { dialTimeoutMs: 1000, idleTimeoutMs: 0, halfClosedTimeoutMs: 0 };

test('what is no name never reaches a default route', (t) => {
  const routes = table({ hasDefault: true });
  for (const serverName of ['192.0.2.1', '2001:db8::1', 'a..example', '-a.example', 'a/b']) {
    t.like(tls({ serverName }, routes), {
      reason: 'unknown-name',
      answer: UNRECOGNIZED_NAME,
      serverName: null,
    });
  }
  for (const serverName of ['a b.example', 'a\0.example', 'ü.example', '\x7f']) {
    t.like(tls({ serverName }, routes), {
      reason: 'malformed-hello',
      answer: DECODE_ERROR,
      serverName: null,
    });
  }
  t.like(tls({ serverName: '' }, routes), { reason: 'malformed-hello', answer: DECODE_ERROR });
  t.like(tls({ sessionIdBytes: 33 }, routes), { reason: 'malformed-hello', answer: DECODE_ERROR });
});

test('a known name without a ready endpoint is answered with internal_error', (t) => {
  t.deepEqual(tls({ serverName: 'down.example.com' }), {
    kind: 'refuse',
    reason: 'no-endpoint',
    answer: INTERNAL_ERROR,
    serverName: 'down.example.com',
    route: 'tls/down.example.com',
    service: 'acme/shop/prod/down',
    hasEch: false,
    ja4: null,
  });
});

test('a name whose backends with a weight have no endpoint is refused, and any one of them is enough', (t) => {
  const routes = table();
  const idle = { process: 'web', weight: 0 };
  routes.apply(routeRow('split.example.com', { process: 'down', others: [idle] }));
  t.like(tls({ serverName: 'split.example.com' }, routes), {
    reason: 'no-endpoint',
    service: 'acme/shop/prod/down',
  });
  routes.apply(routeRow('split.example.com', { process: 'down', others: [{ ...idle, weight: 1 }] }));
  t.like(tls({ serverName: 'split.example.com' }, routes), { kind: 'forward' });
});

test('what is not TLS is closed without a word, except that HTTP is told to use TLS', (t) => {
  const ssh = decide(Buffer.from('SSH-2.0-OpenSSH_9.2\r\n'), factsOf('tls'), table({ hasDefault: true }));
  t.like(ssh, { kind: 'refuse', reason: 'not-tls', answer: null });
  const plain = decide(Buffer.from(get('app.example.com')), factsOf('tls'), table());
  t.like(plain, { kind: 'refuse', reason: 'not-tls' });
  t.regex(answerText(plain), /^HTTP\/1\.1 400 [\s\S]*This port speaks TLS/);
});

test('a request is forwarded by its Host', (t) => {
  t.like(http(get('app.example.com').slice(0, -1)), { kind: 'need-more' });
  const verdict = http(get('App.Example.com.:8080'));
  t.like(verdict, { kind: 'forward', serverName: 'app.example.com', alpn: [] });
  t.is(verdict.kind === 'forward' ? verdict.target.key : null, 'http/app.example.com');
});

test('a request for an https URI that came without TLS is answered with 421, whatever its Host', (t) => {
  for (const target of ['https://app.example.com/', 'HTTPS://nobody.example/']) {
    const verdict = http(`GET ${target} HTTP/1.1\r\nHost: app.example.com\r\n\r\n`);
    t.like(verdict, { kind: 'refuse', reason: 'misdirected' });
    t.regex(answerText(verdict), /^HTTP\/1\.1 421 Misdirected Request\r\n/);
  }
  t.like(http('GET http://app.example.com/ HTTP/1.1\r\nHost: x\r\n\r\n'), { kind: 'forward' });
});

test('a request head that is cut off hands out a cursor', (t) => {
  const head = Buffer.from(get('app.example.com', '/', 'GET'));
  const first = decide(head.subarray(0, 30), factsOf('http', 80), table());
  if (first.kind !== 'need-more') return t.fail(first.kind);
  t.like(first.cursor, { kind: 'head', head: { line: 16, at: 30, host: null } });
  t.like(decide(head, { ...factsOf('http', 80), cursor: first.cursor }, table()), { kind: 'forward' });
});

test('an absolute target wins over Host', (t) => {
  const verdict = http('GET http://app.example.com/ HTTP/1.1\r\nHost: other.example\r\n\r\n');
  t.like(verdict, { kind: 'forward', serverName: 'app.example.com' });
});

test('a request without Host goes to the default route, and without one is a bad request', (t) => {
  const verdict = http('GET / HTTP/1.0\r\n\r\n');
  t.like(verdict, { kind: 'refuse', reason: 'no-name' });
  t.regex(answerText(verdict), /^HTTP\/1\.1 400 /);
  t.like(http('GET / HTTP/1.0\r\n\r\n', table({ hasDefault: true })), { kind: 'forward', serverName: null });
});

test('each refusal of a request has its own status', (t) => {
  const routes = table({ hasDefault: true });
  const refusals: readonly (readonly [string, string, number])[] = [
    [get('192.0.2.1'), 'unknown-name', 404],
    [get('[::1]'), 'unknown-name', 404],
    [get('a%20b'), 'unknown-name', 404],
    [get('down.example.com'), 'no-endpoint', 503],
    ['GET / HTTP/1.1\r\n\r\n', 'malformed-request', 400],
    ['GET /\r\n', 'not-http', 400],
  ];
  for (const [text, reason, status] of refusals) {
    const verdict = http(text, routes);
    t.like(verdict, { kind: 'refuse', reason });
    t.true(answerText(verdict).startsWith(`HTTP/1.1 ${status} `), text);
  }
  t.like(http(get('other.example')), { reason: 'unknown-name', serverName: 'other.example' });
});

test('HTTP/2 without TLS is refused in its own language', (t) => {
  t.like(http('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), { reason: 'not-http', answer: HTTP2_REFUSAL });
});

test('a route that redirects does so by its normal name, endpoint or not', (t) => {
  const verdict = http(get('Secure.Example.com.:8080', '/a?b'));
  t.like(verdict, {
    kind: 'refuse',
    reason: 'redirected',
    serverName: 'secure.example.com',
    route: 'http/secure.example.com',
    service: 'acme/shop/prod/down',
  });
  t.regex(
    answerText(verdict),
    /^HTTP\/1\.1 301 [\s\S]*\r\nlocation: https:\/\/secure\.example\.com\/a\?b\r\n/,
  );
  t.regex(
    answerText(http(get('secure.example.com', '*', 'OPTIONS'))),
    /location: https:\/\/secure\.example\.com\/\r\n/,
  );
  t.regex(answerText(http(get('secure.example.com', '/', 'POST'))), /^HTTP\/1\.1 308 /);
});

test("a certificate authority's challenge is forwarded instead of redirected", (t) => {
  const challenge = '/.well-known/acme-challenge/';
  t.like(http(get('acme.example.com', `${challenge}abc_-1`)), { kind: 'forward' });
  for (const path of [challenge, `${challenge}../../admin`, `${challenge}a/../../b`, '/.well-known/other']) {
    t.like(http(get('acme.example.com', path)), { kind: 'refuse', reason: 'redirected' });
  }
});

test('a default route that redirects cannot serve a client without a name', (t) => {
  const routes = new RouteTable();
  routes.apply(routeRow('*', { listener: 'http', redirectToHttps: true }));
  t.like(http('GET / HTTP/1.0\r\n\r\n', routes), { reason: 'no-name', route: 'http/*', service: SERVICE });
});

test('a refused HEAD is answered without a body', (t) => {
  t.regex(answerText(http(get('other.example', '/', 'HEAD'))), /^HTTP\/1\.1 404 [\s\S]*\r\n\r\n$/);
  t.regex(answerText(http(get('secure.example.com', '/', 'HEAD'))), /^HTTP\/1\.1 301 [\s\S]*\r\n\r\n$/);
  t.regex(answerText(http('HEAD / HTTP/1.1\r\n\r\n')), /^HTTP\/1\.1 400 [\s\S]*\r\n\r\n$/);
  t.regex(answerText(http('HEAD / HTTP/1.1\r\n a: b\r\n\r\n')), /^HTTP\/1\.1 400 [\s\S]*\r\n\r\n$/);
  const forward = http(get('app.example.com', '/', 'HEAD'));
  if (forward.kind !== 'forward') return t.fail(forward.kind);
  const { unreachableAnswer } = planForward(forward, factsOf('http', 80), POLICY);
  t.regex(Buffer.from(unreachableAnswer ?? []).toString(), /^HTTP\/1\.1 503 [\s\S]*\r\n\r\n$/);
});

test('a raw port is decided without a byte, and never answered', (t) => {
  const nothing = new Uint8Array(0);
  const bound = decide(nothing, factsOf('none', 20_000), table());
  t.like(bound, { kind: 'forward', serverName: null, alpn: [] });
  t.is(bound.kind === 'forward' ? bound.target.key : null, 'port/20000');
  t.like(decide(nothing, factsOf('none', 20_001), table()), { reason: 'no-endpoint', answer: null });
  t.like(decide(nothing, factsOf('none', 20_002), table()), {
    reason: 'unbound-port',
    answer: null,
    route: null,
  });
});

test('a port of a dedicated address is another one than that of the shared addresses', (t) => {
  const routes = table();
  routes.apply(portRow(20_000, { address: '203.0.113.7' }));
  const shared = factsOf('none', 20_000);
  const dedicated = {
    ...shared,
    listener: { ...shared.listener, binding: 'port/203.0.113.7:20000' },
  };
  const keyOf = (facts: typeof shared) => {
    const verdict = decide(new Uint8Array(0), facts, routes);
    return verdict.kind === 'forward' ? verdict.target.key : null;
  };
  t.is(keyOf(shared), 'port/20000');
  t.is(keyOf(dedicated), 'port/203.0.113.7:20000');
});

test('nobody is answered after bytes were relayed, nor when the client has left', (t) => {
  for (const peek of ['tls', 'http', 'none'] as const) {
    for (const reason of ['completed', 'client-reset', 'idle-timeout', 'drained', 'client-left'] as const) {
      t.is(answerFor(reason, peek), null);
    }
  }
});

test('a slow, a large and an unlucky client are answered in the language of the listener', (t) => {
  const statusOf = (reason: Parameters<typeof answerFor>[0]) =>
    Buffer.from(answerFor(reason, 'http') ?? [])
      .toString('latin1')
      .slice(9, 12);
  t.is(statusOf('hello-timeout'), '408');
  t.is(statusOf('hello-too-large'), '431');
  t.is(statusOf('backend-refused'), '503');
  t.is(statusOf('backend-timeout'), '503');
  t.is(statusOf('overloaded'), '503');
  t.is(statusOf('internal-error'), '500');
  t.is(answerFor('hello-timeout', 'tls'), DECODE_ERROR);
  t.is(answerFor('hello-too-large', 'tls'), DECODE_ERROR);
  t.is(answerFor('backend-timeout', 'tls'), INTERNAL_ERROR);
  t.is(answerFor('overloaded', 'none'), null);
});
