import { type ClientHelloPeek, peekClientHello } from '../../../edge/wire/client-hello.ts';
import { ja4 } from '../../../edge/wire/ja4.ts';
import { readRecorded } from '../../edge/wire/corpus/recorded.ts';
import { helloMessageOf } from '../../edge/wire/corpus/records.ts';
import { inRecords } from '../../support/client-hello.ts';
import { checkPeek } from '../check-peek.ts';
import { mutatedHello } from '../mutate-hello.ts';
import type { Random } from '../random.ts';
import { readSeeds } from '../seeds.ts';
import type { FuzzTarget } from '../target.ts';

const JA4 = /^t(?:00|s3|1[0-3])[di]\d{4}[0-9a-zA-Z]{2}_[0-9a-f]{12}_[0-9a-f]{12}$/;

/** The recorded hellos and all that can be made of them. */
export async function clientHelloTarget(): Promise<FuzzTarget> {
  const recorded = (await readRecorded()).map(({ bytes }) => bytes);
  return {
    name: 'client-hello',
    files: [
      'client-hello',
      'client-hello-body',
      'client-hello-extensions',
      'client-hello-records',
      'extension-types',
      'grease',
      'ja4',
      'latin1',
      'sslv2-hello',
    ].map((file) => `edge/wire/${file}.ts`),
    seeds: [...recorded, ...(await readSeeds('client-hello'))],
    words: WORDS,
    maxBytes: 70_000,
    run: (input, random) => wayOf(checkHello(input, random)),
    mutate: mutatedHello,
  };
}

const WORDS = [
  [22, 3, 1],
  [22, 3, 3, 0, 1],
  [22, 3, 1, 0x40, 0],
  [0x80, 0x2e, 1, 3, 1],
  [0x00, 0x02],
  [0, 0, 0, 0],
  [0xfe, 0x0d, 0, 1, 0],
  [0, 43, 0, 3, 2, 3, 4],
  [0, 41, 0, 0],
  [0, 16, 0, 5, 0, 3, 2, 0x68, 0x32],
  [0xff, 0xff],
].map((bytes) => Uint8Array.from(bytes));

function checkHello(input: Uint8Array, random: Random): ClientHelloPeek {
  const answer = checkPeek<ClientHelloPeek>(
    (bytes, since) => peekClientHello(bytes, since?.kind === 'incomplete' ? since : undefined),
    input,
    random,
  );
  if (answer.kind === 'incomplete') {
    if (answer.leastBytes <= input.length) throw new Error(`it waits for ${answer.leastBytes} bytes`);
    if (answer.at > input.length) throw new Error(`its cursor is at ${answer.at}`);
  }
  if (answer.kind === 'hello') {
    const { serverName, alpn, supportedVersions } = answer;
    if (serverName !== null && (serverName.length === 0 || serverName.length > 255))
      throw new Error(serverName);
    if (alpn.length > 128 || alpn.includes('')) throw new Error(alpn.join());
    if (
      supportedVersions.some((version) => (version & 0x0f0f) === 0x0a0a && version >> 8 === (version & 0xff))
    )
      throw new Error('GREASE among the versions');
    if (random.oneIn(16)) checkReframed(input, answer, random);
  }
  if (random.oneIn(16)) checkJa4(input, answer.kind === 'hello');
  return answer;
}

/** The same message in other records is the same hello. */
function checkReframed(input: Uint8Array, answer: ClientHelloPeek, random: Random): void {
  const bytes = Buffer.from(input);
  const message = helloMessageOf(bytes);
  const other = peekClientHello(inRecords(message, 1 + random.small(message.length), bytes.readUInt16BE(1)));
  if (JSON.stringify(other) !== JSON.stringify(answer)) throw new Error('other records make another hello');
}

function checkJa4(input: Uint8Array, isHello: boolean): void {
  const fingerprint = ja4(input);
  if (isHello ? fingerprint === null || !JA4.test(fingerprint) : fingerprint !== null)
    throw new Error(`the fingerprint is ${fingerprint}`);
}

function wayOf(answer: ClientHelloPeek): string {
  switch (answer.kind) {
    case 'malformed':
      return answer.problem;
    case 'incomplete':
      return `incomplete ${Math.min(answer.messageBytes, 4)} ${answer.at === 0}`;
    case 'hello': {
      const { serverName, alpn, supportedVersions, ech } = answer;
      return `hello ${serverName === null} ${Math.min(alpn.length, 4)} ${Math.min(supportedVersions.length, 4)} ${ech}`;
    }
    default:
      return answer.kind;
  }
}
