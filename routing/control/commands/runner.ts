import type { CommandMeta, CommandResult } from '../control.ts';
import type { Database, Statements } from '../database.ts';
import type { StreamState } from '../events/event-log.ts';
import { awaitProjection } from '../projection/await-projection.ts';
import type { Fields } from './parse-fields.ts';
import { parseMeta } from './parse-meta.ts';
import { type Decided, runCommand } from './run-command.ts';

/** What a command is made of, beside the machinery that they share. */
interface CommandParts<Input, View> {
  readonly name: string;
  readonly input: Fields<Input>;
  readonly meta: CommandMeta;
  decide(transaction: Statements, input: Input): Promise<Decided>;
  view(state: StreamState, revision: number): View;
}

/** Checks the input, carries the command out, waits until it is projected and answers with the view. */
export type RunCommand = <Input, View>(parts: CommandParts<Input, View>) => Promise<CommandResult<View>>;

/** Makes what the commands have in common, on one database. */
export function createRunner(database: Database, projectionTimeoutMs: number): RunCommand {
  return async ({ name, input, meta, decide, view }) => {
    const origin = parseMeta(meta);
    if (input.kind === 'invalid' || origin.kind === 'invalid') {
      return { kind: 'invalid', problems: [...problemsOf(input), ...problemsOf(origin)] };
    }
    const outcome = await runCommand(database, {
      name,
      input: input.value,
      origin: origin.value,
      decide: (transaction) => decide(transaction, input.value),
    });
    if (outcome.kind !== 'ok') return outcome;
    const revision = await awaitProjection(database, outcome.state.last.seq, projectionTimeoutMs);
    return { kind: 'ok', value: view(outcome.state, revision), isReplay: outcome.isReplay };
  };
}

function problemsOf(fields: Fields<unknown>) {
  return fields.kind === 'invalid' ? fields.problems : [];
}
