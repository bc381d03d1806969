import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { Scope } from './scope.ts';
import { until } from './until.ts';

/** Where Debian has servers, which is not in everybody's PATH. */
const SERVER_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** The whole path of a program that may be missing on this machine; null where it is. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SERVER_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

export function isExecutable(path: string): boolean {
  return isAccessible(path, constants.X_OK);
}

export function isReadable(path: string): boolean {
  return isAccessible(path, constants.R_OK);
}

function isAccessible(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** A folder that is gone with the scope. */
export function makeFolder(scope: Scope): string {
  const folder = mkdtempSync(join(tmpdir(), 'weir-peer-'));
  scope.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Starts another proxy with a configuration of its own and waits until it accepts on `port` of 127.0.0.1. It is gone with
 * the scope, and what it has written is shown where a test fails.
 */
export async function startPeer(
  scope: Scope,
  peer: {
    readonly program: string;
    /** Where the configuration goes; `args` names it. */
    readonly file: string;
    readonly configuration: string;
    readonly args: readonly string[];
    readonly port: number;
  },
): Promise<void> {
  writeFileSync(peer.file, peer.configuration);
  const child = spawn(peer.program, peer.args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += String(chunk)));
  scope.onFailure(() => `${peer.program} wrote:\n${said}`);
  scope.teardown(() => end(child));
  await until(`${peer.program} accepts`, async () => {
    if (child.exitCode !== null) throw new Error(`${peer.program} ended:\n${said}`);
    return isAccepting(peer.port);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function isAccepting(port: number): Promise<boolean> {
  const probe = net.connect({ host: '127.0.0.1', port });
  try {
    await once(probe, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    probe.destroy();
  }
}
