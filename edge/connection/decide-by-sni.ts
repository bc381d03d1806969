import { type Hostname, parseHostname } from '../../routing/model/hostname.ts';
import { hasCandidate } from '../upstream/weighted.ts';
import { type ClientHello, peekClientHello } from '../wire/client-hello.ts';
import type { HelloCursor } from '../wire/client-hello-records.ts';
import { httpAnswer, withoutBody } from '../wire/http-answer.ts';
import { looksLikeHttp } from '../wire/http-head.ts';
import type { Reason } from './outcome.ts';
import { type Lookup, refuse, type Verdict } from './verdict.ts';

/** Decides for a `tls` listener. `cursor` is that of the last `need-more` for the same connection, if there was one. */
export function decideBySni(peeked: Uint8Array, cursor: HelloCursor | undefined, table: Lookup): Verdict {
  const peek = peekClientHello(peeked, cursor);
  switch (peek.kind) {
    case 'incomplete':
      return { kind: 'need-more', leastBytes: peek.leastBytes, cursor: { kind: 'hello', hello: peek } };
    case 'not-tls':
      return refuse('not-tls', 'tls', { answer: plainHttpAnswer(peeked) });
    case 'sslv2':
      return refuse('sslv2-hello', 'tls', { tlsVersion: peek.version });
    case 'malformed':
      return refuse('malformed-hello', 'tls');
    case 'hello':
      return decideByName(peek, table);
    default:
      throw new Error('unknown peek', { cause: peek satisfies never });
  }
}

function decideByName(hello: ClientHello, table: Lookup): Verdict {
  const { serverName: sni, alpn } = hello;
  const client = { hasEch: hello.ech !== null, tlsVersion: highestVersion(hello) };
  if (sni !== null && !VISIBLE_ASCII.test(sni)) return refuse('malformed-hello', 'tls', client);
  const parsed = sni === null ? null : parseHostname(sni);
  // A literal address, or another name that no route can have: not even a default route is for it.
  if (parsed?.kind === 'invalid') return refuse('unknown-name', 'tls', client);

  const serverName = parsed?.value ?? null;
  const target = table.route('tls', serverName, alpn);
  if (target === null) return refuse(reasonWithoutRoute(serverName, table), 'tls', { ...client, serverName });
  if (!hasCandidate(target)) return refuse('no-endpoint', 'tls', { ...client, serverName, target });
  return { kind: 'forward', target, serverName, alpn, ...client, isHead: false };
}

/** RFC 8446 §4.2.1: supported_versions is all that counts, where it is there. */
function highestVersion({ supportedVersions, legacyVersion }: ClientHello): number {
  return supportedVersions.length === 0 ? legacyVersion : Math.max(...supportedVersions);
}

/** A client that names a host which is served, and no protocol that it is served for, is told so (RFC 7301 §3.2). */
function reasonWithoutRoute(serverName: Hostname | null, table: Lookup): Reason {
  if (table.isRouted('tls', serverName)) return 'no-protocol';
  return serverName === null ? 'no-name' : 'unknown-name';
}

/** RFC 6066 §3: a host_name is ASCII. Anything else is no name at all, and no reader may be left to make one of it. */
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

function plainHttpAnswer(peeked: Uint8Array): Uint8Array | null {
  if (!looksLikeHttp(peeked)) return null;
  return peeked[0] === HEAD_METHOD ? PLAIN_HEAD_ANSWER : PLAIN_HTTP_ANSWER;
}

/** `H`, with which no other method that is known for a guess begins. */
const HEAD_METHOD = 0x48;

/** Somebody who typed http:// with this port is better off with a sentence than with a closed connection. */
const PLAIN_HTTP_ANSWER = httpAnswer({
  status: 400,
  reason: 'Bad Request',
  text: 'This port speaks TLS. Use https.',
});
const PLAIN_HEAD_ANSWER = withoutBody(PLAIN_HTTP_ANSWER);
