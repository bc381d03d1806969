import test from 'ava';
import { captureHello, recordLength } from '../../bench/load/hello.ts';
import { peekClientHello } from '../../edge/wire/client-hello.ts';

test('the hello is a real one of 300 to 400 bytes that carries the name', async (t) => {
  const hello = await captureHello('answer.bench.test');
  const peek = peekClientHello(hello);

  if (peek.kind !== 'hello') return t.fail();
  t.is(peek.serverName, 'answer.bench.test');
  t.deepEqual(peek.alpn, ['h2', 'http/1.1']);
  t.is(recordLength(hello), hello.length);
  t.true(hello.length >= 300 && hello.length <= 400, `${hello.length} bytes`);
});
