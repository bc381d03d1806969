import type { Statements } from '../database.ts';

/** The name of the lock among the one-key advisory locks of a database: 'port' in ASCII. */
const ALLOCATION_LOCK = 0x706f7274;

/**
 * Whoever takes a port or an address, or says how many there are, holds this lock to the end of the transaction: quotas
 * are counted under it, and two that take the lowest free one do not take the same. Whoever locks names as well does so
 * first.
 */
export async function lockAllocations(transaction: Statements): Promise<void> {
  await transaction.query('select pg_advisory_xact_lock($1)', [ALLOCATION_LOCK]);
}
