import { constants } from 'node:os';
import type { Session } from './session.ts';

/** On Ctrl-C nothing that was started stays behind. */
export function endOnSignal(session: Session): Disposable {
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    await session[Symbol.asyncDispose]();
    process.exit(128 + constants.signals[signal]);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, end);
  return {
    [Symbol.dispose]() {
      for (const signal of signals) process.off(signal, end);
    },
  };
}
