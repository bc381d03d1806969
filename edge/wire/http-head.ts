import { parseHttpHost } from './http-host.ts';
import { parseHttpTarget } from './http-target.ts';
import { latin1 } from './latin1.ts';
import { uint8 } from './uint.ts';

/** What the first bytes of a connection are, as far as an HTTP/1.x request goes. */
export type HttpHeadPeek =
  /** A prefix of a request's head: ask again with more. */
  | IncompleteHead
  /** No request line of HTTP/1.0 or HTTP/1.1. */
  | { readonly kind: 'not-http' }
  /** HTTP/2's connection preface without TLS (RFC 9113 §3.4). */
  | { readonly kind: 'http2' }
  /** HTTP/1.x, but not a head that every reader takes for the same request. `problem` is a clause for a message. */
  | MalformedHead
  | HttpRequest;

interface MalformedHead {
  readonly kind: 'malformed';
  readonly problem: string;
  /** Null where the request line is what cannot be read. */
  readonly method: string | null;
}

/** How far a head was read: what is before `at` need not be looked at again. A plain value. */
export interface HeadCursor {
  /** Where the line begins that has not ended yet. */
  readonly line: number;
  /** Where its text was read up to. */
  readonly at: number;
  /** Null while that line is the first. */
  readonly request: RequestLine | null;
  /** The Host field's value, null before one came. */
  readonly host: string | null;
}

/** No answer yet; a cursor for the next call with the same connection's bytes. */
interface IncompleteHead extends HeadCursor {
  readonly kind: 'incomplete';
}

interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly version: '1.0' | '1.1';
}

export interface HttpRequest {
  readonly kind: 'request';
  readonly method: string;
  /** As it stands in the request line, one character for each byte. */
  readonly target: string;
  /** Of an absolute target only. */
  readonly scheme: 'http' | 'https' | null;
  readonly version: '1.0' | '1.1';
  /** The authority's host without port and brackets, not normalised; null in HTTP/1.0 without Host. */
  readonly host: string | null;
  /** The target's path as it was sent, `*` for the server as a whole. */
  readonly path: string;
  /** The target's query with its question mark, or empty. */
  readonly query: string;
}

/** RFC 9110 §5.6.2. */
const TOKEN_CHARACTERS = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const IS_TOKEN = Uint8Array.from({ length: 256 }, (_, code) =>
  TOKEN_CHARACTERS.includes(String.fromCharCode(code)) ? 1 : 0,
);

/** The longest registered method has 17 characters. */
const MAX_METHOD_BYTES = 32;
const REQUEST_LINE = /^([^ \t]+) ([^ \t]+) HTTP\/1\.([01])$/;
const HTTP2_PREFACE = 'PRI * HTTP/2.0';

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const COLON = 0x3a;
const DELETE = 0x7f;

/** Before the first byte. */
const START: HeadCursor = { line: 0, at: 0, request: null, host: null };

const NOT_HTTP: HttpHeadPeek = { kind: 'not-http' };
const HTTP2: HttpHeadPeek = { kind: 'http2' };

/**
 * Reads the request head that `bytes` begin with, to its empty line (RFC 9112 §2 to §5).
 *
 * `bytes` are everything that came so far, from the first on, and nothing in the answer shares memory with them. With the
 * last `incomplete` answer for the same connection as `cursor`, each byte is looked at a few times however they come.
 *
 * Stricter than a server needs to be, since the backend reads the same bytes again: what two readers could take for
 * different requests is refused, a line feed without its carriage return included (RFC 9112 §2.2 lets a recipient take
 * it for a line's end, so some do).
 */
export function peekHttpHead(bytes: Uint8Array, cursor: HeadCursor = START): HttpHeadPeek {
  if (cursor.request !== null) return readRest(bytes, cursor, cursor.request);
  if (!isMethodSoFar(bytes)) return NOT_HTTP;
  const lineEnd = endOfText(bytes, cursor.at);
  const incomplete: IncompleteHead = { kind: 'incomplete', line: 0, at: lineEnd, request: null, host: null };
  if (lineEnd === bytes.length) return incomplete;

  const line = latin1(bytes, 0, lineEnd);
  if (line === HTTP2_PREFACE) return HTTP2;
  const [, method, target, minor] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || target === undefined) return NOT_HTTP;
  const ending = endingAt(bytes, lineEnd);
  if (ending !== 'crlf') return ending === 'cut-off' ? incomplete : { ...malformed(BAD_ENDING), method };

  const next = lineEnd + 2;
  const request: RequestLine = { method, target, version: minor === '1' ? '1.1' : '1.0' };
  return readRest(bytes, { line: next, at: next, host: null }, request);
}

/**
 * Whether bytes that came where no HTTP belongs are an HTTP/1.x request after all. A guess by the first few bytes, to
 * choose words by and nothing else.
 */
export function looksLikeHttp(bytes: Uint8Array): boolean {
  return /^[A-Z]{3,16} (?:\/|https?:|\* HTTP\/1)/i.test(latin1(bytes, 0, Math.min(bytes.length, 32)));
}

/** Whether the bytes can still become `METHOD SP …`: what else speaks on this port is noticed at its first bytes. */
function isMethodSoFar(bytes: Uint8Array): boolean {
  let at = 0;
  while (at < bytes.length && IS_TOKEN[uint8(bytes, at)] === 1) at += 1;
  if (at > MAX_METHOD_BYTES) return false;
  return at === bytes.length || (at > 0 && bytes[at] === SPACE);
}

/** From the end of the request line on. */
function readRest(
  bytes: Uint8Array,
  cursor: Omit<HeadCursor, 'request'>,
  request: RequestLine,
): HttpHeadPeek {
  const fields = readFields(bytes, cursor);
  switch (fields.kind) {
    case 'incomplete':
      return { ...fields, request };
    case 'malformed':
      return { ...fields, method: request.method };
    case 'fields':
      return readRequest(request, fields.host);
    default:
      throw new Error('unknown fields', { cause: fields satisfies never });
  }
}

type Fields =
  | ({ readonly kind: 'incomplete' } & Omit<HeadCursor, 'request'>)
  | { readonly kind: 'malformed'; readonly problem: string }
  | { readonly kind: 'fields'; readonly host: string | null };

function readFields(
  bytes: Uint8Array,
  { line: start, at: known, host: found }: Omit<HeadCursor, 'request'>,
): Fields {
  let line = start;
  let at = known;
  let host = found;
  for (;;) {
    const first = bytes[line];
    // RFC 9112 §5.2: a folded line, or §2.2: white space before the first field.
    if (first === SPACE || first === TAB) return malformed('a header line starts with white space');
    const lineEnd = endOfText(bytes, at);
    const ending = lineEnd === bytes.length ? 'cut-off' : endingAt(bytes, lineEnd);
    if (ending === 'cut-off') return { kind: 'incomplete', line, at: lineEnd, host };
    if (ending !== 'crlf') return malformed(BAD_ENDING);
    if (lineEnd === line) return { kind: 'fields', host };

    const colon = endOfToken(bytes, line);
    // RFC 9112 §5.1: white space between a name and its colon has led to smuggled requests and must be refused.
    if (colon === line || bytes[colon] !== COLON)
      return malformed('a header line does not begin with "name:"');
    if (isHost(bytes, line, colon)) {
      if (host !== null) return malformed('it has more than one Host');
      host = trimmed(bytes, colon + 1, lineEnd);
    }
    line = lineEnd + 2;
    at = line;
  }
}

/** Of a whole head: what the request line and the Host amount to. */
function readRequest({ method, target, version }: RequestLine, hostField: string | null): HttpHeadPeek {
  // RFC 9112 §3.2: HTTP/1.1 needs a Host, even where the target has an authority of its own.
  if (version === '1.1' && hostField === null) return { ...malformed('it has no Host'), method };
  const host = hostField === null ? null : parseHttpHost(hostField);
  if (host?.kind === 'malformed') return { ...malformed(`Host ${host.problem}`), method };
  const parsed = parseHttpTarget(method, target);
  if (parsed.kind === 'malformed') return { ...malformed(`the request target ${parsed.problem}`), method };
  return {
    kind: 'request',
    method,
    target,
    scheme: parsed.scheme,
    version,
    // RFC 9112 §3.2.2: the target's authority wins over Host.
    host: parsed.host ?? host?.host ?? null,
    path: parsed.path,
    query: parsed.query,
  };
}

/** The first byte from `start` on that cannot stand in a line: a control character other than the tab. */
function endOfText(bytes: Uint8Array, start: number): number {
  let at = start;
  for (; at < bytes.length; at += 1) {
    const code = uint8(bytes, at);
    if ((code < SPACE && code !== TAB) || code === DELETE) break;
  }
  return at;
}

const BAD_ENDING = 'a line holds a control character or does not end in CR LF';

function endingAt(bytes: Uint8Array, at: number): 'crlf' | 'cut-off' | 'other' {
  if (bytes[at] !== CR) return 'other';
  if (at + 1 === bytes.length) return 'cut-off';
  return bytes[at + 1] === LF ? 'crlf' : 'other';
}

function endOfToken(bytes: Uint8Array, start: number): number {
  let at = start;
  while (at < bytes.length && IS_TOKEN[uint8(bytes, at)] === 1) at += 1;
  return at;
}

function isHost(bytes: Uint8Array, start: number, end: number): boolean {
  return end - start === 4 && latin1(bytes, start, end).toLowerCase() === 'host';
}

/**
 * Optional white space around a value is spaces and tabs only (RFC 9110 §5.6.3), not all that `trim` takes; and no
 * pattern either, which would try a long run of spaces from each of its places.
 */
function trimmed(bytes: Uint8Array, start: number, end: number): string {
  let from = start;
  let to = end;
  while (from < to && isBlank(bytes[from])) from += 1;
  while (to > from && isBlank(bytes[to - 1])) to -= 1;
  return latin1(bytes, from, to);
}

function isBlank(code: number | undefined): boolean {
  return code === SPACE || code === TAB;
}

function malformed(problem: string): { readonly kind: 'malformed'; readonly problem: string } {
  return { kind: 'malformed', problem };
}
