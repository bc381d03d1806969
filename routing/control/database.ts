import pg from 'pg';
import { toDatabaseError } from './database-error.ts';
import { PasswordClient } from './password-client.ts';

/** Which database, under which name, and how patiently. */
export interface DatabaseOptions {
  readonly url: string;
  /** What the server shows as `application_name`. */
  readonly name: string;
  /** @default 4 */
  readonly maxConnections?: number | undefined;
  /** @default 5000 */
  readonly connectTimeoutMs?: number | undefined;
  /** For each statement, on both sides. @default 10000 */
  readonly queryTimeoutMs?: number | undefined;
}

/** A pool of connections whose failures are `DatabaseError`s. Whoever opened it closes it. */
export interface Database extends Statements {
  /**
   * Runs `work` in a transaction of its own (read committed), which ends as `work` says, or is rolled back where it
   * throws. `lock` is an advisory lock that it waits for first, and holds to its end.
   */
  transaction<Value>(
    work: (transaction: Statements) => Promise<Ending<Value>>,
    lock?: number,
  ): Promise<Value>;
  close(): Promise<void>;
}

/** What runs single statements: a pool, or a transaction. Rejects as its owner does. */
export interface Statements {
  query<Row extends object = object>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** How a transaction ends, and what it was for. */
export interface Ending<Value> {
  readonly end: 'commit' | 'rollback';
  readonly value: Value;
}

/** Opens no connection yet. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, queryTimeoutMs = 10_000 } = options;
  const pool = new pg.Pool({
    connectionString: url,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    // Beyond the server's own limit, so that the server speaks first where it can.
    query_timeout: queryTimeoutMs + 1_000,
    max: options.maxConnections ?? 4,
    application_name: options.name,
    keepAlive: true,
    Client: PasswordClient,
  });
  pool.on('error', () => {}); // an idle connection has gone: the pool makes another

  return {
    query: (text, values) => classified(url, () => runOn(pool, text, values)),
    transaction: (work, lock) => classified(url, () => transact(pool, begin(queryTimeoutMs, lock), work)),
    close: () => pool.end(),
  };
}

async function transact<Value>(
  pool: pg.Pool,
  opening: string,
  work: (transaction: Statements) => Promise<Ending<Value>>,
): Promise<Value> {
  const client = await pool.connect();
  let failure: unknown = null;
  const fail = (error: Error): void => {
    failure ??= error;
  };
  client.on('error', fail); // the statement that is under way rejects as well
  try {
    await client.query(opening);
    const { end, value } = await work({ query: (text, values) => runOn(client, text, values) });
    await client.query(end);
    return value;
  } catch (error) {
    // Only after an answer of the server is it known what state the connection is in.
    if (error instanceof pg.DatabaseError) await client.query('rollback').catch(fail);
    else failure ??= error;
    throw error;
  } finally {
    client.off('error', fail);
    client.release(failure !== null);
  }
}

/**
 * `local`, so that the limits hold behind a pooler too, and nothing holds a lock for long, however it was stopped. All in
 * one message: each answer that is waited for adds to the way of a change.
 */
function begin(timeoutMs: number, lock: number | undefined): string {
  const limits = `begin;
    set local statement_timeout = ${timeoutMs};
    set local lock_timeout = ${timeoutMs};
    set local idle_in_transaction_session_timeout = ${timeoutMs}`;
  return lock === undefined ? limits : `${limits}; select pg_advisory_xact_lock(${lock})`;
}

async function runOn<Row extends object>(
  connection: pg.Pool | pg.PoolClient,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const { rows } = await connection.query<Row>(text, [...values]);
  return rows;
}

async function classified<Value>(url: string, work: () => Promise<Value>): Promise<Value> {
  try {
    return await work();
  } catch (error) {
    throw toDatabaseError(error, url);
  }
}
