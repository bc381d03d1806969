import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { BackendPorts } from '../load/task.ts';
import { freePorts } from '../measure/free-port.ts';
import type { Machine } from '../measure/machine.ts';
import { processTree } from '../measure/process-tree.ts';
import type { Session } from '../session.ts';
import { accepting } from './accepting.ts';
import { type Presence, type ProxyName, type RunningProxy, routedAt } from './proxy.ts';

const START_DEADLINE_MS = 5_000;

/** A proxy that is a program with one configuration file. */
export interface Peer {
  readonly name: ProxyName;
  readonly command: string;
  /** For a configuration at this path. */
  arguments(file: string): readonly string[];
  configuration(setup: PeerSetup): string;
}

export interface PeerSetup {
  /** To listen on, at 127.0.0.1. */
  readonly port: number;
  readonly backends: BackendPorts;
  readonly machine: Machine;
  /** Absolute path of a file or folder of this run. */
  path(name: string): string;
}

/** Resolves once it accepts connections. */
export async function startPeer(
  peer: Peer,
  { session, backends }: { readonly session: Session; readonly backends: BackendPorts },
): Promise<RunningProxy> {
  const port = await freePorts(1);
  // Of its own for each start: a proxy that ends may still read its own.
  const name = `${peer.name}-${port}`;
  const file = session.path(`${name}.conf`);
  const path = (suffix: string): string => session.path(`${name}.${suffix}`);
  writeFileSync(file, peer.configuration({ port, backends, machine: session.machine, path }));
  const child = session.start({
    command: peer.command,
    args: peer.arguments(file),
    side: 'proxy',
    outputFile: `${name}.log`,
  });
  await accepting(child, port, START_DEADLINE_MS);
  return {
    name: peer.name,
    target: routedAt(port),
    pids: processTree(child.pid ?? 0).map(({ pid }) => pid),
    stop: () => session.stop(child),
  };
}

/** Whether the program is there; its version is what the pattern's group finds in what it prints. */
export function findPeer(command: string, args: readonly string[], version: RegExp): Presence {
  const { stdout, stderr, error } = spawnSync(command, [...args], { encoding: 'utf8' });
  if (error !== undefined)
    return { kind: 'missing', remedy: 'it is not installed; run: npm run bench:peers' };
  return { kind: 'found', version: version.exec(stdout + stderr)?.[1] ?? 'of unknown version' };
}
