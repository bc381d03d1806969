import { httpsRedirect, withoutBody } from '../../../edge/wire/http-answer.ts';
import { readSeeds } from '../seeds.ts';
import type { FuzzTarget } from '../target.ts';

const HEAD =
  /^HTTP\/1\.1 30[18] [A-Za-z ]+\r\nlocation: https:\/\/app\.example(?:[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*)\r\ncontent-type: [^\r\n]+\r\ncontent-length: (\d+)\r\nconnection: close\r\n\r\n$/;

/** Whatever stands in a request's path, the answer has one head with one location. */
export async function httpsRedirectTarget(): Promise<FuzzTarget> {
  return {
    name: 'https-redirect',
    files: ['edge/wire/http-answer.ts'],
    seeds: await readSeeds('https-redirect'),
    words: ['\r\n', '\r\nset-cookie: a=b', '%0d%0a', '"><script>', '//evil.example', '\\', '\0'].map((word) =>
      Buffer.from(word, 'latin1'),
    ),
    maxBytes: 4000,
    run: (input) => {
      const method = (input[0] ?? 0) < 0x60 ? 'GET' : 'POST';
      const answer = httpsRedirect(method, 'app.example', `/${Buffer.from(input).toString('latin1')}`);
      const head = Buffer.from(withoutBody(answer)).toString('latin1');
      const [, size] = HEAD.exec(head) ?? [];
      if (size === undefined) throw new Error(`the head is ${JSON.stringify(head)}`);
      if (head.length + Number(size) !== answer.length)
        throw new Error('the length is not the one that it says');
      return `${method} ${answer.length > head.length}`;
    },
  };
}
