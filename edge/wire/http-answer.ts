/** What an answer that the edge gives by itself is made of. */
export interface HttpAnswer {
  readonly status: number;
  /** The reason phrase. */
  readonly reason: string;
  /** The body, one line of ASCII for a person to read. */
  readonly text: string;
}

/**
 * A whole HTTP/1.1 answer that ends the connection. It says nothing that a cache may keep: what is not routed now may be
 * routed a moment later.
 */
export function httpAnswer({ status, reason, text }: HttpAnswer): Uint8Array {
  return answerBytes({ status, reason, text }, 'cache-control: no-store');
}

/**
 * Sends a request on to the same path and query over https. `authority` is a validated name, with a port where it is not 443.
 *
 * 301 for GET and HEAD, since every client ever made follows it. 308 (RFC 9110 §15.4.9) for every other method, since
 * 301 lets a client turn a POST into a GET. `pathAndQuery` may be hostile.
 */
export function httpsRedirect(method: string, authority: string, pathAndQuery: string): Uint8Array {
  const location = `https://${authority}${escaped(pathAndQuery)}`;
  const text = `This is served over https: ${location}`;
  const isSafe = method === 'GET' || method === 'HEAD';
  const answer = isSafe
    ? { status: 301, reason: 'Moved Permanently', text }
    : { status: 308, reason: 'Permanent Redirect', text };
  return answerBytes(answer, `location: ${location}`);
}

/** The answer to the same request by HEAD (RFC 9110 §9.3.2): shares memory with `answer`. */
export function withoutBody(answer: Uint8Array): Uint8Array {
  return answer.subarray(
    0,
    Buffer.from(answer.buffer, answer.byteOffset, answer.length).indexOf(END_OF_HEAD) + 4,
  );
}

const END_OF_HEAD = '\r\n\r\n';

function answerBytes({ status, reason, text }: HttpAnswer, field: string): Uint8Array {
  const body = `${text}\n`;
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    field,
    'content-type: text/plain; charset=utf-8',
    `content-length: ${body.length}`,
    'connection: close',
  ];
  return Buffer.from(`${head.join('\r\n')}${END_OF_HEAD}${body}`, 'latin1');
}

/**
 * Percent-encodes what RFC 3986 §3.3 and §3.4 do not let stand in a path or query: with that, nothing that a client
 * sends can end the header line or begin markup. A `%` stays, since it is taken for the client's own encoding.
 */
function escaped(pathAndQuery: string): string {
  return pathAndQuery.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0) & 0xff;
    return `%${code.toString(16).toUpperCase().padStart(2, '0')}`;
  });
}

const UNSAFE = /[^A-Za-z0-9._~!$&'()*+,;=:@/?%-]/g;
