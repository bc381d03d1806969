import { Command } from 'commander';
import { formatAddressBlock } from '../../config/address-block.ts';
import type { Config, ListenerConfig } from '../../config/config.ts';
import type { ConfigProblem } from '../../config/problem.ts';
import { formatSourceBlock } from '../../config/source-block.ts';
import { urlWithoutPassword } from '../../routing/control/database-error.ts';
import { type FailureProblem, reportFailure } from './failure.ts';
import { withNotes } from './options.ts';
import { paint, print, printJson } from './output.ts';
import { OWN_VARIABLES } from './own-variables.ts';

interface Options {
  readonly json?: true;
}

/** `weir check`. */
export function checkCommand(): Command {
  const command = new Command('check')
    .description(
      'Validate a configuration file together with the WEIR_ variables that are set, as "weir up" would, and start nothing. Every problem is listed.',
    )
    .argument('<file>', 'the configuration, YAML')
    .option('--json', 'one JSON document on stdout, errors as JSON on stderr');
  withNotes(command, {
    examples: ['weir check weir.yaml', 'weir check weir.yaml --json'],
    exitCodes: ['ok', 'failed', 'usage', 'invalid'],
  });
  return command.action(checkFile);
}

async function checkFile(file: string, options: Options): Promise<void> {
  const { loadConfig } = await import('../../config/load.ts');
  const loaded = await loadConfig({ file, env: process.env, otherVariables: OWN_VARIABLES });
  if (loaded.kind === 'invalid') {
    const { formatSource } = await import('../../config/problem.ts');
    const problems = loaded.problems.map((problem) =>
      asFailureProblem(problem, formatSource(problem.source)),
    );
    const message = `${file} is not valid: ${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`;
    process.exitCode = reportFailure({ code: 'invalid', message, problems }, options.json === true);
    return;
  }

  const { chooseEngine } = await import('../engine/choose.ts');
  const engine = chooseEngine(loaded.config.engine);
  if (engine.kind === 'unavailable') {
    const problem = { field: 'engine', problem: engine.reason, code: 'unavailable' };
    const message = `${file} cannot be run here: 1 problem`;
    process.exitCode = reportFailure(
      { code: 'invalid', message, problems: [problem] },
      options.json === true,
    );
    return;
  }
  const { name, shortcoming } = engine;
  if (options.json) {
    printJson({ file, isValid: true, engine: { name, shortcoming }, config: withoutSecrets(loaded.config) });
    return;
  }
  const engineText = shortcoming === null ? name : `${name}, not splice: ${shortcoming}`;
  print(`${paint('green', `${file} is valid`)}\n${summary(loaded.config, engineText)}`);
}

function asFailureProblem({ path, message, code }: ConfigProblem, source: string): FailureProblem {
  const label = path === '' ? `${source}:` : `${source} ${path}:`;
  return { field: path, label, problem: message, source, code };
}

/** What somebody wants to see of a configuration at a glance, to know that it is the one that was meant. */
function summary(config: Config, engine: string): string {
  const { node, database, stateDir, listeners, admin, workers } = config;
  const rows: readonly (readonly [string, string])[] = [
    ['node', node],
    [
      'database',
      database.kind === 'embedded' ? `embedded, in ${stateDir}` : urlWithoutPassword(database.url),
    ],
    ['admin', admin === null ? 'off' : `${inBrackets(admin.address)}:${admin.port}`],
    ['workers', workers === 0 ? 'one per core' : String(workers)],
    ['engine', engine],
    ...listeners.map((listener) => ['listener', listenerText(listener)] as const),
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(8)}  ${value}`).join('\n');
}

function listenerText(listener: ListenerConfig): string {
  const ports = listener.kind === 'tcp' ? `${listener.ports.first}-${listener.ports.last}` : listener.port;
  const blocks = listener.kind === 'tcp' ? listener.dedicated.map(formatAddressBlock) : [];
  const dedicated = blocks.length === 0 ? '' : `, dedicated ${blocks.join(', ')}`;
  return `${listener.name}: ${listener.kind} on ${inBrackets(listener.address)}:${ports}${dedicated}${inboundText(listener)}`;
}

function inboundText({ proxyProtocol, trusted }: ListenerConfig): string {
  if (proxyProtocol === 'off') return '';
  return `, PROXY ${proxyProtocol} from ${trusted.map(formatSourceBlock).join(', ')}`;
}

function inBrackets(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

function withoutSecrets(config: Config): object {
  return { ...config, database: { kind: config.database.kind } };
}
