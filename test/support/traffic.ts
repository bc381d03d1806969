import { within } from './until.ts';

/** Connections that are made one after another, until they are stopped. */
export interface Traffic {
  /** Those that have ended so far. */
  readonly count: number;
  /** Stops, waits for the last one, and answers with what went wrong. */
  stop(): Promise<readonly string[]>;
}

/** Keeps `lanes` connections going at a time. */
export function startTraffic(connectOnce: () => Promise<void>, lanes = 1): Traffic {
  const failures: string[] = [];
  let count = 0;
  let isStopped = false;
  const lane = async () => {
    while (!isStopped) {
      await connectOnce().catch((error: Error) => failures.push(error.message));
      count += 1;
    }
  };
  const done = Promise.all(Array.from({ length: lanes }, lane));
  return {
    get count() {
      return count;
    },
    async stop() {
      isStopped = true;
      await within('the last connection', done);
      return failures;
    },
  };
}
