import { apply } from './apply/apply.ts';
import { addressCommands } from './commands/address-commands.ts';
import { domainCommands } from './commands/domain-commands.ts';
import { endpointCommands } from './commands/endpoint-commands.ts';
import { policyCommands } from './commands/policy-commands.ts';
import { portCommands } from './commands/port-commands.ts';
import { routeCommands } from './commands/route-commands.ts';
import { createRunner } from './commands/runner.ts';
import type { Control } from './control.ts';
import { openDatabase } from './database.ts';
import { createTxtLookup, LOOKUP_PATIENCE, type TxtLookup } from './ownership/txt-lookup.ts';
import { retryFailed } from './projection/retry-failed.ts';
import { listEvents, listFailedEvents } from './queries/events.ts';
import { listAddresses, listDomains, listPolicies, showPools } from './queries/holdings.ts';
import { listEndpoints, listPorts, listRoutes } from './queries/lists.ts';
import { listNodes } from './queries/nodes.ts';
import { showRoute } from './queries/show-route.ts';
import { readState } from './queries/state.ts';
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
  /** Asks the DNS for the records that prove claims. @default the system's resolvers */
  readonly lookUpTxt?: TxtLookup | undefined;
}

function systemLookup(): TxtLookup {
  return createTxtLookup({ servers: null, ...LOOKUP_PATIENCE });
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
    ...domainCommands(run, database, options.lookUpTxt ?? systemLookup()),
    ...addressCommands(run),
    ...policyCommands(run),
    listRoutes: (filter) => listRoutes(database, filter),
    showRoute: (input) => showRoute(database, input),
    listPorts: (filter) => listPorts(database, filter),
    listDomains: (filter) => listDomains(database, filter),
    listAddresses: (filter) => listAddresses(database, filter),
    showPools: () => showPools(database),
    listPolicies: (filter) => listPolicies(database, filter),
    listEndpoints: (filter) => listEndpoints(database, filter),
    listEvents: (filter) => listEvents(database, filter),
    listFailedEvents: () => listFailedEvents(database),
    retryEvents: (seqs) => retryFailed(database, seqs),
    apply: (wanted, applied, meta) =>
      apply(database, { wanted, options: applied, meta, projectionTimeoutMs }),
    readState: (filter) => readState(database, filter),
    listNodes: () => listNodes(database),
    close: () => database.close(),
  };
}
