import { rangeText } from '../../model/ipv4-range.ts';
import { domainView } from '../commands/view-of-state.ts';
import type { Statements } from '../database.ts';
import { DEFAULT_POLICY } from '../ownership/policy.ts';
import type {
  AddressPoolView,
  AddressView,
  DomainView,
  PolicyView,
  PoolsView,
  PortPoolView,
} from '../views.ts';
import { type ChangeRow, changeView, term } from './lists.ts';

interface OrgFilter {
  readonly org?: string | undefined;
}

/** The domains that orgs claim or hold, by name. */
export async function listDomains(database: Statements, { org }: OrgFilter): Promise<readonly DomainView[]> {
  const rows = await database.query<DomainRow>(
    `select * from weir.domains
     where not is_deleted and ($1::text is null or org = $1) order by domain, org`,
    [term(org)],
  );
  return rows.map((row) => ({
    ...domainView({ ...row, isPlatform: row.is_platform }, row.state),
    ...changeView(row),
  }));
}

/** The dedicated addresses that orgs have. */
export async function listAddresses(
  database: Statements,
  { org }: OrgFilter,
): Promise<readonly AddressView[]> {
  const rows = await database.query<AddressRow>(
    `select * from weir.addresses
     where not is_deleted and ($1::text is null or org = $1) order by address::inet`,
    [term(org)],
  );
  return rows.map((row) => ({ address: row.address, org: row.org, ...changeView(row) }));
}

/** The policy of all orgs, then those of single ones. */
export async function listPolicies(database: Statements, { org }: OrgFilter): Promise<readonly PolicyView[]> {
  const rows = await database.query<PolicyRow>(
    `select * from weir.policies
     where not is_deleted and (org is null or $1::text is null or org = $1) order by org nulls first`,
    [term(org)],
  );
  const policies = rows.map(policyView);
  return policies[0]?.org === null ? policies : [UNDEFINED_POLICY, ...policies];
}

/** Both pools. */
export async function showPools(database: Statements): Promise<PoolsView> {
  return { ports: await findPortPool(database), addresses: await findAddressPool(database) };
}

/** The pool of raw TCP ports, null where none was ever defined. */
export async function findPortPool(database: Statements): Promise<PortPoolView | null> {
  const [row] = await database.query<ChangeRow & { readonly first_port: number; readonly last_port: number }>(
    'select * from weir.port_pool where not is_deleted',
  );
  return row === undefined ? null : { first: row.first_port, last: row.last_port, ...changeView(row) };
}

/** The pool of addresses, null where none was ever defined. */
export async function findAddressPool(database: Statements): Promise<AddressPoolView | null> {
  const [row] = await database.query<ChangeRow & { readonly ranges: readonly Range[] }>(
    'select * from weir.address_pool where not is_deleted',
  );
  return row === undefined ? null : { ranges: row.ranges.map(rangeText), ...changeView(row) };
}

type Range = Parameters<typeof rangeText>[0];

interface DomainRow extends ChangeRow {
  readonly domain: string;
  readonly org: string;
  readonly state: 'pending' | 'held';
  readonly token: string;
  readonly proof: DomainView['proof'];
  readonly is_platform: boolean;
}

interface AddressRow extends ChangeRow {
  readonly address: string;
  readonly org: string;
}

interface PolicyRow extends ChangeRow {
  readonly org: string | null;
  readonly port_quota: string;
  readonly address_quota: string;
  readonly cool_down_ms: string | null;
}

const UNDEFINED_POLICY: PolicyView = {
  org: null,
  ...DEFAULT_POLICY,
  revision: 0,
  actor: 'weir',
  updatedAt: new Date(0).toISOString(),
};

function policyView(row: PolicyRow): PolicyView {
  return {
    org: row.org,
    portQuota: quotaView(row.port_quota),
    addressQuota: quotaView(row.address_quota),
    coolDownMs: row.cool_down_ms === null ? null : Number(row.cool_down_ms),
    ...changeView(row),
  };
}

function quotaView(text: string): PolicyView['portQuota'] {
  return text === 'none' || text === 'default' ? text : Number(text);
}
