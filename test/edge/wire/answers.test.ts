import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { connect as connectTls } from 'node:tls';
import { fc, testProp } from '@fast-check/ava';
import test, { type ExecutionContext } from 'ava';
import { httpAnswer, httpsRedirect, withoutBody } from '../../../edge/wire/http-answer.ts';
import { HTTP2_REFUSAL } from '../../../edge/wire/http2-refusal.ts';
import { alertIn, DECODE_ERROR, INTERNAL_ERROR, UNRECOGNIZED_NAME } from '../../../edge/wire/tls-alert.ts';

const ALERTS = [
  { alert: UNRECOGNIZED_NAME, code: 'ERR_SSL_TLSV1_UNRECOGNIZED_NAME' },
  { alert: INTERNAL_ERROR, code: 'ERR_SSL_TLSV1_ALERT_INTERNAL_ERROR' },
  { alert: DECODE_ERROR, code: 'ERR_SSL_TLSV1_ALERT_DECODE_ERROR' },
];

const VERSIONS = [
  { version: 'TLSv1', number: 0x0301 },
  { version: 'TLSv1.1', number: 0x0302 },
  { version: 'TLSv1.2', number: 0x0303 },
  { version: 'TLSv1.3', number: 0x0304 },
] as const;

for (const { alert, code } of ALERTS) {
  for (const { version, number } of VERSIONS) {
    test(`a client of ${version} reports the alert as ${code}`, async (t) => {
      const client = connectTls({
        host: '127.0.0.1',
        port: await serverThatSays(t, alertIn(number, alert)),
        ciphers: 'DEFAULT@SECLEVEL=0', // the oldest versions are off without it
        minVersion: version,
        maxVersion: version,
      });
      const [error] = await once(client, 'error').catch((thrown) => [thrown]);
      t.is(error.code, code);
    });
  }
}

test('an answer is a whole message that ends the connection', async (t) => {
  const port = await serverThatSays(t, httpAnswer({ status: 404, reason: 'Not Found', text: 'No app.' }));
  const [response] = (await once(get({ host: '127.0.0.1', port }), 'response')) as [IncomingMessage];
  t.is(response.statusCode, 404);
  t.is(response.statusMessage, 'Not Found');
  t.like(response.headers, { connection: 'close', 'cache-control': 'no-store' });
  t.is(await text(response), 'No app.\n');
});

test('an answer to HEAD has the length of the body and not the body', async (t) => {
  const answer = httpAnswer({ status: 404, reason: 'Not Found', text: 'No app.' });
  const bodiless = withoutBody(answer);
  t.is(Buffer.from(answer).toString(), `${Buffer.from(bodiless).toString()}No app.\n`);
  const client = request({
    method: 'HEAD',
    host: '127.0.0.1',
    port: await serverThatSays(t, bodiless),
  }).end();
  const [response] = (await once(client, 'response')) as [IncomingMessage];
  t.is(response.headers['content-length'], '8');
  t.is(await text(response), '');
});

test('a redirect keeps path and query, and is 301 only where no body can get lost', (t) => {
  for (const method of ['GET', 'HEAD']) {
    t.true(redirect(method, '/a?b=c').startsWith('HTTP/1.1 301 Moved Permanently\r\n'));
  }
  for (const method of ['POST', 'PUT', 'OPTIONS', 'get']) {
    t.true(redirect(method, '/a?b=c').startsWith('HTTP/1.1 308 Permanent Redirect\r\n'));
  }
  t.true(redirect('GET', '/a/%2F?b=c&d=%zz').includes('\r\nlocation: https://a.example/a/%2F?b=c&d=%zz\r\n'));
  t.true(redirect('GET', '/\xe9|"<').includes('\r\nlocation: https://a.example/%E9%7C%22%3C\r\n'));
});

testProp('nothing in a path can add a header line or a host', [fc.string({ unit: 'binary' })], (t, path) => {
  const [head = '', ...body] = redirect('GET', `/${path}`).split('\r\n\r\n');
  t.is(head.split('\r\n').length, 5);
  t.is(body.length, 1);
  const location = /^location: (.*)$/m.exec(head)?.[1] ?? '';
  t.is(new URL(location).host, 'a.example');
});

test('an HTTP/2 client reads from the refusal that HTTP/1.1 is required', async (t) => {
  const session = connectHttp2(`http://127.0.0.1:${await serverThatSays(t, HTTP2_REFUSAL)}`);
  session.on('error', () => {});
  t.teardown(() => session.destroy());
  const [code, lastStream, debugData] = await once(session, 'goaway');
  t.is(code, 0x0d);
  t.is(lastStream, 0);
  t.is(debugData.toString(), 'This port speaks HTTP/1.1; HTTP/2 needs TLS.');
});

function redirect(method: string, pathAndQuery: string): string {
  return Buffer.from(httpsRedirect(method, 'a.example', pathAndQuery)).toString('latin1');
}

/** The port of a server that answers each client's first bytes with `bytes` and ends. */
async function serverThatSays(t: ExecutionContext, bytes: Uint8Array): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end(bytes));
  }).listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}
