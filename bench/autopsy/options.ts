import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { choose, count } from '../arguments.ts';
import { PROXY_NAMES, type ProxyName } from '../proxies/proxy.ts';
import { LOAD_NAMES, type LoadName } from './loads.ts';

/** What is looked into, and for how long. */
export interface AutopsyOptions {
  readonly loads: readonly LoadName[];
  /** Null: those that each load names itself. */
  readonly proxies: readonly ProxyName[] | null;
  /** In each of the passes: plain, counted, sampled. */
  readonly connections: number;
  readonly gigabytes: number;
  /** Null: the machine's own. */
  readonly congestionControl: string | null;
  /** Directory that takes the report and the flame graphs. */
  readonly out: string;
}

export const USAGE = `node bench/autopsy.ts [--load NAME,…] [--proxy NAME,…]
  --load NAME,…              ${LOAD_NAMES.join(', ')}; all when not given
  --proxy NAME,…             ${PROXY_NAMES.filter((name) => name !== 'direct').join(', ')}; weir and its peers when not given
  --connections N            short connections in each pass: plain, counted and sampled (40000)
  --gigabytes N              bulk in each pass, in 10^9 bytes (4)
  --congestion-control NAME  in a network namespace where sockets begin with it (root): the machine's own when not given
  --out DIRECTORY            report.md and the flame graphs; bench/results/autopsy when not given
`;

const CONNECTIONS = 40_000;
const GIGABYTES = 4;
const RESULTS_DIRECTORY = fileURLToPath(new URL('../results/autopsy', import.meta.url));

export type ParsedAutopsyOptions =
  | { readonly kind: 'ok'; readonly options: AutopsyOptions }
  | { readonly kind: 'help' }
  | { readonly kind: 'invalid'; readonly problem: string };

export function parseAutopsyOptions(args: readonly string[]): ParsedAutopsyOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        load: { type: 'string', multiple: true },
        proxy: { type: 'string', multiple: true },
        connections: { type: 'string' },
        gigabytes: { type: 'string' },
        'congestion-control': { type: 'string' },
        out: { type: 'string', default: RESULTS_DIRECTORY },
      },
    });
    if (values.help) return { kind: 'help' };
    const measurable = PROXY_NAMES.filter((name) => name !== 'direct');
    return {
      kind: 'ok',
      options: {
        loads: choose('load', values.load, LOAD_NAMES) ?? LOAD_NAMES,
        proxies: choose('proxy', values.proxy, measurable),
        connections: count('connections', values.connections, CONNECTIONS),
        gigabytes: count('gigabytes', values.gigabytes, GIGABYTES),
        congestionControl: values['congestion-control'] ?? null,
        out: values.out,
      },
    };
  } catch (error) {
    return { kind: 'invalid', problem: error instanceof Error ? error.message : String(error) };
  }
}
