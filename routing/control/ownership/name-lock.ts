import { type Domain, isTopLevel } from '../../model/domain.ts';
import type { Statements } from '../database.ts';

/**
 * Whoever decides who holds a name, or takes one into use, holds a lock on it to the end of the transaction, so that two
 * control planes never decide on the same state. It is on the last two labels: names that lie above or below each other
 * have them in common, and others do not wait. A top-level name has all names in reach, and locks them all.
 */
export async function lockName(transaction: Statements, domain: Domain): Promise<void> {
  if (isTopLevel(domain)) return lockAllNames(transaction);
  const scope = domain.split('.').slice(-2).join('.');
  await transaction.query(
    'select pg_advisory_xact_lock_shared($1, 0), pg_advisory_xact_lock($2, hashtext($3) & $4)',
    [ALL_NAMES, NAMES_BY_SCOPE, scope, SCOPES - 1],
  );
}

/** For a transaction that decides on several names: locking them one by one could end in a deadlock with another. */
export async function lockAllNames(transaction: Statements): Promise<void> {
  await transaction.query('select pg_advisory_xact_lock($1, 0)', [ALL_NAMES]);
}

/** A server has room for some thousand locks in all, and a transaction may decide on more names than that. */
const SCOPES = 1024;

// First keys of two-key advisory locks, which never meet those with one key: 'name' and 'scop' in ASCII.
const ALL_NAMES = 0x6e616d65;
const NAMES_BY_SCOPE = 0x73636f70;
