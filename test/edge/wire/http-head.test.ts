import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { type HeadCursor, looksLikeHttp, peekHttpHead } from '../../../edge/wire/http-head.ts';
import { helloMessage, inRecords } from '../../support/client-hello.ts';

const REQUEST =
  'GET /a/b?c=d HTTP/1.1\r\nUser-Agent: test\r\nhOsT:\t app.example.com:8080 \t\r\nX-Empty:\r\n\r\n';

test('reads method, target, version and host', (t) => {
  t.deepEqual(peek(REQUEST), {
    kind: 'request',
    method: 'GET',
    target: '/a/b?c=d',
    scheme: null,
    version: '1.1',
    host: 'app.example.com',
    path: '/a/b',
    query: '?c=d',
  });
});

test('every prefix of a head is incomplete', (t) => {
  for (let end = 0; end < REQUEST.length; end += 1) {
    if (peek(REQUEST.slice(0, end)).kind !== 'incomplete') return t.fail(`a prefix of ${end} bytes`);
  }
  t.pass();
});

test('with the cursor of any earlier answer the answer is the same as without', (t) => {
  const heads = fc
    .sample(hostileText(), { numRuns: 300, seed: 3 })
    .concat(REQUEST, 'PRI * HTTP/2.0\r\n\r\nSM');
  for (const head of heads) {
    const bytes = Buffer.from(head, 'latin1');
    const cursors: HeadCursor[] = [];
    for (let end = 0; end <= bytes.length; end += 1 + (end % 3)) {
      const part = bytes.subarray(0, end);
      const plain = peekHttpHead(part);
      for (const cursor of cursors.slice(-3)) t.deepEqual(peekHttpHead(part, cursor), plain, head);
      if (plain.kind === 'incomplete') cursors.push(plain);
    }
  }
});

test('with a cursor, a head that comes byte by byte costs linear work', (t) => {
  const field = `X-Long: ${'x'.repeat(3000)}\r\n`;
  const bytes = Buffer.from(`GET /${'y'.repeat(3000)} HTTP/1.1\r\nHost: a.example\r\n${field.repeat(3)}\r\n`);
  let reads = 0;
  let cursor: HeadCursor | undefined;
  for (let end = 1; end < bytes.length; end += 1) {
    const watched = new Proxy(bytes.subarray(0, end), {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1;
        const value = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const answer = peekHttpHead(watched, cursor);
    if (answer.kind !== 'incomplete') return t.fail(answer.kind);
    cursor = answer;
  }
  t.true(reads < 16 * bytes.length, `${reads} reads for ${bytes.length} bytes`);
});

test('what follows the head is not looked at', (t) => {
  t.deepEqual(peek(`${REQUEST}\0\n more`), peek(REQUEST));
});

test('HTTP/1.0 may do without Host', (t) => {
  t.like(peek('GET / HTTP/1.0\r\n\r\n'), { kind: 'request', version: '1.0', host: null });
  t.like(peek('GET / HTTP/1.0\r\nHost: a.example\r\n\r\n'), { kind: 'request', host: 'a.example' });
});

const HOSTS: readonly (readonly [string, string])[] = [
  ['a.example', 'a.example'],
  ['A.Example.:443', 'A.Example.'],
  ['a.example:', 'a.example'],
  ['192.0.2.1:80', '192.0.2.1'],
  ['[2001:db8::1]', '2001:db8::1'],
  ['[2001:db8::1]:8080', '2001:db8::1'],
  ['a%2Fb', 'a%2Fb'],
];

for (const [sent, host] of HOSTS) {
  test(`the host of "${sent}" is ${host}`, (t) => {
    t.like(peek(`GET / HTTP/1.1\r\nHost: ${sent}\r\n\r\n`), { kind: 'request', host });
    t.like(peek(`GET http://${sent}/ HTTP/1.1\r\nHost: other.example\r\n\r\n`), { kind: 'request', host });
  });
}

const TARGETS: readonly (readonly [string, string, string, string])[] = [
  ['GET', '/', '/', ''],
  ['GET', '//evil.example/x', '//evil.example/x', ''],
  ['GET', '/a?b?c', '/a', '?b?c'],
  ['GET', 'http://host.example', '/', ''],
  ['GET', 'HTTPS://host.example?q', '/', '?q'],
  ['GET', 'http://host.example/a?q', '/a', '?q'],
  ['GET', '/ü', '/ü', ''],
  ['OPTIONS', '*', '*', ''],
];

for (const [method, target, path, query] of TARGETS) {
  test(`the target "${target}" of ${method} has the path "${path}" and the query "${query}"`, (t) => {
    const bytes = Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: host.example\r\n\r\n`, 'latin1');
    t.like(peekHttpHead(bytes), { kind: 'request', host: 'host.example', path, query });
  });
}

const NOT_HTTP: readonly (readonly [string, string | Uint8Array])[] = [
  ['a ClientHello', inRecords(helloMessage())],
  ['an SSH banner', 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'],
  ['an empty line', '\r\n'],
  ['a method that does not end', 'A'.repeat(33)],
  ['HTTP/0.9', 'GET /\r\n'],
  ['another version', 'GET / HTTP/2.0\r\n'],
  ['a version in lower case', 'GET / http/1.1\r\n'],
  ['two spaces in the request line', 'GET  / HTTP/1.1\r\n'],
  ['a tab in the request line', 'GET\t/ HTTP/1.1\r\n'],
  ['a target with a space', 'GET /a b HTTP/1.1\r\n'],
];

for (const [what, bytes] of NOT_HTTP) {
  test(`${what} is not HTTP`, (t) => {
    t.is(peekHttpHead(Buffer.from(bytes)).kind, 'not-http');
  });
}

test("HTTP/2's preface is recognised by its first line", (t) => {
  t.is(peek('PRI * HTTP/2.0\r').kind, 'http2');
  t.is(peek('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n').kind, 'http2');
  t.is(peek('PRI * HTTP/2').kind, 'incomplete');
});

const MALFORMED: readonly (readonly [string, string])[] = [
  ['a request line that ends in LF', 'GET / HTTP/1.1\n'],
  ['a header line that ends in LF', 'GET / HTTP/1.1\r\nHost: a.example\n'],
  ['a CR within a line', 'GET / HTTP/1.1\r\nX: a\rb'],
  ['a NUL within a line', 'GET / HTTP/1.1\r\nX: a\0b'],
  ['HTTP/1.1 without Host', 'GET / HTTP/1.1\r\nX: y\r\n\r\n'],
  ['an absolute target without Host', 'GET http://a.example/ HTTP/1.1\r\n\r\n'],
  ['Host twice', 'GET / HTTP/1.1\r\nHost: a.example\r\nHost: a.example\r\n'],
  ['an empty Host', 'GET / HTTP/1.1\r\nHost: \r\n\r\n'],
  ['an empty Host in HTTP/1.0', 'GET / HTTP/1.0\r\nHost:\r\n\r\n'],
  ['white space before the colon', 'GET / HTTP/1.1\r\nHost : a.example\r\n'],
  ['white space before the first header', 'GET / HTTP/1.1\r\n Host: a.example\r\n'],
  ['a folded header', 'GET / HTTP/1.1\r\nHost: a.example\r\n\t.evil.example'],
  ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n'],
  ['a header without a colon', 'GET / HTTP/1.1\r\nHost\r\n'],
  ['two hosts in one', 'GET / HTTP/1.1\r\nHost: a.example b.example\r\n\r\n'],
  ['user information in Host', 'GET / HTTP/1.1\r\nHost: me@a.example\r\n\r\n'],
  ['a path in Host', 'GET / HTTP/1.1\r\nHost: a.example/x\r\n\r\n'],
  ['a port that is none', 'GET / HTTP/1.1\r\nHost: a.example:65536\r\n\r\n'],
  ['a port with a sign', 'GET / HTTP/1.1\r\nHost: a.example:+80\r\n\r\n'],
  ['a Host of nothing but a port', 'GET / HTTP/1.1\r\nHost: :80\r\n\r\n'],
  ['brackets that do not close', 'GET / HTTP/1.1\r\nHost: [::1\r\n\r\n'],
  ['brackets around a name', 'GET / HTTP/1.1\r\nHost: [a.example]\r\n\r\n'],
  ['brackets and more', 'GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n'],
  ['a non-ASCII Host', 'GET / HTTP/1.1\r\nHost: ü.example\r\n\r\n'],
  ['a tunnel', 'CONNECT a.example:443 HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['an asterisk of GET', 'GET * HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['a target without a slash', 'GET a HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['an absolute target of another scheme', 'GET ftp://a.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['an absolute target without a host', 'GET http:///x HTTP/1.1\r\nHost: a.example\r\n\r\n'],
  ['an absolute target with user information', 'GET http://a@b.example/ HTTP/1.1\r\nHost: b.example\r\n\r\n'],
];

for (const [what, text] of MALFORMED) {
  test(`${what} is malformed`, (t) => {
    t.is(peek(text).kind, 'malformed');
  });
}

testProp(
  'no bytes make it throw, and no answer but "incomplete" changes with more bytes',
  [hostileText()],
  (t, text) => {
    let final: ReturnType<typeof peekHttpHead> | null = null;
    for (let end = 0; end <= text.length; end += 1) {
      const answer = peek(text.slice(0, end));
      if (final === null && answer.kind !== 'incomplete') final = answer;
      if (final !== null) t.deepEqual(answer, final);
    }
    t.pass();
  },
);

test("what is taken for a request is one for Node's server too, with the same host", async (t) => {
  const hosts: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    hosts.push(request.headers.host);
    response.end();
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') return t.fail();

  const heads = fc.sample(hostileText(), { numRuns: 2000, seed: 7 }).concat(REQUEST);
  // Methods of its own list and no raw non-ASCII: Node's server is alone with that.
  const isForNode = (head: string) => head.startsWith('GET ') && !head.includes('é');
  const requests = new Set(heads.filter((head) => isForNode(head) && peek(head).kind === 'request'));
  t.true(requests.size > 1);
  for (const head of requests) {
    const client = connect(address.port, '127.0.0.1');
    client.end(head, 'latin1');
    const [answer] = await once(client, 'data');
    client.destroy();
    const parsed = peek(head);
    t.regex(answer.toString('latin1'), /^HTTP\/1\.1 200/, head);
    const host = hosts.pop()?.replace(/:[0-9]*$/, '');
    t.is(parsed.kind === 'request' ? (parsed.host ?? undefined) : null, host, head);
  }
});

test('a long run of spaces in Host costs no more than any other bytes', (t) => {
  const spaces = ' '.repeat(60_000);
  t.is(peek(`GET / HTTP/1.1\r\nHost: a${spaces}b\r\n\r\n`).kind, 'malformed');
  t.is(peek(`GET / HTTP/1.1\r\nHost:${spaces}a${spaces}\r\n\r\n`).kind, 'request');
});

test('HTTP where none belongs is recognised by its first bytes', (t) => {
  t.true(looksLikeHttp(Buffer.from('GET / HTTP/1.1\r\n')));
  t.true(looksLikeHttp(Buffer.from('OPTIONS * HTTP/1.1\r\n')));
  t.true(looksLikeHttp(Buffer.from('GET http://a.example/')));
  t.false(looksLikeHttp(Buffer.from('SSH-2.0-OpenSSH_9.2\r\n')));
  t.false(looksLikeHttp(Buffer.from('PRI * HTTP/2.0\r\n')));
  t.false(looksLikeHttp(Buffer.from('')));
});

function peek(text: string): ReturnType<typeof peekHttpHead> {
  return peekHttpHead(Buffer.from(text, 'latin1'));
}

/** Requests with a few characters changed to those that parsers disagree about. */
function hostileText(): fc.Arbitrary<string> {
  const pieces = [
    '\r\n',
    '\n',
    '\r',
    ' ',
    '\t',
    ':',
    '\0',
    'Host: b.example',
    '\x7f',
    'é',
    'x',
    '/',
    '@',
    ',',
  ];
  const change = fc.record({
    at: fc.nat(REQUEST.length),
    piece: fc.constantFrom(...pieces),
    removed: fc.nat(3),
  });
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    let text = REQUEST;
    for (const { at, piece, removed } of changes) text = text.slice(0, at) + piece + text.slice(at + removed);
    return text;
  });
}
