import dgram from 'node:dgram';
import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import packet, { type Answer, type DecodedPacket, type Packet, type Question } from 'dns-packet';
import type { Scope } from './scope.ts';

/** One record of a name; a TXT record's strings are what it is made of, up to 255 octets each (RFC 1035 §3.3.14). */
export type TestRecord =
  | { readonly type: 'TXT'; readonly strings: readonly string[] }
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME'; readonly target: string };

/** What the server does when it is asked for a name. */
export type TestAnswer =
  | {
      readonly kind: 'records';
      readonly records: readonly TestRecord[];
      /** Over UDP only the truncation bit comes: the client has to ask again over TCP. @default false */
      readonly isTruncated?: boolean;
      /** @default 0 */
      readonly delayMs?: number;
    }
  | { readonly kind: 'error'; readonly code: 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED' | 'NOTIMP' }
  /** Bytes that are no answer. */
  | { readonly kind: 'garbage' }
  | { readonly kind: 'silence' };

/** A question that was asked. */
export interface TestQuery {
  readonly name: string;
  readonly type: string;
  readonly transport: 'udp' | 'tcp';
}

/** Response codes (RFC 1035 §4.1.1). */
const CODES = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const;

/** What fits into an answer over UDP unless the client says more (RFC 1035 §4.2.1, RFC 6891 §6.2.3). */
const UDP_BYTES = 512;
const MAX_ALIASES = 8;
const TTL_SECONDS = 60;

/** A DNS server on one free port of 127.0.0.1, over UDP and TCP, that plays the resolver: it follows aliases by itself. */
export class TestDnsServer {
  /** `127.0.0.1:5353`. */
  readonly address: string;
  readonly port: number;
  /** The questions so far, in the order in which they came. */
  readonly queries: TestQuery[] = [];
  readonly #answers = new Map<string, TestAnswer>();
  readonly #udp: dgram.Socket;
  readonly #tcp: net.Server;
  readonly #sockets = new Set<net.Socket>();

  /** It is gone with the scope. */
  static async start(scope: Pick<Scope, 'teardown'>): Promise<TestDnsServer> {
    const { udp, tcp } = await bindBoth();
    const server = new TestDnsServer(udp, tcp);
    scope.teardown(() => server.#close());
    return server;
  }

  private constructor(udp: dgram.Socket, tcp: net.Server) {
    this.#udp = udp;
    this.#tcp = tcp;
    this.port = udp.address().port;
    this.address = `127.0.0.1:${this.port}`;
    udp.on('error', () => {});
    udp.on('message', (bytes, { address, port }) => {
      void this.#answerTo(bytes, 'udp').then((answer) => {
        if (answer !== null && tcp.listening) udp.send(answer, port, address);
      });
    });
    tcp.on('connection', (socket) => this.#serve(socket));
  }

  /** From now on this is what the name has; names that were never set do not exist. */
  set(name: string, answer: TestAnswer): void {
    this.#answers.set(name.toLowerCase(), answer);
  }

  /** The name has these TXT records, of one string each. */
  setTxt(name: string, ...values: readonly string[]): void {
    const records = values.map((value): TestRecord => ({ type: 'TXT', strings: [value] }));
    this.set(name, { kind: 'records', records });
  }

  /** Messages over TCP have their length before them, and may come in any pieces (RFC 1035 §4.2.2). */
  #serve(socket: net.Socket): void {
    this.#sockets.add(socket);
    let unread = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk]);
      while (unread.length >= 2 && unread.length >= 2 + unread.readUInt16BE()) {
        const end = 2 + unread.readUInt16BE();
        const message = unread.subarray(2, end);
        unread = unread.subarray(end);
        void this.#answerTo(message, 'tcp').then((answer) => {
          if (answer !== null && socket.writable) socket.write(withLength(answer));
        });
      }
    });
  }

  /** Null where nothing is to be sent. */
  async #answerTo(bytes: Buffer, transport: TestQuery['transport']): Promise<Buffer | null> {
    const query = decoded(bytes);
    if (query === null) return null;
    const [question] = query.questions ?? [];
    if (query.flag_qr || question === undefined) return encoded(query, { code: 'FORMERR' });
    this.queries.push({ name: question.name, type: question.type, transport });

    const answer = this.#answers.get(question.name.toLowerCase()) ?? { kind: 'error', code: 'NXDOMAIN' };
    switch (answer.kind) {
      case 'silence':
        return null;
      case 'garbage':
        return Buffer.concat([bytes.subarray(0, 2), Buffer.from('no answer')]);
      case 'error':
        return encoded(query, { code: answer.code });
      case 'records': {
        if (answer.delayMs !== undefined) await delay(answer.delayMs, undefined, { ref: false });
        const answers = this.#resolve(question);
        const whole = encoded(query, { code: answers.code, answers: answers.records });
        const isTooLong = answer.isTruncated === true || whole.length > udpBytesOf(query);
        return transport === 'udp' && isTooLong
          ? encoded(query, { code: 'NOERROR', isTruncated: true })
          : whole;
      }
      default:
        return answer satisfies never;
    }
  }

  /** The aliases on the way and what stands at their end (RFC 1034 §4.3.2, step 3a). */
  #resolve({ name, type }: Question): { readonly code: keyof typeof CODES; readonly records: Answer[] } {
    const records: Answer[] = [];
    let owner = name;
    for (let aliases = 0; aliases <= MAX_ALIASES; aliases += 1) {
      const answer = this.#answers.get(owner.toLowerCase());
      if (answer?.kind !== 'records')
        return { code: answer === undefined ? 'NXDOMAIN' : 'SERVFAIL', records };
      records.push(...answer.records.filter((one) => one.type === type).map((one) => asAnswer(owner, one)));
      const alias = answer.records.find((one) => one.type === 'CNAME');
      if (alias === undefined || type === 'CNAME') return { code: 'NOERROR', records };
      records.push(asAnswer(owner, alias));
      owner = alias.target;
    }
    return { code: 'SERVFAIL', records: [] };
  }

  async #close(): Promise<void> {
    const closed = once(this.#tcp, 'close');
    this.#tcp.close();
    this.#udp.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** One number for both transports; UDP may have lost the race for it. */
async function bindBoth(): Promise<{ readonly udp: dgram.Socket; readonly tcp: net.Server }> {
  for (;;) {
    const tcp = net.createServer().listen(0, '127.0.0.1');
    await once(tcp, 'listening');
    const udp = dgram.createSocket('udp4');
    try {
      udp.bind((tcp.address() as net.AddressInfo).port, '127.0.0.1');
      await once(udp, 'listening');
      return { udp, tcp };
    } catch {
      udp.close();
      tcp.close();
    }
  }
}

function decoded(bytes: Buffer): DecodedPacket | null {
  try {
    return packet.decode(bytes);
  } catch {
    return null;
  }
}

interface Reply {
  readonly code: keyof typeof CODES;
  readonly answers?: Answer[];
  readonly isTruncated?: boolean;
}

function encoded(query: DecodedPacket, { code, answers = [], isTruncated = false }: Reply): Buffer {
  const flags =
    packet.RECURSION_AVAILABLE |
    (query.flag_rd ? packet.RECURSION_DESIRED : 0) |
    (isTruncated ? packet.TRUNCATED_RESPONSE : 0) |
    CODES[code];
  const reply: Packet = { type: 'response', id: query.id, flags, questions: query.questions, answers };
  // Who says that it knows EDNS is answered with it (RFC 6891 §6.1.1).
  return packet.encode(optOf(query) === undefined ? reply : { ...reply, additionals: [OPT] });
}

const OPT: Answer = {
  type: 'OPT',
  name: '.',
  udpPayloadSize: 1232,
  extendedRcode: 0,
  ednsVersion: 0,
  flags: 0,
  flag_do: false,
  options: [],
};

function udpBytesOf(query: DecodedPacket): number {
  return Math.max(UDP_BYTES, optOf(query)?.udpPayloadSize ?? 0);
}

function optOf(query: DecodedPacket) {
  return query.additionals?.find((one) => one.type === 'OPT');
}

function asAnswer(name: string, record: TestRecord): Answer {
  const common = { name, ttl: TTL_SECONDS, class: 'IN' } as const;
  switch (record.type) {
    case 'TXT':
      return { ...common, type: 'TXT', data: [...record.strings] };
    case 'A':
    case 'AAAA':
      return { ...common, type: record.type, data: record.address };
    case 'CNAME':
      return { ...common, type: 'CNAME', data: record.target };
    default:
      return record satisfies never;
  }
}

function withLength(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
