import { PassThrough } from 'node:stream';
import test from 'ava';
import { calculateJa4, getExtensionData, readTlsClientHello } from 'read-tls-client-hello';
import { decide } from '../../../edge/connection/decide.ts';
import type { Verdict } from '../../../edge/connection/verdict.ts';
import { ja4 } from '../../../edge/wire/ja4.ts';
import { parseHostname } from '../../../routing/model/hostname.ts';
import { RouteTable } from '../../../routing/table/route-table.ts';
import { endpointRow, routeRow } from '../../routing/table/sample-rows.ts';
import { inRecords, record } from '../../support/client-hello.ts';
import { factsOf } from '../connection/facts-of.ts';
import { type Recorded, readRecorded } from './corpus/recorded.ts';
import { helloBytes, helloMessageOf } from './corpus/records.ts';

const RECORDED = await readRecorded();
const FACTS = factsOf('tls');

/** A route for every name that is one, and the default for clients without. */
const TABLE = new RouteTable();
TABLE.apply(endpointRow('i1'));
TABLE.apply(routeRow('*'));
for (const name of new Set(RECORDED.flatMap(({ sni }) => hostnameOf(sni) ?? []))) TABLE.apply(routeRow(name));

test('the corpus has hellos of many clients, whole and split, with tickets, ECH and post-quantum key shares', (t) => {
  t.true(RECORDED.length > 50);
  const sizes = RECORDED.map(({ bytes }) => helloBytes(bytes));
  t.true(Math.max(...sizes) > 4096);
  t.true(RECORDED.filter(({ bytes }) => helloBytes(bytes) > 5 + bytes.readUInt16BE(3)).length >= 2);
  t.true(RECORDED.some(({ bytes }) => bytes.length > helloBytes(bytes)));
});

for (const recorded of RECORDED) {
  const hello = recorded.bytes.subarray(0, helloBytes(recorded.bytes));
  const message = helloMessageOf(recorded.bytes);

  test(`${recorded.name} is routed by what it was told to ask for, in one piece`, (t) => {
    t.is(answerOf(decide(recorded.bytes, FACTS, TABLE)), expectedAnswer(recorded));
  });

  test(`${recorded.name} is routed right when cut at every byte`, (t) => {
    const expected = expectedAnswer(recorded);
    for (let cut = 0; cut < hello.length; cut += 1) {
      const first = decide(hello.subarray(0, cut), FACTS, TABLE);
      if (first.kind !== 'need-more') return t.fail(`an answer after ${cut} bytes`);
      const facts = { ...FACTS, cursor: first.cursor };
      if (answerOf(decide(hello, facts, TABLE)) !== expected) return t.fail(`wrong when cut at ${cut}`);
    }
    t.pass();
  });

  test(`${recorded.name} is routed right byte by byte`, (t) => {
    let facts = FACTS;
    for (let end = 1; end < hello.length; end += 1) {
      const verdict = decide(hello.subarray(0, end), facts, TABLE);
      if (verdict.kind !== 'need-more') return t.fail(`an answer after ${end} bytes`);
      facts = { ...FACTS, cursor: verdict.cursor };
    }
    t.is(answerOf(decide(hello, facts, TABLE)), expectedAnswer(recorded));
  });

  test(`${recorded.name} is routed right in records of every size, and fingerprinted alike`, (t) => {
    const expected = expectedAnswer(recorded);
    const fingerprint = ja4(hello);
    for (let size = 1; size <= message.length; size += 1) {
      const framed = inRecords(message, size);
      if (answerOf(decide(framed, FACTS, TABLE)) !== expected) return t.fail(`wrong in records of ${size}`);
      if (size % 97 === 1) t.is(ja4(framed), fingerprint);
    }
    t.pass();
  });

  test(`${recorded.name} is routed right with the first application data behind it`, (t) => {
    const data = Buffer.alloc(300, 0xd5);
    for (let size = 1; size <= data.length; size += 1) {
      const attached = Buffer.concat([hello, record(23, data.subarray(0, size), 0x0303)]);
      t.is(answerOf(decide(attached, FACTS, TABLE)), expectedAnswer(recorded));
      const part = attached.subarray(0, hello.length + size);
      t.is(answerOf(decide(part, FACTS, TABLE)), expectedAnswer(recorded));
    }
  });

  test(`${recorded.name} reads as another parser reads it`, async (t) => {
    const stream = new PassThrough();
    stream.write(inRecords(message));
    const oracle = await readTlsClientHello(stream);
    t.is(getExtensionData(oracle, 'server_name')?.serverName ?? null, recorded.sni);
    t.deepEqual(getExtensionData(oracle, 'alpn')?.protocols ?? [], recorded.alpn);
    t.is(ja4(hello), calculateJa4(oracle));
  });
}

/** In one comparable line: where it goes, by which name, with which protocols. */
function answerOf(verdict: Verdict): string {
  if (verdict.kind !== 'forward') return verdict.kind === 'refuse' ? verdict.reason : verdict.kind;
  return [verdict.target.key, verdict.serverName, ...verdict.alpn].join(' ');
}

function expectedAnswer({ sni, alpn }: Recorded): string {
  const hostname = hostnameOf(sni);
  if (sni !== null && hostname === null) return 'unknown-name';
  return [hostname === null ? 'tls/*' : `tls/${hostname}`, hostname, ...alpn].join(' ');
}

/** The normal form, by other means than the parser's: null for an address. */
function hostnameOf(sni: string | null): string | null {
  if (sni === null || parseHostname(sni).kind === 'invalid') return null;
  return sni.toLowerCase().replace(/\.$/, '');
}
