import { parseAddress } from '../../model/address.ts';
import type { Statements } from '../database.ts';
import type { NodeView } from '../views.ts';

/** An edge whose last report is older than this does not count: it has missed several. */
const LIVE_SECONDS = 30;

/** The edges that have ever reported, by name. */
export async function listNodes(database: Statements): Promise<readonly NodeView[]> {
  const rows = await database.query<NodeRow>(
    `select node, revision, listeners, errors, public_addresses, started_at, reported_at,
       reported_at > clock_timestamp() - make_interval(secs => $1) as is_live
     from weir.nodes order by node`,
    [LIVE_SECONDS],
  );
  return rows.map((row) => ({
    node: row.node,
    revision: Number(row.revision),
    listeners: row.listeners,
    errors: row.errors,
    publicAddresses: addressesOf(row.public_addresses),
    startedAt: row.started_at.toISOString(),
    reportedAt: row.reported_at.toISOString(),
    isLive: row.is_live,
  }));
}

/** An edge writes its row itself, so nothing about it is certain. */
function addressesOf(reported: unknown): readonly string[] {
  const texts = Array.isArray(reported) ? reported.filter((each) => typeof each === 'string') : [];
  return texts.filter((text) => parseAddress(text).kind === 'ok');
}

interface NodeRow {
  readonly node: string;
  readonly revision: string;
  readonly listeners: unknown;
  readonly errors: unknown;
  readonly public_addresses: unknown;
  readonly started_at: Date;
  readonly reported_at: Date;
  readonly is_live: boolean;
}
