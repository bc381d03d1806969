import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { DataPlace } from './account.ts';
import type { Install } from './install.ts';
import { SHUTDOWN_STEPS } from './leftover.ts';
import { watchOver } from './watchdog.ts';

/** Recovery after a crash comes before the first connection. */
const START_TIMEOUT_MS = 60_000;
const POLL_MS = 20;

/** A start that ends at once is tried again after 100 ms, 200 ms, … 700 ms. */
const MAX_STARTS = 8;
const RESTART_DELAY_MS = 100;

const LOG_TAIL_LINES = 15;

/** A PostgreSQL that accepts connections on 127.0.0.1. */
export interface Server {
  readonly pid: number;
  readonly port: number;
  /** Settles when the process has ended, whatever the reason. */
  readonly exited: Promise<ServerExit>;
  /** Fast shutdown, and by force where that takes too long. */
  stop(): Promise<void>;
}

interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What to run on which data. */
export interface ServerOptions {
  readonly install: Install;
  readonly place: DataPlace;
  /** Where the server's own log goes; it is appended to. */
  readonly logFile: string;
  readonly isDurable: boolean;
  /** Taken where it is free, so that connections can come back after a restart. */
  readonly preferredPort: number | null;
  /** A superuser's connection to a database that is always there. */
  adminUrl(port: number): string;
}

/** Starts the server and waits until it accepts. Throws with the tail of its log where it does not. */
export async function startServer(options: ServerOptions): Promise<Server> {
  let preferred = options.preferredPort;
  for (let attempt = 1; ; attempt += 1) {
    const port = await choosePort(preferred);
    const child = launch(options, port);
    const exited = exitOf(child);
    const state = await untilAccepting(options.adminUrl(port), exited);
    if (state === 'accepting') return serverOf(child, port, exited);
    if (state === 'silent') await stopChild(child, exited);
    if (state === 'ended' && attempt < MAX_STARTS) {
      // Somebody may have taken the port between the choice and the start. Or the processes of a server that was killed
      // have not all ended yet, and with them the shared memory that keeps a second server off the data.
      if (!(await isPortFree(port))) preferred = null;
      await delay(RESTART_DELAY_MS * attempt);
      continue;
    }
    const what = state === 'ended' ? 'ended at once' : `did not accept within ${START_TIMEOUT_MS / 1000} s`;
    throw new Error(`PostgreSQL ${what}; the end of ${options.logFile}:\n${tailOf(options.logFile)}`);
  }
}

/** Detached: the terminal's Ctrl-C goes to its foreground process group, and the server must outlive the edge's drain. */
function launch({ install, place, logFile, isDurable }: ServerOptions, port: number): ChildProcess {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const args = ['-D', place.dataDir, ...settings(port, isDurable).flatMap((setting) => ['-c', setting])];
    const env = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };
    const child = spawn(path.join(install.root, 'bin', 'postgres'), args, {
      ...place.account,
      cwd: '/',
      env,
      detached: true,
      stdio: ['ignore', log, log],
    });
    const interrupt = () => child.kill('SIGINT');
    process.once('exit', interrupt);
    const callOff = child.pid === undefined ? () => {} : watchOver(child.pid, place.account);
    child.once('exit', () => {
      process.off('exit', interrupt);
      callOff();
    });
    return child;
  } finally {
    closeSync(log);
  }
}

/** For one small machine that is always on: little memory, few processes, nothing lost. */
function settings(port: number, isDurable: boolean): readonly string[] {
  return [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    'cluster_name=weir',
    'max_connections=50',
    'shared_buffers=16MB',
    'work_mem=4MB',
    'maintenance_work_mem=16MB',
    'wal_level=minimal',
    'max_wal_senders=0',
    'max_wal_size=128MB',
    'min_wal_size=32MB',
    'io_method=sync',
    'max_worker_processes=2',
    'max_parallel_workers_per_gather=0',
    'max_logical_replication_workers=0',
    'autovacuum_max_workers=1',
    'jit=off',
    'timezone=UTC',
    'log_timezone=UTC',
    'log_checkpoints=off',
    // A statement's text may hold what does not belong into a log.
    'log_min_error_statement=panic',
    ...(isDurable ? [] : ['fsync=off', 'full_page_writes=off']),
  ];
}

async function exitOf(child: ChildProcess): Promise<ServerExit> {
  if (child.pid === undefined) {
    const [error] = await once(child, 'error');
    throw new Error('PostgreSQL could not be started', { cause: error });
  }
  child.on('error', () => {}); // a signal that could not be sent shows as an exit that does not come
  const [code, signal] = await once(child, 'exit');
  return { code, signal };
}

async function untilAccepting(
  url: string,
  exited: Promise<ServerExit>,
): Promise<'accepting' | 'ended' | 'silent'> {
  let hasEnded = false;
  const ended = exited.then(() => {
    hasEnded = true;
  });
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (await isAccepting(url)) return hasEnded ? 'ended' : 'accepting';
    await Promise.race([ended, delay(POLL_MS)]);
    if (hasEnded) return 'ended';
  }
  return 'silent';
}

async function isAccepting(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => {}); // connect() rejects as well
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

function serverOf(child: ChildProcess, port: number, exited: Promise<ServerExit>): Server {
  return { pid: child.pid ?? 0, port, exited, stop: () => stopChild(child, exited) };
}

async function stopChild(child: ChildProcess, exited: Promise<ServerExit>): Promise<void> {
  let hasEnded = false;
  const ended = exited.then(() => {
    hasEnded = true;
  });
  for (const { signal, waitMs } of SHUTDOWN_STEPS) {
    child.kill(signal);
    const timeout = new AbortController();
    await Promise.race([ended, delay(waitMs, undefined, { signal: timeout.signal }).catch(() => {})]);
    timeout.abort();
    if (hasEnded) return;
  }
  throw new Error(`PostgreSQL (process ${child.pid}) does not end`);
}

async function choosePort(preferred: number | null): Promise<number> {
  if (preferred !== null && (await isPortFree(preferred))) return preferred;
  const probe = net.createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  if (address === null || typeof address === 'string') throw new Error('no free port on 127.0.0.1');
  return address.port;
}

async function isPortFree(port: number): Promise<boolean> {
  const probe = net.createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

function tailOf(logFile: string): string {
  return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}
