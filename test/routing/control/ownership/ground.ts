import type { ExecutionContext } from 'ava';
import type { CommandResult, Control } from '../../../../routing/control/control.ts';
import type { TxtAnswer } from '../../../../routing/control/ownership/txt-lookup.ts';
import { query, type TestDatabase, type TestPostgres } from '../../../support/postgres.ts';
import { META, startControl } from '../fixture.ts';

/** A domain, the operator's word for it, and a domain that is open to all orgs. */
export const DOMAIN = { domain: 'shop.example.net', org: 'umbrella' } as const;
export const TRUSTED = { ...DOMAIN, isTrusted: true } as const;
export const PLATFORM = {
  domain: 'apps.example.net',
  org: 'ops',
  isTrusted: true,
  isPlatform: true,
} as const;

const APP = { app: 'shop', env: 'production', process: 'web', backendPort: 8443 } as const;

/** A control plane on a zone of the test's own. */
export async function startWithZone(t: ExecutionContext, postgres: TestPostgres) {
  const zone = new Map<string, TxtAnswer>();
  const lookUpTxt = async (name: string): Promise<TxtAnswer> => zone.get(name) ?? { kind: 'absent' };
  return { ...(await startControl(t, postgres, { lookUpTxt })), zone, lookUpTxt };
}

/** What became of a command, in a word. */
export function kindOf({ kind }: CommandResult<unknown>): string {
  return kind;
}

/** What a refusal says, and of input that is wrong everything. */
export function messageOf(result: CommandResult<unknown>): string {
  return 'message' in result ? result.message : JSON.stringify(result);
}

/** Creates a route of an org. */
export function route(control: Control, hostname: string, org: string, listener = 'tls') {
  return control.createRoute({ hostname, listener, org, ...APP }, META);
}

/** As in `example.com acme held trusted`. */
export async function domainsOf(control: Control): Promise<readonly string[]> {
  const domains = await control.listDomains({});
  return domains.map(({ domain, org, state, proof }) => `${domain} ${org} ${state} ${proof}`);
}

/** How many a test has recorded. */
export async function eventsIn(database: TestDatabase): Promise<number> {
  return (await query(database.adminUrl, 'select from weir.events where seq > 0')).length;
}
