import { type HttpHeadPeek, looksLikeHttp, peekHttpHead } from '../../../edge/wire/http-head.ts';
import { parseHttpHost } from '../../../edge/wire/http-host.ts';
import { parseHttpTarget } from '../../../edge/wire/http-target.ts';
import { checkPeek } from '../check-peek.ts';
import { readSeeds } from '../seeds.ts';
import type { FuzzTarget } from '../target.ts';

/** What a host may be made of: nothing that ends a line, a path or an authority. */
const HOST = /^[A-Za-z0-9._~!$&'()*+,;=%:-]+$/;
const VISIBLE = /^[\x21-\x7e]+$/;

export async function httpHeadTarget(): Promise<FuzzTarget> {
  return {
    name: 'http-head',
    files: ['http-head', 'http-host', 'http-target', 'latin1'].map((file) => `edge/wire/${file}.ts`),
    seeds: await readSeeds('http-head'),
    words: WORDS.map((word) => Buffer.from(word, 'latin1')),
    maxBytes: 20_000,
    run: (input, random) => {
      const answer = checkPeek<HttpHeadPeek>(
        (bytes, since) => peekHttpHead(bytes, since?.kind === 'incomplete' ? since : undefined),
        input,
        random,
      );
      looksLikeHttp(input);
      if (answer.kind === 'request') checkRequest(answer);
      const text = Buffer.from(input).toString('latin1');
      const host = parseHttpHost(text);
      const target = parseHttpTarget('GET', text);
      return [wayOf(answer), wayOf(host), wayOf(target)].join(' / ');
    },
  };
}

const WORDS = [
  'GET / HTTP/1.1\r\n',
  'OPTIONS * HTTP/1.1\r\n',
  'CONNECT a.example:443 HTTP/1.1\r\n',
  'GET http://a.example/ HTTP/1.0\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  'Host: a.example\r\n',
  'host:\t[::1]:80 \r\n',
  '\r\n\r\n',
  '\r\n',
  '\n',
  '\r',
  ' HTTP/1.1',
  'https://',
  '@',
  '%2e',
  '[2001:db8::1%25eth0]',
  ':65536',
  'Transfer-Encoding: chunked\r\n',
];

function checkRequest(request: Extract<HttpHeadPeek, { kind: 'request' }>): void {
  const { method, target, host, path, query } = request;
  if (method === 'CONNECT') throw new Error('a tunnel was let through');
  if (host !== null && !HOST.test(host)) throw new Error(`the host is ${JSON.stringify(host)}`);
  if (path !== '*' && !path.startsWith('/')) throw new Error(`the path is ${JSON.stringify(path)}`);
  if (query !== '' && !query.startsWith('?')) throw new Error(`the query is ${JSON.stringify(query)}`);
  if (path.includes('?')) throw new Error(`the path has a query: ${JSON.stringify(path)}`);
  if (![method, target].every((part) => /^[^ \t\r\n\0]+$/.test(part)) || !VISIBLE.test(method))
    throw new Error(`the request line is ${JSON.stringify([method, target])}`);
}

function wayOf(answer: {
  readonly kind: string;
  readonly problem?: string;
  readonly host?: string | null;
}): string {
  return answer.problem ?? `${answer.kind} ${answer.host === null} ${answer.host?.includes(':') ?? ''}`;
}
