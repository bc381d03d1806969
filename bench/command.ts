import { fileURLToPath } from 'node:url';
import { endOnSignal } from './end-on-signal.ts';
import { startLoad } from './load/load-processes.ts';
import { isElsewhere, runWithCongestionControl } from './measure/congestion-control.ts';
import { describeMachine, type Machine } from './measure/machine.ts';
import type { Bench, Busy, Findings, Scenario, ScenarioName, Series } from './measurement.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { PROXIES } from './proxies/all.ts';
import type { Contender } from './proxies/proxy.ts';
import type { Results } from './report/results.ts';
import { renderTerminal } from './report/terminal.ts';
import { writeReport } from './report/write-report.ts';
import { bulk } from './scenarios/bulk.ts';
import { changes } from './scenarios/changes.ts';
import { handshakes } from './scenarios/handshakes.ts';
import { idle } from './scenarios/idle.ts';
import { keepAlive } from './scenarios/keep-alive.ts';
import { messages } from './scenarios/messages.ts';
import { rest } from './scenarios/rest.ts';
import { short } from './scenarios/short.ts';
import { Session } from './session.ts';

const SCRIPT = fileURLToPath(new URL('./run.ts', import.meta.url));
const SCENARIOS: Readonly<Record<ScenarioName, Scenario>> = {
  short,
  bulk,
  messages,
  handshakes,
  'keep-alive': keepAlive,
  idle,
  rest,
  changes,
};

/** Below, one disturbed round decides. */
const LEAST_ROUNDS_TO_PUBLISH = 5;
/** HAProxy takes most: two for a connection, and pipes. */
const FILES_PER_CONNECTION = 3;
const SPARE_FILES = 2_000;

/** Measures what the arguments say, prints the report and writes it down; sets the exit code: 1 where a scenario failed, 2 for wrong arguments. */
export async function runCommand(args: readonly string[]): Promise<void> {
  const parsed = parseOptions(args);
  if (parsed.kind === 'help') {
    process.stdout.write(USAGE);
  } else if (parsed.kind === 'invalid') {
    process.stderr.write(`${parsed.problem}\n\n${USAGE}`);
    process.exitCode = 2;
  } else if (isElsewhere(parsed.options.congestionControl)) {
    process.exitCode = await runWithCongestionControl(parsed.options.congestionControl, [SCRIPT, ...args]);
  } else {
    const run = await measureAll(parsed.options);
    const results: Results = { command: ['node bench/run.ts', ...args].join(' '), ...run };
    process.stdout.write(`\n${renderTerminal(results)}`);
    process.stdout.write(`\n${writeReport(results, parsed.options.out)}\n`);
  }
}

async function measureAll(options: Options): Promise<Omit<Results, 'command'>> {
  const isIdleMeasured = options.scenarios.includes('idle');
  const machine = describeMachine(
    isIdleMeasured ? options.idleConnections * FILES_PER_CONNECTION + SPARE_FILES : 0,
  );
  const notes = new Set<string>();
  if (Math.min(options.rounds, options.freshRounds) < LEAST_ROUNDS_TO_PUBLISH)
    notes.add(`fewer than ${LEAST_ROUNDS_TO_PUBLISH} rounds: for comparing while tuning, not for publishing`);
  const versions: Record<string, string> = {};
  const series: Series[] = [];
  const busy: Busy[] = [];

  for (const name of options.scenarios) {
    const scenario = SCENARIOS[name];
    const proxies = (options.proxies ?? scenario.proxies)
      .filter((proxy) => scenario.proxies.includes(proxy))
      .map((proxy) => PROXIES[proxy])
      .filter((proxy) => {
        const presence = proxy.find();
        if (presence.kind === 'missing') notes.add(`${proxy.name} was not measured: ${presence.remedy}`);
        else versions[proxy.name] = presence.version;
        return presence.kind === 'found';
      });
    if (proxies.length === 0) continue;
    try {
      const note = (line: string): unknown => notes.add(line);
      const findings = await measureOne({ scenario, proxies, options, machine, note });
      series.push(...findings.series);
      busy.push(...findings.busy);
    } catch (error) {
      notes.add(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
  return { at: new Date().toISOString(), machine, versions, series, busy, notes: Array.from(notes) };
}

interface Order {
  readonly scenario: Scenario;
  readonly proxies: readonly Contender[];
  readonly options: Options;
  readonly machine: Machine;
  readonly note: Bench['note'];
}

/** In a session of its own: whatever becomes of one scenario, the next starts with nothing running. */
async function measureOne({ scenario, proxies, options, machine, note }: Order): Promise<Findings> {
  const begun = performance.now();
  const progress = (line: string): void => {
    const seconds = ((performance.now() - begun) / 1000).toFixed(0);
    process.stderr.write(`${scenario.name} ${seconds.padStart(3)} s  ${line}\n`);
  };
  await using session = new Session(machine);
  using _signals = endOnSignal(session);
  try {
    const load = await startLoad(session);
    const fail = (line: string): void => {
      note(`${scenario.name}: ${line}`);
      progress(line);
      process.exitCode = 1;
    };
    return await scenario.run({ session, load, options, proxies, progress, note, fail });
  } catch (error) {
    if (session.isEnding) await new Promise<never>(() => {}); // The signal's handler ends the process.
    throw error;
  }
}
