import { type Hostname, parseHostname } from '../../routing/model/hostname.ts';
import type { BoundRoute } from '../../routing/table/table.ts';
import { hasCandidate } from '../upstream/weighted.ts';
import { httpsRedirect, withoutBody } from '../wire/http-answer.ts';
import type { HttpHeadPeek, HttpRequest } from '../wire/http-head.ts';
import { HTTP2_REFUSAL } from '../wire/http2-refusal.ts';
import type { Refusal } from './plan.ts';
import { type Lookup, refuse, type Verdict } from './verdict.ts';

/** Decides for an `http` listener, by the first request; those that follow on the connection go where it went. */
export function decideByHost(peek: HttpHeadPeek, table: Lookup, httpsPort: number): Verdict {
  switch (peek.kind) {
    case 'incomplete':
      return { kind: 'need-more', cursor: { kind: 'head', head: peek } };
    case 'not-http':
      return refuse('not-http', 'http');
    case 'http2':
      return refuse('not-http', 'http', { answer: HTTP2_REFUSAL });
    case 'malformed':
      return spoken(refuse('malformed-request', 'http'), peek.method);
    case 'request':
      return spoken(decideForRequest(peek, table, httpsPort), peek.method);
    default:
      throw new Error('unknown peek', { cause: peek satisfies never });
  }
}

function decideForRequest(request: HttpRequest, table: Lookup, httpsPort: number): Verdict {
  // RFC 9110 §7.4: what is asked for as https, over a connection without TLS, was sent to the wrong place.
  if (request.scheme === 'https') return refuse('misdirected', 'http');
  const parsed = request.host === null ? null : parseHostname(request.host);
  // A literal address, or another host that no route can have: not even a default route is for it.
  if (parsed?.kind === 'invalid') return refuse('unknown-name', 'http');

  const serverName = parsed?.value ?? null;
  const target = table.route('http', serverName);
  if (target === null)
    return refuse(serverName === null ? 'no-name' : 'unknown-name', 'http', { serverName });
  if (target.route.redirectToHttps && !ACME_CHALLENGE.test(request.path)) {
    return redirect({ request, serverName, target, httpsPort });
  }
  if (!hasCandidate(target)) return refuse('no-endpoint', 'http', { serverName, target });
  return {
    kind: 'forward',
    target,
    serverName,
    alpn: [],
    hasEch: false,
    tlsVersion: null,
    isHead: request.method === 'HEAD',
  };
}

/**
 * RFC 8555 §8.3: a certificate authority asks here, over plain HTTP, before there is a certificate to redirect to. One
 * segment only: with `..` in it the path could be any other.
 */
const ACME_CHALLENGE = /^\/\.well-known\/acme-challenge\/[A-Za-z0-9_.-]+$/;

function redirect({ request, serverName, target, httpsPort }: Redirect): Refusal {
  // Without a name there is no https URL, so this client cannot be served.
  if (serverName === null) return refuse('no-name', 'http', { target });
  const authority = httpsPort === 443 ? serverName : `${serverName}:${httpsPort}`;
  const pathAndQuery = request.path === '*' ? '/' : `${request.path}${request.query}`;
  return refuse('redirected', 'http', {
    serverName,
    target,
    answer: httpsRedirect(request.method, authority, pathAndQuery),
  });
}

interface Redirect {
  readonly request: HttpRequest;
  readonly serverName: Hostname | null;
  readonly target: BoundRoute;
  readonly httpsPort: number;
}

/** RFC 9110 §9.3.2: no answer to HEAD has a body. */
function spoken(verdict: Verdict, method: string | null): Verdict {
  const hasAnswer = verdict.kind === 'refuse' && verdict.answer !== null;
  return hasAnswer && method === 'HEAD' ? { ...verdict, answer: withoutBody(verdict.answer) } : verdict;
}
