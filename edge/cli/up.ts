import { Command } from 'commander';
import type { Config } from '../../config/config.ts';
import type { WrittenConfig } from '../../config/schema.ts';
import { reportFailure } from './failure.ts';
import { withNotes } from './options.ts';
import { OWN_VARIABLES } from './own-variables.ts';
import { readVersion } from './version.ts';

interface Options {
  readonly config?: string;
}

/** `weir up`. */
export function upCommand(): Command {
  const command = new Command('up')
    .description(
      'Run an edge until it is told to stop. What it does is in its configuration: a YAML file, WEIR_ variables, or both. SIGTERM or Ctrl-C drains it; a second one does not wait.',
    )
    .option(
      '-c, --config <file>',
      'the configuration, YAML (default: WEIR_CONFIG, else variables and defaults only)',
    );
  withNotes(command, {
    examples: ['weir up --config /etc/weir/weir.yaml', 'WEIR_DATABASE_URL=postgres://… weir up'],
    exitCodes: ['ok', 'failed', 'usage', 'invalid', 'database-unavailable'],
  });
  return command.action(async ({ config: file }: Options) => {
    const config = await loadOrReport(file ?? process.env['WEIR_CONFIG'] ?? null, {});
    if (config === null) return;
    const { createLog } = await import('../observe/log.ts');
    const { runEdge } = await import('./run-edge.ts');
    const log = await createLog(config.log, { node: config.node, pid: process.pid });
    process.exitCode = await runEdge({ config, version: readVersion(), log });
  });
}

/** The configuration, or null when its problems were reported and the exit code set. */
export async function loadOrReport(file: string | null, overrides: WrittenConfig): Promise<Config | null> {
  const { loadConfig } = await import('../../config/load.ts');
  const loaded = await loadConfig({ file, env: process.env, overrides, otherVariables: OWN_VARIABLES });
  if (loaded.kind === 'ok') return loaded.config;
  const { formatProblems } = await import('../../config/problem.ts');
  process.exitCode = reportFailure(
    { code: 'invalid', message: `the configuration is not valid\n${formatProblems(loaded.problems)}` },
    false,
  );
  return null;
}
