import { endpointCommands } from './commands/endpoint-commands.ts';
import { portCommands } from './commands/port-commands.ts';
import { routeCommands } from './commands/route-commands.ts';
import { createRunner } from './commands/runner.ts';
import type { Control } from './control.ts';
import { openDatabase } from './database.ts';
import { retryFailed } from './projection/retry-failed.ts';
import { listEvents, listFailedEvents } from './queries/events.ts';
import { listEndpoints, listPorts, listRoutes } from './queries/lists.ts';
import { listNodes } from './queries/nodes.ts';
import { showRoute } from './queries/show-route.ts';
import { checkSchemaVersion } from './schema-version.ts';

/** Which database, and how patiently. */
export interface ControlOptions {
  /** A login that is a member of `weir_control`. */
  readonly url: string;
  /** @default 5000 */
  readonly connectTimeoutMs?: number;
  /** For each statement. @default 10000 */
  readonly queryTimeoutMs?: number;
  /** How long a command waits for its event to be projected. @default 10000 */
  readonly projectionTimeoutMs?: number;
}

/** Connects to the control plane's database. Rejects with a `DatabaseError`; the caller closes what it got. */
export async function openControl(options: ControlOptions): Promise<Control> {
  const { url, connectTimeoutMs, queryTimeoutMs, projectionTimeoutMs = 10_000 } = options;
  const database = openDatabase({ url, name: 'weir control', connectTimeoutMs, queryTimeoutMs });
  try {
    await checkSchemaVersion(database);
  } catch (error) {
    await database.close();
    throw error;
  }
  const run = createRunner(database, projectionTimeoutMs);
  return {
    ...routeCommands(run),
    ...portCommands(run),
    ...endpointCommands(run),
    listRoutes: (filter) => listRoutes(database, filter),
    showRoute: (input) => showRoute(database, input),
    listPorts: (filter) => listPorts(database, filter),
    listEndpoints: (filter) => listEndpoints(database, filter),
    listEvents: (filter) => listEvents(database, filter),
    listFailedEvents: () => listFailedEvents(database),
    retryEvents: (seqs) => retryFailed(database, seqs),
    listNodes: () => listNodes(database),
    close: () => database.close(),
  };
}
