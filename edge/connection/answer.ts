import { httpAnswer, withoutBody } from '../wire/http-answer.ts';
import {
  alertIn,
  DECODE_ERROR,
  INTERNAL_ERROR,
  NO_APPLICATION_PROTOCOL,
  PROTOCOL_VERSION,
  UNRECOGNIZED_NAME,
} from '../wire/tls-alert.ts';
import type { Peek } from './facts.ts';
import type { Reason } from './outcome.ts';

/**
 * What a client is sent before the close when its connection ends for `reason` before a byte was relayed: a TLS alert,
 * an HTTP answer, or null for a bare close. The bytes are shared and must not be changed.
 *
 * `decide` knows more of a few clients and says more to them: HTTP on a TLS listener, HTTP/2 and redirects on an HTTP
 * listener.
 *
 * @param tlsVersion The highest that a TLS client speaks; null while its hello was not read.
 */
export function answerFor(reason: Reason, peek: Peek, tlsVersion: number | null = null): Uint8Array | null {
  switch (peek) {
    case 'tls': {
      const alert = TLS_ANSWERS[reason] ?? null;
      return alert === null || tlsVersion === null ? alert : alertIn(tlsVersion, alert);
    }
    case 'http':
      return HTTP_ANSWERS[reason] ?? null;
    case 'none':
      // The edge does not know the protocol, so anything it said would be taken for the backend's words.
      return null;
    default:
      peek satisfies never;
      return null;
  }
}

/** What a plan sends when no candidate answers. */
export function unreachableAnswer(
  peek: Peek,
  { tlsVersion, isHead }: { readonly tlsVersion: number | null; readonly isHead: boolean },
): Uint8Array | null {
  return isHead ? UNREACHABLE_HEAD : answerFor('backend-refused', peek, tlsVersion);
}

type Answers = Readonly<Partial<Record<Reason, Uint8Array>>>;

/** There is no alert for "too slow" or "too large": a hello without its end is one that cannot be decoded. */
const TLS_ANSWERS: Answers = {
  'hello-timeout': DECODE_ERROR,
  'hello-too-large': DECODE_ERROR,
  'malformed-hello': DECODE_ERROR,
  'sslv2-hello': PROTOCOL_VERSION,
  'no-name': UNRECOGNIZED_NAME,
  'unknown-name': UNRECOGNIZED_NAME,
  'no-protocol': NO_APPLICATION_PROTOCOL,
  'no-endpoint': INTERNAL_ERROR,
  'backend-refused': INTERNAL_ERROR,
  'backend-timeout': INTERNAL_ERROR,
  overloaded: INTERNAL_ERROR,
  'internal-error': INTERNAL_ERROR,
};

const BAD_REQUEST = { status: 400, reason: 'Bad Request' };
const UNAVAILABLE = { status: 503, reason: 'Service Unavailable' };

/** One answer for a refused and for an unanswered dial, since a plan is made before it is known which it will be. */
const UNREACHABLE = httpAnswer({ ...UNAVAILABLE, text: 'The app for this host cannot be reached.' });

const UNREACHABLE_HEAD = withoutBody(UNREACHABLE);

/**
 * 404 and not 421 for an unknown name: 421 asks the client to try again on another connection (RFC 9110 §15.5.20), which
 * would end here too.
 */
const HTTP_ANSWERS: Answers = {
  'hello-timeout': httpAnswer({
    status: 408,
    reason: 'Request Timeout',
    text: 'The request head did not arrive in time.',
  }),
  'hello-too-large': httpAnswer({
    status: 431,
    reason: 'Request Header Fields Too Large',
    text: 'The request head is too large.',
  }),
  'not-http': httpAnswer({ ...BAD_REQUEST, text: 'This port speaks HTTP/1.1.' }),
  'malformed-request': httpAnswer({ ...BAD_REQUEST, text: 'The request head is malformed.' }),
  misdirected: httpAnswer({
    status: 421,
    reason: 'Misdirected Request',
    text: 'This is an https URL, and this port does not speak TLS.',
  }),
  'no-name': httpAnswer({ ...BAD_REQUEST, text: 'The request has no Host, so it cannot be routed.' }),
  'unknown-name': httpAnswer({ status: 404, reason: 'Not Found', text: 'No app is bound to this host.' }),
  'no-endpoint': httpAnswer({ ...UNAVAILABLE, text: 'The app for this host has no instance that is ready.' }),
  'backend-refused': UNREACHABLE,
  'backend-timeout': UNREACHABLE,
  overloaded: httpAnswer({ ...UNAVAILABLE, text: 'The edge is overloaded. Try again in a moment.' }),
  'internal-error': httpAnswer({
    status: 500,
    reason: 'Internal Server Error',
    text: 'The edge failed. This is not the fault of the request.',
  }),
};
