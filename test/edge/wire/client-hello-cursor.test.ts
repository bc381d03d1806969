import test from 'ava';
import { type ClientHelloPeek, peekClientHello } from '../../../edge/wire/client-hello.ts';
import type { HelloCursor } from '../../../edge/wire/client-hello-records.ts';
import { helloMessage, inRecords } from '../../support/client-hello.ts';

const MESSAGE = helloMessage({ extensions: [{ type: 51, data: new Uint8Array(1300) }] });

test('with the cursor of any earlier answer the answer is the same as without', (t) => {
  for (const fragmentBytes of [1, 2, 7, 100, 16384]) {
    const hello = inRecords(MESSAGE.subarray(0, 4), 3);
    const bytes = Buffer.concat([hello, inRecords(MESSAGE.subarray(4), fragmentBytes)]);
    const cursors: HelloCursor[] = [];
    for (let end = 0; end <= bytes.length; end += 1 + (end % 11)) {
      const part = bytes.subarray(0, end);
      const plain = peekClientHello(part);
      for (const cursor of cursors.slice(-3)) t.deepEqual(peekClientHello(part, cursor), plain);
      if (plain.kind === 'incomplete') cursors.push(plain);
    }
    for (const cursor of cursors) t.is(peekClientHello(bytes, cursor).kind, 'hello');
  }
});

test('with a cursor, nothing but the header of a record is read again before its last byte has come', (t) => {
  const bytes = inRecords(MESSAGE, 100);
  let reads = 0;
  let cursor: HelloCursor | undefined;
  for (let end = 1; end < bytes.length; end += 1) {
    const watched = new Proxy(bytes.subarray(0, end), {
      get(target, key) {
        if (typeof key === 'string' && /^\d+$/.test(key)) reads += 1;
        return Reflect.get(target, key);
      },
    });
    const peek = peekClientHello(watched, cursor);
    if (peek.kind !== 'incomplete') return t.fail(peek.kind);
    cursor = peek;
  }
  t.true(reads < 16 * bytes.length, `${reads} reads for ${bytes.length} bytes`);
});

test('what a hello takes at least is known from its first bytes, and is never more than it takes', (t) => {
  for (const fragmentBytes of [1, 3, 500, 16384]) {
    const bytes = inRecords(MESSAGE, fragmentBytes);
    let before = 0;
    for (let end = 0; end < bytes.length; end += 1) {
      const least = leastBytes(peekClientHello(bytes.subarray(0, end)));
      if (least <= end || least < before || least > bytes.length) {
        return t.fail(`${least} at ${end} of ${bytes.length}, after ${before}`);
      }
      before = least;
    }
  }
  t.pass();
});

test('a length that was claimed is known before anything of it has come', (t) => {
  const claimed = 60_000;
  t.is(
    leastBytes(peekClientHello(Buffer.from([22, 3, 1, 0, 4, 1, 0, claimed >> 8, claimed & 0xff]))),
    60_029,
  );
  t.is(leastBytes(peekClientHello(Buffer.from([22, 3, 1, 0x40, 0]))), 5 + 16384);
  t.is(leastBytes(peekClientHello(Buffer.from([22]))), 5 + 4 + 41);
});

function leastBytes(peek: ClientHelloPeek): number {
  return peek.kind === 'incomplete' ? peek.leastBytes : -1;
}
