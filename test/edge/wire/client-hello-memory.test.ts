import test from 'ava';
import { allocatedBytes } from '../../../bench/measure/allocated.ts';
import { peekClientHello } from '../../../edge/wire/client-hello.ts';
import { helloMessage, inRecords } from '../../support/client-hello.ts';
import { readRecorded } from './corpus/recorded.ts';

const CAP = 64 * 1024;

/** What a hello takes beside three times its own bytes: its answer, and a bit for each type of extension. */
const FIXED_BYTES = 12 * 1024;

const many = Array.from({ length: 15_000 }, (_, index) => ({ type: 100 + index, data: new Uint8Array(0) }));
const long = Array.from({ length: 128 }, (_, index) => String(index).padStart(255, 'x'));

const GREEDY: readonly (readonly [string, Uint8Array])[] = [
  ['15,000 extensions', inRecords(helloMessage({ extensions: many }))],
  ['128 protocols of 255 bytes', inRecords(helloMessage({ alpn: long }))],
  ['20,000 protocols', inRecords(helloMessage({ alpn: Array.from({ length: 20_000 }, () => 'h2') }))],
  ['10,000 records', inRecords(helloMessage({ extensions: many.slice(0, 2500) }), 1)],
  ['a claim of 128 KiB', Buffer.from([22, 3, 1, 0x40, 0, 1, 2, 0, 0])],
  ['half of a hello', inRecords(helloMessage({ extensions: many })).subarray(0, 30_000)],
];

for (const [what, bytes] of GREEDY) {
  test.serial(`${what} take no more memory than three times the bytes that came`, (t) => {
    t.true(bytes.length < CAP + 20, `${bytes.length} bytes`);
    const taken = allocatedBytes(() => peekClientHello(bytes));
    t.true(taken < 3 * bytes.length + FIXED_BYTES, `${taken} bytes for ${bytes.length}`);
  });
}

test.serial(
  'the hello of a real client in one record takes less than a KiB, whatever its size',
  async (t) => {
    for (const { name, bytes } of await readRecorded()) {
      if (/fragments/.test(name)) continue;
      const taken = allocatedBytes(() => peekClientHello(bytes));
      t.true(taken < 1024, `${name}: ${taken}`);
    }
  },
);
