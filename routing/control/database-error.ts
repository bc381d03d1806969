import pg from 'pg';

/** Every way in which the database fails that somebody can do something about. */
export type DatabaseErrorCode =
  | 'unavailable' // not there, not answering, or about to go away
  | 'credentials' // it does not accept who we say we are
  | 'permission' // the role may not do this
  | 'no-schema' // not migrated
  | 'schema-version' // migrated for another version of weir
  | 'projection-delayed' // recorded, and not yet visible
  | 'projection-failed' // recorded, and set aside by the projector
  | 'query'; // it refused a statement: a defect, or a limit of the server

/** A failure of the database. `message` says what is wrong and what to do, and never holds a password. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * Classifies what `pg` threw. What does not come from the server comes from the way to it, so it is `unavailable`.
 *
 * `url`, without its password, goes into the message.
 */
export function toDatabaseError(error: unknown, url?: string): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const where = url === undefined ? 'the database' : `the database at ${urlWithoutPassword(url)}`;
  const cause = error instanceof Error ? error : new Error(String(error));
  if (!(cause instanceof pg.DatabaseError)) {
    return new DatabaseError('unavailable', `${where} is not reachable (${reasonOf(cause)})`, { cause });
  }
  const code = codeOfSqlState(cause.code ?? '');
  return new DatabaseError(code, `${where} ${PROBLEM[code]}: ${cause.message}`, { cause });
}

/** Whether a statement failed on the values that it was given: it would fail again, and others would not. */
export function isDataError(error: unknown): boolean {
  const cause = error instanceof DatabaseError ? error.cause : error;
  if (!(cause instanceof pg.DatabaseError)) return false;
  // Class 22 is data exception, class 23 integrity constraint violation.
  return cause.code?.startsWith('22') === true || cause.code?.startsWith('23') === true;
}

/** Whether the server ended a transaction that would go through if it were tried again: a deadlock, above all. */
export function isRollback(error: unknown): boolean {
  const cause = error instanceof DatabaseError ? error.cause : error;
  return cause instanceof pg.DatabaseError && cause.code?.startsWith('40') === true;
}

/** How a connection URL is shown to people. */
export function urlWithoutPassword(url: string): string {
  if (!URL.canParse(url)) return '(a URL that cannot be read)';
  const shown = new URL(url);
  shown.password = '';
  for (const name of [...shown.searchParams.keys()]) {
    if (name.toLowerCase().includes('password')) shown.searchParams.delete(name);
  }
  return shown.href;
}

type ServerErrorCode = Exclude<
  DatabaseErrorCode,
  'schema-version' | 'projection-delayed' | 'projection-failed'
>;

const PROBLEM: Readonly<Record<ServerErrorCode, string>> = {
  unavailable: 'does not serve now; try again, or look at its log',
  credentials: 'does not accept this user and password; check the URL',
  permission:
    'does not let this login do that; commands and the projector need a member of weir_control, edges a member of weir_edge',
  'no-schema': 'has no weir schema; run `weir database migrate`',
  query: 'refused a statement',
};

/** PostgreSQL documentation, appendix A: the class is the first two characters. */
function codeOfSqlState(state: string): ServerErrorCode {
  switch (state) {
    case '42501': // insufficient_privilege
      return 'permission';
    case '3F000': // invalid_schema_name
    case '42P01': // undefined_table
      return 'no-schema';
    case '3D000': // invalid_catalog_name: no such database
    case '55P03': // lock_not_available
    case '57014': // query_canceled, by a timeout of the server
    case '25P03': // idle_in_transaction_session_timeout
      return 'unavailable';
    default:
  }
  switch (state.slice(0, 2)) {
    case '08': // connection exception
    case '53': // insufficient resources: connections, disk, memory
    case '57': // operator intervention: shutting down, starting up
    case '58': // system error
    case '40': // transaction rollback, by a deadlock
      return 'unavailable';
    case '28': // invalid authorization
      return 'credentials';
    default:
      return 'query';
  }
}

/** Node gives an AggregateError without a message where every address of a name refused. */
function reasonOf(error: Error): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors
      .map((each: unknown) => (each instanceof Error ? each.message : String(each)))
      .join('; ');
  }
  return error.message;
}
