import { type ClientHelloPeek, peekClientHello } from '../../edge/wire/client-hello.ts';
import { readRecorded } from '../edge/wire/corpus/recorded.ts';
import { mutated, type Stock } from './mutate.ts';
import { mutatedHello } from './mutate-hello.ts';
import { opensslOracle } from './oracles/openssl.ts';
import type { Oracle, OracleAnswer } from './oracles/oracle.ts';
import { readTlsOracle } from './oracles/read-tls.ts';
import { Random } from './random.ts';

export interface DifferentialOptions {
  /** How many there are for read-tls-client-hello. */
  readonly mutations: number;
  /** Each of so many of them is also for OpenSSL, which is slower. */
  readonly opensslEvery: number;
  readonly seed: number;
}

/** How often it came to what, by a line that says it. */
export interface DifferentialReport {
  readonly counts: ReadonlyMap<string, number>;
  /** The first few inputs for which both answer with a hello, and not with the same one. */
  readonly differences: readonly string[];
}

/** Asks the parser and the oracles about changed hellos of the corpus. */
export async function differ({
  mutations,
  opensslEvery,
  seed,
}: DifferentialOptions): Promise<DifferentialReport> {
  const random = new Random(seed);
  const corpus = (await readRecorded()).map(({ bytes }) => bytes);
  const stock: Stock = { corpus, words: [], maxBytes: 20_000 };
  const oracles = { 'read-tls-client-hello': readTlsOracle(), OpenSSL: await opensslOracle() };
  const counts = new Map<string, number>();
  const differences: string[] = [];

  for (let count = 0; count < mutations; count += 1) {
    const bytes = Buffer.from(mutation(corpus, stock, random));
    const peek = peekClientHello(bytes);
    for (const [name, oracle] of Object.entries(oracles)) {
      if (oracle === oracles.OpenSSL && count % opensslEvery !== 0) continue;
      const answer = await oracle.ask(bytes);
      const verdict = compare(peek, answer, oracle);
      const line = `${name}: ${verdict}`;
      counts.set(line, (counts.get(line) ?? 0) + 1);
      if (verdict.startsWith('DIFFERENT') && differences.length < 10) {
        differences.push(
          `${line}: ${JSON.stringify(peek)} and ${JSON.stringify(answer)} of ${bytes.toString('base64')}`,
        );
      }
    }
  }
  for (const oracle of Object.values(oracles)) oracle.close();
  return { counts, differences };
}

function mutation(corpus: readonly Uint8Array[], stock: Stock, random: Random): Uint8Array {
  const from = random.of(corpus);
  const known = random.oneIn(4) ? null : mutatedHello(from, stock, random);
  return known === null || random.oneIn(4) ? mutated(known ?? from, stock, random) : known;
}

/** "DIFFERENT" is what must not be: the same bytes go by one name here and by another there. */
function compare(peek: ClientHelloPeek, answer: OracleAnswer, oracle: Oracle): string {
  if (peek.kind !== 'hello') {
    const ours = peek.kind === 'malformed' ? `malformed, ${peek.problem}` : peek.kind;
    return answer.kind === 'refused' ? 'both take it for no hello' : `stricter than the oracle: ${ours}`;
  }
  if (answer.kind === 'refused') return `the oracle does not answer: ${answer.code}`;
  const { serverName, alpn } = answer;
  const ourName = peek.serverName === null ? null : oracle.spelledName(peek.serverName);
  if (serverName !== undefined && serverName !== ourName) return 'DIFFERENT name';
  const ourProtocols = peek.alpn.map((protocol) => oracle.spelledProtocol(protocol));
  if (alpn !== undefined && JSON.stringify(alpn) !== JSON.stringify(ourProtocols))
    return 'DIFFERENT protocols';
  return 'the same name and protocols';
}
