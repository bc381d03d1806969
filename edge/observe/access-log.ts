import type { Outcome } from '../connection/outcome.ts';
import { AccessLines, type ProcessFields } from './access-lines.ts';
import { LineBatches } from './line-batches.ts';
import { type LogSettings, prettyLog } from './log.ts';

/** One line for each connection, at its end, with keys that are always the same ones. */
export interface AccessLog {
  write(outcome: Outcome): void;
  /** Lines that were dropped because standard output did not take them. */
  dropped(): number;
  /** Writes out what is buffered before it returns. */
  close(): void;
}

const STDOUT = 1;

/** On standard output, where lines are written many at a time, at least once a second. */
export async function createAccessLog(
  settings: Pick<LogSettings, 'format'>,
  fields: ProcessFields,
): Promise<AccessLog> {
  const lines = new AccessLines(fields);
  const pretty = await prettyLog(settings, fields);
  if (pretty !== null) {
    // For a person at a terminal: what is read by eye does not come in thousands a second.
    const write = (outcome: Outcome) => pretty.info(withoutHead(lines.encode(outcome, 0)));
    return { write, dropped: () => 0, close: () => {} };
  }
  const batches = new LineBatches(STDOUT);
  return {
    write: (outcome) => batches.write(lines.encode(outcome, Date.now())),
    dropped: () => batches.dropped,
    close: () => batches.close(),
  };
}

/** The fields of a line but for those that the log puts there itself. */
function withoutHead(line: Uint8Array): object {
  const {
    level: _level,
    time: _time,
    node: _node,
    pid: _pid,
    ...fields
  } = JSON.parse(Buffer.from(line).toString());
  return fields;
}
