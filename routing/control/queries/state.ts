import type { Database } from '../database.ts';
import type { StateView } from '../views.ts';
import { findAddressPool, findPortPool, listAddresses, listDomains, listPolicies } from './holdings.ts';
import { listEndpoints, listPorts, listRoutes } from './lists.ts';

/** All that there is, of all orgs or of one, from one snapshot. Pools and the policy of all are nobody's: one org has none. */
export function readState(
  database: Database,
  filter: { readonly org?: string | undefined },
): Promise<StateView> {
  return database.transaction(async (transaction) => {
    await transaction.query('set transaction isolation level repeatable read, read only');
    const isOfAll = filter.org === undefined;
    const policies = await listPolicies(transaction, filter);
    const value: StateView = {
      policies: policies.filter(({ org, revision }) => revision > 0 && (isOfAll || org !== null)),
      portPool: isOfAll ? await findPortPool(transaction) : null,
      addressPool: isOfAll ? await findAddressPool(transaction) : null,
      domains: await listDomains(transaction, filter),
      addresses: await listAddresses(transaction, filter),
      routes: await listRoutes(transaction, filter),
      ports: await listPorts(transaction, filter),
      endpoints: await listEndpoints(transaction, filter),
    };
    return { end: 'commit', value };
  });
}
