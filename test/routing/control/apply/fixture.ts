import type { ExecutionContext } from 'ava';
import type { ApplyOptions, ApplyResult, Control } from '../../../../routing/control/control.ts';
import type { AppliedView } from '../../../../routing/control/views.ts';
import type { Wanted } from '../../../../routing/control/wanted.ts';
import { query, type TestDatabase } from '../../../support/postgres.ts';
import { META, SHOP } from '../fixture.ts';

/** A route on `tls` to a port of the shop. */
export function route(hostname: string, backendPort = 8443, org: string = SHOP.org): Wanted {
  return { kind: 'route', input: { ...SHOP, org, hostname, backendPort } };
}

/** A shared port to a process of the shop. */
export function port(number: number, process: string = SHOP.process): Wanted {
  return { kind: 'port', input: { ...SHOP, process, port: number, backendPort: 5432 } };
}

/** A ready instance of the shop. */
export function endpoint(instance: string, address = '10.0.0.1'): Wanted {
  return { kind: 'endpoint', input: { ...SHOP, instance, address } };
}

/** A domain as the org's. */
export function domain(name: string, org: string = SHOP.org): Wanted {
  return { kind: 'domain', input: { domain: name, org } };
}

/** Applies, and answers with what came of it where it has to have worked. */
export async function applied(
  control: Control,
  wanted: readonly Wanted[],
  options: ApplyOptions = {},
): Promise<AppliedView> {
  const result = await control.apply(wanted, options, META);
  if (result.kind !== 'ok') throw new Error(`expected ok, got ${JSON.stringify(result)}`);
  return result.value;
}

/** `create route tls www.example.com`, without what is unchanged. */
export function done({ changes }: AppliedView): readonly string[] {
  return changes
    .filter(({ action }) => action !== 'unchanged')
    .map(({ action, kind, name }) => `${action} ${kind} ${name}`);
}

/** What was refused: which of the wanted things, why, and a message or the first problem. */
export function refusals(result: ApplyResult): readonly (readonly [number | null, string, string])[] {
  if (result.kind !== 'refused') throw new Error(`expected refusals, got ${JSON.stringify(result)}`);
  return result.refusals.map(({ index, result: why }) => [
    index,
    why.kind,
    why.kind === 'invalid'
      ? why.problems.map(({ field, problem }) => `${field} ${problem}`).join()
      : why.message,
  ]);
}

/** How many events were recorded since the database was made. */
export async function countEvents(t: ExecutionContext, database: TestDatabase): Promise<number> {
  const [row] = await query<{ count: number }>(
    database.adminUrl,
    'select count(*)::integer as count from weir.events where seq > 0',
  );
  if (row === undefined) t.fail();
  return row?.count ?? Number.NaN;
}
