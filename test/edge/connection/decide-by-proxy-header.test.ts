import test from 'ava';
import type { InboundProxy } from '../../../config/config.ts';
import { parseSourceBlock, type SourceBlock } from '../../../config/source-block.ts';
import { decideByProxyHeader } from '../../../edge/connection/decide-by-proxy-header.ts';
import type { ConnectionFacts, Peek, Proxied } from '../../../edge/connection/facts.ts';
import { planForward } from '../../../edge/connection/forward.ts';
import { TrustedSources } from '../../../edge/connection/trusted-sources.ts';
import { peekProxyHeader } from '../../../edge/wire/proxy-header.ts';
import { helloMessage, inRecords } from '../../support/client-hello.ts';
import { proxyV2, tlv } from '../../support/proxy-v2.ts';
import { factsOf } from './facts-of.ts';

const LINE = Buffer.from('PROXY TCP4 203.0.113.9 198.51.100.9 40000 443\r\n');
const HELLO = inRecords(helloMessage());
const REQUEST = Buffer.from('POST / HTTP/1.1\r\nHost: a.example\r\n\r\n');
const TRUSTED = ['192.0.2.0/24', '2001:db8::/32'];

const PROXIED = {
  kind: 'proxied',
  headerBytes: LINE.length,
  by: {
    source: { address: '203.0.113.9', port: 40_000 },
    destination: { address: '198.51.100.9', port: 443 },
    alpn: null,
    authority: null,
    uniqueId: null,
    privateLink: null,
  },
} as const;

test('a listener without PROXY reads none, whoever sends one', (t) => {
  t.is(decision(LINE, { proxyProtocol: 'off' }), null);
});

test('a trusted header is taken, with what follows left to be decided on', (t) => {
  for (const proxyProtocol of ['optional', 'required'] as const) {
    t.deepEqual(decision(Buffer.concat([LINE, HELLO]), { proxyProtocol }), PROXIED);
    for (let length = 1; length < LINE.length; length += 1)
      t.deepEqual(decision(LINE.subarray(0, length), { proxyProtocol }), { kind: 'need-header' });
  }
});

test('a header comes once: the next one is bytes', (t) => {
  t.is(decision(LINE, { proxyProtocol: 'required', proxied: PROXIED.by }), null);
});

test('where a header is required, its lack, a wrong one and a stranger are refused without a word', (t) => {
  for (const [bytes, peer, reason] of [
    [HELLO, '192.0.2.1', 'proxy-missing'],
    [REQUEST, '192.0.2.1', 'proxy-missing'],
    [Buffer.from('PROXY TCP5'), '192.0.2.1', 'proxy-malformed'],
    [proxyV2({ tlvs: [tlv(3, 'abcd')] }), '192.0.2.1', 'proxy-malformed'],
    [LINE, '192.0.3.1', 'proxy-untrusted'],
    [HELLO, '192.0.3.1', 'proxy-untrusted'],
    [Buffer.alloc(0), '192.0.3.1', 'proxy-untrusted'],
    [Buffer.alloc(0), '', 'proxy-untrusted'],
  ] as const) {
    for (const peek of ['tls', 'http', 'none'] as const) {
      const decided = decision(bytes, { proxyProtocol: 'required', peer, peek });
      t.like(decided, { kind: 'refuse', reason, answer: null });
    }
  }
  t.deepEqual(decision(Buffer.alloc(0), { proxyProtocol: 'required' }), { kind: 'need-header' });
});

test('where a header is optional, bytes without one and a stranger are decided on as they are', (t) => {
  for (const bytes of [HELLO, REQUEST, Buffer.from('SSH')])
    t.is(decision(bytes, { proxyProtocol: 'optional' }), null);
  for (const bytes of [LINE, LINE.subarray(0, 3), Buffer.from('PROXY TCP5'), HELLO])
    t.is(decision(bytes, { proxyProtocol: 'optional', peer: '192.0.3.1' }), null);
  t.like(decision(Buffer.from('PROXY TCP5'), { proxyProtocol: 'optional' }), { reason: 'proxy-malformed' });
});

test('no first byte of TLS, and no request that weir takes, can be the beginning of a header', (t) => {
  t.is(peekProxyHeader(HELLO.subarray(0, 1)).kind, 'not-proxy');
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'PROPFIND', 'PROPPATCH', 'PRI', 'CONNECT', 'OPTIONS'])
    t.is(peekProxyHeader(Buffer.from(`${method} / HTTP/1.1\r\n`)).kind, 'not-proxy', method);
});

test('LOCAL and UNKNOWN name nobody', (t) => {
  for (const bytes of [proxyV2({ command: 0x20 }), Buffer.from('PROXY UNKNOWN\r\n')]) {
    t.like(decision(bytes, { proxyProtocol: 'required' }), {
      kind: 'proxied',
      headerBytes: bytes.length,
      by: { source: null, destination: null },
    });
  }
});

test('sources are compared by their bits, IPv4 and IPv6, with a zone or without', (t) => {
  const sources = sourcesOf('tls', [...TRUSTED, 'fe80::/10', '::ffff:198.51.100.0/120']);
  for (const [address, isTrusted] of [
    ['192.0.2.0', true],
    ['192.0.2.255', true],
    ['192.0.3.0', false],
    ['192.0.1.255', false],
    ['198.51.100.7', true],
    ['198.51.101.7', false],
    ['2001:db8:ffff::1', true],
    ['2001:db9::', false],
    ['fe80::1%eth0', true],
    ['::ffff:192.0.2.1', true],
    ['::192.0.2.1', false],
    ['', false],
  ] as const) {
    t.is(sources.has('tls', address), isTrusted, address);
  }
  t.false(sources.has('http', '192.0.2.1'));
});

test('the backend of a raw port is told what the load balancer knows of the connection', (t) => {
  const proxied: Proxied = {
    ...PROXIED.by,
    alpn: 'h2',
    authority: 'app.example.com',
    uniqueId: 'id',
    privateLink: null,
  };
  const facts: ConnectionFacts = {
    ...factsOf('none', 20_000),
    proxied,
    clientAddress: '203.0.113.9',
    clientPort: 40_000,
  };
  const target = {
    key: 'port/20000',
    binding: { service: 'a/b/c/d', proxyProtocol: 'v2', proxyTlvs: ['alpn'] },
    service: { key: 'a/b/c/d', ready: [] },
    others: [],
  };
  const { prelude } = planForward(
    {
      kind: 'forward',
      target: target as never,
      serverName: null,
      alpn: [],
      hasEch: false,
      tlsVersion: null,
      isHead: false,
    },
    facts,
    { dialTimeoutMs: 1, idleTimeoutMs: 1, halfClosedTimeoutMs: 1 },
  );
  t.like(peekProxyHeader(prelude ?? new Uint8Array(0)), {
    ends: {
      source: { address: '203.0.113.9', port: 40_000 },
      destination: { address: '198.51.100.1', port: 20_000 },
    },
    tlvs: { alpn: 'h2', authority: 'app.example.com' },
  });
});

interface Knobs {
  readonly proxyProtocol: InboundProxy['proxyProtocol'];
  readonly peer?: string;
  readonly peek?: Peek;
  readonly proxied?: Proxied;
}

function decision(bytes: Uint8Array, { proxyProtocol, peer = '192.0.2.1', peek = 'tls', proxied }: Knobs) {
  const facts = factsOf(peek);
  const listener = { ...facts.listener, inbound: { proxyProtocol, trusted: [] } };
  return decideByProxyHeader(
    bytes,
    { ...facts, listener, peerAddress: peer, proxied: proxied ?? null },
    sourcesOf(peek, TRUSTED),
  );
}

function sourcesOf(name: string, blocks: readonly string[]): TrustedSources {
  const trusted = blocks.map((text): SourceBlock => {
    const parsed = parseSourceBlock(text);
    if (parsed.kind === 'invalid') throw new Error(parsed.problem);
    return parsed.value;
  });
  const sources = new TrustedSources();
  sources.learn({ ...factsOf('tls').listener, name, inbound: { proxyProtocol: 'required', trusted } });
  return sources;
}
