import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { choose, count, positive } from './arguments.ts';
import { SCENARIO_NAMES, type ScenarioName } from './measurement.ts';
import { PROXY_NAMES, type ProxyName } from './proxies/proxy.ts';

/** What one run measures, and how much of it. */
export interface Options {
  readonly scenarios: readonly ScenarioName[];
  /** Null: those that each scenario names itself. */
  readonly proxies: readonly ProxyName[] | null;
  /** For scenarios that compare proxies which run side by side. */
  readonly rounds: number;
  /** For scenarios that start each proxy anew in each round. */
  readonly freshRounds: number;
  /** Short connections per proxy, over all rounds. */
  readonly connections: number;
  /** 10⁹ bytes per proxy and direction, over all rounds. */
  readonly gigabytes: number;
  /** Small messages per proxy, over all rounds; the same for the next two. */
  readonly messages: number;
  readonly handshakes: number;
  readonly requests: number;
  readonly idleConnections: number;
  /** Route changes; there are a quarter as many port changes. */
  readonly changes: number;
  /** Of all sockets; null: as the machine has it. */
  readonly congestionControl: string | null;
  /** Directory that takes the report, the charts and the samples. */
  readonly out: string;
}

export const USAGE = `node bench/run.ts [--quick] [--scenario NAME,…] [--proxy NAME,…]
  --scenario NAME,…        ${SCENARIO_NAMES.join(', ')}; all when not given
  --proxy NAME,…           ${PROXY_NAMES.join(', ')}; what the scenario compares when not given
  --quick                  fewer and smaller rounds, all in three minutes: for comparing while tuning, not for publishing
  --rounds N               rounds of proxies that run side by side (all but idle, rest and changes)
  --fresh-rounds N         rounds that start each proxy anew (idle, rest)
  --connections N          short connections per proxy, over all rounds
  --gigabytes N            bulk per proxy and kind of transfer, over all rounds, in 10^9 bytes
  --messages N             small messages per proxy, over all rounds
  --handshakes N           TLS handshakes per proxy, over all rounds
  --requests N             HTTPS requests per proxy, over all rounds
  --idle-connections N     connections that are held open, 50000 as root
  --changes N              route changes
  --congestion-control NAME  in a network namespace where sockets begin with it (root): the machine's own when not given
  --out DIRECTORY          report.md, its charts, and results.json; bench/results/latest when not given
`;

const RESULTS_DIRECTORY = fileURLToPath(new URL('./results/latest', import.meta.url));

const FULL = {
  rounds: 5,
  freshRounds: 5,
  connections: 30_000,
  gigabytes: 4,
  messages: 40_000,
  handshakes: 3_000,
  requests: 20_000,
  idleConnections: 5_000,
  changes: 200,
};
const QUICK = {
  rounds: 3,
  freshRounds: 1,
  connections: 9_000,
  gigabytes: 0.9,
  messages: 6_000,
  handshakes: 450,
  requests: 3_000,
  idleConnections: 2_000,
  changes: 40,
};

export type ParsedOptions =
  | { readonly kind: 'ok'; readonly options: Options }
  | { readonly kind: 'help' }
  | { readonly kind: 'invalid'; readonly problem: string };

export function parseOptions(args: readonly string[]): ParsedOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        quick: { type: 'boolean', default: false },
        scenario: { type: 'string', multiple: true },
        proxy: { type: 'string', multiple: true },
        rounds: { type: 'string' },
        'fresh-rounds': { type: 'string' },
        connections: { type: 'string' },
        gigabytes: { type: 'string' },
        messages: { type: 'string' },
        handshakes: { type: 'string' },
        requests: { type: 'string' },
        'idle-connections': { type: 'string' },
        changes: { type: 'string' },
        'congestion-control': { type: 'string' },
        out: { type: 'string', default: RESULTS_DIRECTORY },
      },
    });
    if (values.help) return { kind: 'help' };
    const size = values.quick ? QUICK : FULL;
    return {
      kind: 'ok',
      options: {
        scenarios: choose('scenario', values.scenario, SCENARIO_NAMES) ?? SCENARIO_NAMES,
        proxies: choose('proxy', values.proxy, PROXY_NAMES),
        rounds: count('rounds', values.rounds, size.rounds),
        freshRounds: count('fresh-rounds', values['fresh-rounds'], size.freshRounds),
        connections: count('connections', values.connections, size.connections),
        gigabytes: positive('gigabytes', values.gigabytes, size.gigabytes),
        messages: count('messages', values.messages, size.messages),
        handshakes: count('handshakes', values.handshakes, size.handshakes),
        requests: count('requests', values.requests, size.requests),
        idleConnections: count('idle-connections', values['idle-connections'], size.idleConnections),
        changes: count('changes', values.changes, size.changes),
        congestionControl: values['congestion-control'] ?? null,
        out: values.out,
      },
    };
  } catch (error) {
    return { kind: 'invalid', problem: error instanceof Error ? error.message : String(error) };
  }
}
