import { Readable } from 'node:stream';
import { parseArgs } from 'node:util';
import { readTlsClientHello } from 'read-tls-client-hello';
import { peekClientHello } from '../edge/wire/client-hello.ts';
import type { HelloCursor } from '../edge/wire/client-hello-records.ts';
import { ja4 } from '../edge/wire/ja4.ts';
import { readRecorded } from '../test/edge/wire/corpus/recorded.ts';
import { helloMessageOf } from '../test/edge/wire/corpus/records.ts';
import { inRecords } from '../test/support/client-hello.ts';
import { allocatedBytes } from './measure/allocated.ts';
import { median } from './measure/statistics.ts';

const USAGE = `node bench/parsers.ts [--rounds N]
  --rounds N   of each row, in turns (40)
`;

/** As long as this, a round is far above the clock's grain. */
const ROUND_MS = 10;

interface Row {
  readonly what: string;
  readonly bytes: number;
  readonly call: () => unknown;
  /** Of a call that answers with a promise, by nature: with what the event loop costs. */
  readonly isAsync?: boolean;
  /** µs. */
  readonly goal?: number;
}

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '40' } } });
const rounds = Number(values.rounds);
if (Number.isInteger(rounds) && rounds > 0) process.stdout.write(await measured(await rowsOf(), rounds));
else {
  process.stderr.write(USAGE);
  process.exitCode = 2;
}

async function rowsOf(): Promise<readonly Row[]> {
  const recorded = new Map((await readRecorded()).map(({ name, bytes }) => [name, bytes]));
  const hello = (name: string) => {
    const bytes = recorded.get(name);
    if (bytes === undefined) throw new Error(`there is no recorded hello ${name}`);
    return bytes;
  };
  const read = (what: string, bytes: Buffer, goal?: number): Row => ({
    what,
    bytes: bytes.length,
    call: () => peekClientHello(bytes),
    ...(goal === undefined ? {} : { goal }),
  });
  const chromium = hello('chromium');
  const split = inRecords(helloMessageOf(chromium), 512);
  return [
    read('hello of OpenSSL 3.0', hello('openssl-alpn')),
    read('hello of Node 24: name, ALPN, a post-quantum share', hello('node-alpn'), 2),
    read('hello of Firefox: and ECH', hello('firefox'), 2),
    read('hello of Chromium: and GREASE', chromium, 2),
    read('the same in records of 512 bytes', split),
    {
      what: 'the same byte by byte, all calls together',
      bytes: chromium.length,
      call: () => byteByByte(chromium),
    },
    { what: 'its JA4', bytes: chromium.length, call: () => ja4(chromium) },
    {
      what: 'the same hello by read-tls-client-hello',
      bytes: chromium.length,
      call: () => readTlsClientHello(Readable.from([chromium], { objectMode: false })),
      isAsync: true,
    },
  ];
}

function byteByByte(bytes: Buffer): unknown {
  let cursor: HelloCursor | undefined;
  for (let end = 1; end <= bytes.length; end += 1) {
    const peek = peekClientHello(bytes.subarray(0, end), cursor);
    if (peek.kind !== 'incomplete') return peek;
    cursor = peek;
  }
  return null;
}

/** Rows take turns, so that what disturbs the machine for a while disturbs all of them. */
async function measured(rows: readonly Row[], count: number): Promise<string> {
  const states = await Promise.all(
    rows.map(async (row) => ({ row, times: await timesInRound(row), samples: [] as number[] })),
  );
  for (let round = 0; round < count; round += 1) {
    for (const { row, times, samples } of states) samples.push((await timed(row, times)) / times);
  }
  const lines = states.map(({ row, samples }) => {
    const fastest = Math.min(...samples);
    const memory = row.isAsync === true ? '–' : `${Math.round(allocatedBytes(row.call))} B`;
    const goal = row.goal === undefined ? '' : `≤ ${row.goal} µs ${fastest <= row.goal ? 'met' : 'MISSED'}`;
    return `| ${row.what} | ${row.bytes} | ${fastest.toFixed(2)} µs | ${median(samples).toFixed(2)} µs | ${memory} | ${goal} |`;
  });
  return `| what | bytes | fastest round | median | memory taken by a call | goal |\n|---|---|---|---|---|---|\n${lines.join('\n')}\n`;
}

async function timesInRound(row: Row): Promise<number> {
  for (let times = 1; ; times *= 2) {
    if ((await timed(row, times)) > ROUND_MS * 1000) return times;
  }
}

/** µs. */
async function timed({ call, isAsync }: Row, times: number): Promise<number> {
  const begun = performance.now();
  if (isAsync === true) for (let count = 0; count < times; count += 1) await call();
  else for (let count = 0; count < times; count += 1) call();
  return (performance.now() - begun) * 1000;
}
