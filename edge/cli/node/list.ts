import { Command } from 'commander';
import type { NodeView } from '../../../routing/control/views.ts';
import { answered, ask } from '../control.ts';
import { type ControlOptions, QUESTION_EXIT_CODES, withControlOptions, withNotes } from '../options.ts';
import { paint, table } from '../output.ts';

/** `weir node list`. */
export function listCommand(): Command {
  const command = new Command('list')
    .summary('list edges')
    .description('List the edges: what each has applied, when it last reported, and what went wrong on it.');
  withControlOptions(command);
  withNotes(command, {
    examples: ['weir node list', "weir node list --json | jq '.[] | select(.isLive | not)'"],
    exitCodes: QUESTION_EXIT_CODES,
  });
  return command.action(listNodes);
}

async function listNodes(options: ControlOptions): Promise<void> {
  await ask({
    options,
    command: async (control) => answered(await control.listNodes()),
    show: showNodes,
  });
}

function showNodes(nodes: readonly NodeView[]): string {
  if (nodes.length === 0) return 'No edge has reported yet. "weir up" runs one.';
  const rows = table(nodes, [
    ['NODE', (node) => node.node],
    ['LIVE', (node) => (node.isLive ? 'yes' : 'no')],
    ['REVISION', (node) => node.revision],
    ['ADDRESSES', (node) => node.publicAddresses.join(' ') || '-'],
    ['LISTENERS', (node) => countOf(node.listeners)],
    ['ERRORS', (node) => countOf(node.errors)],
    ['STARTED', (node) => node.startedAt],
    ['REPORTED', (node) => node.reportedAt],
  ]);
  const errors = nodes.flatMap(({ node, errors }) =>
    listOf(errors).map((error) => `${node}: ${JSON.stringify(error)}`),
  );
  return errors.length === 0 ? rows : `${rows}\n\n${paint('red', 'Errors')}\n${errors.join('\n')}`;
}

function countOf(reported: unknown): number {
  return listOf(reported).length;
}

function listOf(reported: unknown): readonly unknown[] {
  return Array.isArray(reported) ? reported : [];
}
