import { existsSync, mkdirSync, realpathSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import { placeData } from './embedded/account.ts';
import { ADMIN_ROLE, ensureCluster } from './embedded/cluster.ts';
import {
  type Credentials,
  generateCredentials,
  readCredentials,
  writeCredentials,
} from './embedded/credentials.ts';
import { removeDatabaseFile, writeDatabaseFile } from './embedded/database-file.ts';
import { prepareInstall } from './embedded/install.ts';
import { stopLeftover } from './embedded/leftover.ts';
import { CONTROL_LOGIN, DATABASE_NAME, EDGE_LOGIN, provision } from './embedded/logins.ts';
import { type Server, startServer } from './embedded/server.ts';
import { lockStateDir, type StateLock } from './embedded/state-lock.ts';
import type { Log } from './log.ts';

/** A PostgreSQL of weir's own on 127.0.0.1, migrated. Whoever started it stops it. */
export interface EmbeddedPostgres {
  /** For commands and the projector. */
  readonly controlUrl: string;
  /** For edges: may only read, and write its own heartbeat. */
  readonly edgeUrl: string;
  /** The superuser's. */
  readonly adminUrl: string;
  /** PostgreSQL's process. */
  readonly pid: number;
  /** Settles when the server has ended: after `stop`, or on its own. Then the state directory is free again. */
  readonly exited: Promise<EmbeddedExit>;
  /** Fast shutdown; by force after some seconds. Does nothing the second time. */
  stop(): Promise<void>;
}

/** How the server ended. */
export interface EmbeddedExit {
  /** Whether `stop` was called. */
  readonly isExpected: boolean;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Where the server lives, and what it tells whom. */
export interface EmbeddedOptions {
  /** Made where it is missing. One server at a time uses it. */
  readonly stateDir: string;
  readonly log: Log;
  /** Off, a power failure may cost the data: for tests only. @default true */
  readonly isDurable?: boolean;
}

/** The server's own log starts anew, and the last one is kept, beyond this size. */
const MAX_LOG_BYTES = 4 * 1024 * 1024;

/**
 * Starts the PostgreSQL that npm installed with weir on a state directory, brings its schema up to date, and tells other
 * programs where it is in `database.json` until it ends.
 *
 * Passwords, and where possible the port, stay the same from start to start. Throws where another weir uses the
 * directory, or PostgreSQL does not come up; nothing is left running then.
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  mkdirSync(options.stateDir, { recursive: true, mode: 0o755 });
  const stateDir = realpathSync(options.stateDir);
  const lock = lockStateDir(stateDir);
  try {
    return await start(stateDir, lock, options);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function start(stateDir: string, lock: StateLock, options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { log, isDurable = true } = options;
  const place = placeData(stateDir, log);
  const install = await prepareInstall(place.account, log);
  const credentials = credentialsFor(stateDir, place.dataDir);
  await stopLeftover(place.dataDir, log);
  await ensureCluster({ place, install, adminPassword: credentials.admin, isDurable });

  const server = await startServer({
    install,
    place,
    logFile: freshLogFile(stateDir),
    isDurable,
    preferredPort: credentials.port,
    adminUrl: (port) => urlOf(ADMIN_ROLE, credentials.admin, port, 'postgres'),
  });
  try {
    const urls = urlsOf(server, credentials);
    await provision(
      urlOf(ADMIN_ROLE, credentials.admin, server.port, 'postgres'),
      urls.adminUrl,
      credentials,
    );
    if (server.port !== credentials.port) writeCredentials(stateDir, { ...credentials, port: server.port });
    writeDatabaseFile(stateDir, { ...urls, pid: server.pid });
    log.info(
      { postgres_pid: server.pid, port: server.port, dataDir: place.dataDir },
      'embedded PostgreSQL is up',
    );
    return running(server, urls, () => {
      removeDatabaseFile(stateDir);
      lock.release();
    });
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Kept before there is a database that needs them: a start that stops in between finds them again. */
function credentialsFor(stateDir: string, dataDir: string): Credentials {
  const kept = readCredentials(stateDir);
  if (kept !== null) return kept;
  if (existsSync(dataDir)) {
    throw new Error(
      `the database in ${dataDir} is there, but its passwords are not in ${stateDir}; restore postgres-credentials.json, or remove ${dataDir} to start anew`,
    );
  }
  const credentials = generateCredentials();
  writeCredentials(stateDir, credentials);
  return credentials;
}

function freshLogFile(stateDir: string): string {
  const logFile = path.join(stateDir, 'postgres.log');
  if (existsSync(logFile) && statSync(logFile).size > MAX_LOG_BYTES) renameSync(logFile, `${logFile}.1`);
  return logFile;
}

type Urls = Pick<EmbeddedPostgres, 'controlUrl' | 'edgeUrl' | 'adminUrl'>;

function urlsOf(server: Server, credentials: Credentials): Urls {
  return {
    controlUrl: urlOf(CONTROL_LOGIN, credentials.control, server.port, DATABASE_NAME),
    edgeUrl: urlOf(EDGE_LOGIN, credentials.edge, server.port, DATABASE_NAME),
    adminUrl: urlOf(ADMIN_ROLE, credentials.admin, server.port, DATABASE_NAME),
  };
}

function urlOf(user: string, password: string, port: number, database: string): string {
  return `postgres://${user}:${password}@127.0.0.1:${port}/${database}`;
}

function running(server: Server, urls: Urls, release: () => void): EmbeddedPostgres {
  let isStopping = false;
  const exited = server.exited.then((exit) => {
    release();
    return { isExpected: isStopping, ...exit };
  });
  return {
    ...urls,
    pid: server.pid,
    exited,
    async stop() {
      isStopping = true;
      await server.stop();
      await exited;
    },
  };
}
