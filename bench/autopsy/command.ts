import { fileURLToPath } from 'node:url';
import { endOnSignal } from '../end-on-signal.ts';
import { startLoad } from '../load/load-processes.ts';
import { isElsewhere, runWithCongestionControl } from '../measure/congestion-control.ts';
import { describeMachine } from '../measure/machine.ts';
import { PROXIES } from '../proxies/all.ts';
import type { Contender } from '../proxies/proxy.ts';
import { Session } from '../session.ts';
import { dissect, type Finding } from './dissect.ts';
import { LOADS, type LoadName } from './loads.ts';
import { type AutopsyOptions, parseAutopsyOptions, USAGE } from './options.ts';
import type { Autopsy } from './report.ts';
import { forgetScripts, NAMED_SCRIPTS } from './sample-stacks.ts';
import { findTools } from './tools.ts';
import { writeAutopsy } from './write.ts';

const SCRIPT = fileURLToPath(new URL('../autopsy.ts', import.meta.url));

/** Looks into what the arguments say and writes it down; sets the exit code: 1 where a proxy failed, 2 for wrong arguments. */
export async function runAutopsy(args: readonly string[]): Promise<void> {
  const parsed = parseAutopsyOptions(args);
  if (parsed.kind === 'help') {
    process.stdout.write(USAGE);
  } else if (parsed.kind === 'invalid') {
    process.stderr.write(`${parsed.problem}\n\n${USAGE}`);
    process.exitCode = 2;
  } else {
    const { congestionControl: wanted, out } = parsed.options;
    if (isElsewhere(wanted)) {
      process.exitCode = await runWithCongestionControl(wanted, [SCRIPT, ...args]);
      return;
    }
    const command = ['node bench/autopsy.ts', ...args].join(' ');
    const written = writeAutopsy({ command, ...(await examine(parsed.options)) }, out);
    process.stdout.write(`${written.report}\n${written.file}\n`);
  }
}

/** One proxy at a time: nothing else runs on its core meanwhile. */
async function examine(options: AutopsyOptions): Promise<Omit<Autopsy, 'command'>> {
  const tools = findTools();
  const notes = [...tools.notes];
  const machine = describeMachine();
  const versions: Record<string, string> = {};
  const findings: Finding[] = [];
  const names = new Set(options.loads.flatMap((load) => options.proxies ?? LOADS[load].proxies));
  for (const name of names) {
    const contender = PROXIES[name];
    const presence = contender.find();
    if (presence.kind === 'missing') {
      notes.push(`${name} was not looked into: ${presence.remedy}`);
      continue;
    }
    versions[name] = presence.version;
    const loads = options.loads.filter((load) => (options.proxies ?? LOADS[load].proxies).includes(name));
    await using session = new Session(machine, { proxyEnvironment: nodeOptions() });
    using _signals = endOnSignal(session);
    try {
      findings.push(...(await examineOne({ session, tools, options, contender, loads })));
    } catch (error) {
      if (session.isEnding) await new Promise<never>(() => {}); // The signal's handler ends the process.
      notes.push(`${name} failed: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    }
  }
  return { at: new Date().toISOString(), machine, versions, findings, notes };
}

interface Order {
  readonly session: Session;
  readonly tools: ReturnType<typeof findTools>;
  readonly options: AutopsyOptions;
  readonly contender: Contender;
  readonly loads: readonly LoadName[];
}

async function examineOne({ session, tools, options, contender, loads }: Order): Promise<readonly Finding[]> {
  const begunAt = Date.now();
  const load = await startLoad(session);
  const proxy = await contender.start(session, load.backends);
  try {
    const findings: Finding[] = [];
    for (const name of loads) {
      process.stderr.write(`${proxy.name}: ${LOADS[name].title.toLowerCase()}\n`);
      const units = LOADS[name].unit === 'GB' ? options.gigabytes : options.connections;
      findings.push(await dissect({ session, load, tools, proxy, name, units }));
    }
    return findings;
  } finally {
    await proxy.stop();
    forgetScripts(begunAt);
  }
}

function nodeOptions(): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: [process.env['NODE_OPTIONS'], NAMED_SCRIPTS].filter(Boolean).join(' ') };
}
