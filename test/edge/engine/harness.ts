import type { ExecutionContext } from 'ava';
import type { InboundProxy } from '../../../config/config.ts';
import type { Peek } from '../../../edge/connection/facts.ts';
import type { Outcome } from '../../../edge/connection/outcome.ts';
import type { Candidate, Decision, Plan } from '../../../edge/connection/plan.ts';
import type {
  CreateEngine,
  Engine,
  EngineHost,
  EngineLimits,
  EngineProblem,
  Listening,
} from '../../../edge/engine/contract.ts';
import { bindSharedSocket } from '../../../edge/process/shared-socket.ts';

export interface EngineUnderTest {
  readonly engine: Engine;
  readonly listening: Listening;
  readonly address: string;
  readonly port: number;
  /** Copies of what `decide` was shown, in order. */
  readonly peeks: readonly Buffer[];
  readonly outcomes: readonly Outcome[];
  readonly problems: readonly EngineProblem[];
  /** The next outcome that nobody has taken yet. */
  outcome(): Promise<Outcome>;
}

export const ANSWER = Buffer.from('turned away');

const LIMITS: EngineLimits = {
  helloTimeoutMs: 2000,
  proxyHeaderTimeoutMs: 1000,
  maxHelloBytes: 4096,
  lingerMs: 1000,
  maxConnections: 0,
  pending: { connections: 0, perAddress: 0, perSubnet: 0, bytes: 0, graceMs: 0 },
};

/** An engine on a free loopback port. Without `decide` every connection goes to `candidates` as soon as it has a byte. */
export async function startEngine(
  t: ExecutionContext,
  create: CreateEngine,
  options: {
    readonly peek?: Peek;
    /** @default 'off' */
    readonly proxyProtocol?: InboundProxy['proxyProtocol'];
    readonly defersAccept?: boolean;
    readonly limits?: Partial<EngineLimits>;
    readonly candidates?: readonly Place[];
    /** Peers whose PROXY header is believed. @default none */
    readonly trusted?: readonly string[];
    readonly decide?: EngineHost['decide'];
  },
): Promise<EngineUnderTest> {
  const peeks: Buffer[] = [];
  const outcomes: Outcome[] = [];
  const problems: EngineProblem[] = [];
  const untaken: Outcome[] = [];
  const waiting: ((outcome: Outcome) => void)[] = [];
  const decide = options.decide ?? (() => forward(options.candidates ?? []));
  const host: EngineHost = {
    decide(peeked, facts) {
      peeks.push(Buffer.from(peeked));
      return decide(peeked, facts);
    },
    isTrusted: (_, peerAddress) => options.trusted?.includes(peerAddress) ?? false,
    answerFor: () => ANSWER,
    report(outcome) {
      outcomes.push(outcome);
      const taker = waiting.shift();
      if (taker === undefined) untaken.push(outcome);
      else taker(outcome);
    },
    warn: (problem) => problems.push(problem),
  };
  const engine = create(host, { ...LIMITS, ...options.limits });
  const bound = bindSharedSocket({ address: '127.0.0.1', port: 0, ipv6Only: false });
  if (bound.kind === 'failed') throw new Error(bound.code);
  const { port } = bound;
  const listening = await engine.listen(bound.socket, {
    name: 'test',
    peek: options.peek ?? 'tls',
    port,
    binding: null,
    httpsPort: 443,
    inbound: { proxyProtocol: options.proxyProtocol ?? 'off', trusted: [] },
    defersAccept: options.defersAccept ?? false,
  });
  t.teardown(() => {
    listening.stop();
    engine.closeConnections();
  });
  return {
    engine,
    listening,
    address: '127.0.0.1',
    port,
    peeks,
    outcomes,
    problems,
    outcome: () => {
      const outcome = untaken.shift();
      return outcome === undefined
        ? new Promise((resolve) => waiting.push(resolve))
        : Promise.resolve(outcome);
    },
  };
}

/** Where a backend listens. */
type Place = Pick<Candidate, 'address' | 'port'>;

export function forward(places: readonly Place[], plan: Partial<Plan> = {}): Decision {
  return {
    kind: 'forward',
    plan: {
      candidates: places.map(({ address, port }, at) => ({ address, port, service: serviceAt(at) })),
      dialTimeoutMs: 1000,
      prelude: null,
      unreachableAnswer: Buffer.from('nobody there'),
      idleTimeoutMs: 10_000,
      halfClosedTimeoutMs: 10_000,
      serverName: 'www.example.com',
      route: 'tls/www.example.com',
      hasEch: false,
      uniqueId: null,
      ja4: null,
      ...plan,
    },
  };
}

/** Each candidate is one of another service, as with weighted backends. */
export function serviceAt(at: number): string {
  return `acme/web/production/web-${at}`;
}
