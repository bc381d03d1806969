import type { Statements } from '../../../../routing/control/database.ts';

/** An event as it stands in the log, read without anything of the control plane's. */
export interface Logged {
  readonly seq: number;
  readonly stream: string;
  readonly type: string;
  readonly payload: Payload;
  readonly reason: string | null;
  readonly at: number;
}

/** The fields that the oracle looks at; which of them an event has depends on its type. */
export interface Payload {
  readonly domain: string;
  readonly org: string;
  readonly proof: string;
  readonly isPlatform: boolean;
  readonly listener: string;
  readonly pattern: string;
  readonly service: string;
  readonly port: number;
  readonly address: string | null;
  readonly first: number;
  readonly last: number;
  readonly ranges: readonly { readonly first: string; readonly last: string }[];
  readonly portQuota: number | 'none' | 'default';
  readonly addressQuota: number | 'none' | 'default';
  readonly coolDownMs: number;
  readonly state: string;
}

/** The log from an event on, in the order in which transactions decided: each with its events. */
export async function readTransactions(
  database: Statements,
  afterSeq: number,
): Promise<readonly (readonly Logged[])[]> {
  const rows = await database.query<
    Omit<Logged, 'seq' | 'at'> & { seq: string; at: Date; transaction: string }
  >(
    `select seq, stream, type, payload, reason, recorded_at as at, xmin::text as transaction
     from weir.events where seq > $1 order by seq`,
    [afterSeq],
  );
  const transactions = new Map<string, Logged[]>();
  for (const { transaction, ...row } of rows) {
    const events = transactions.get(transaction) ?? [];
    events.push({ ...row, seq: Number(row.seq), at: row.at.getTime() });
    // The last event tells the place: by then a transaction has all the locks that it decided under.
    transactions.delete(transaction);
    transactions.set(transaction, events);
  }
  return [...transactions.values()];
}
