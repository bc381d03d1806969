import type { ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Engine } from '../../edge/engine/contract.ts';
import type { Control } from '../../routing/control/control.ts';
import { openControl } from '../../routing/control/open-control.ts';
import { freePorts } from '../measure/free-port.ts';
import { processTree, programName } from '../measure/process-tree.ts';
import type { Program, Session } from '../session.ts';

/** What differs between the scenarios. */
export interface EdgeSetup {
  /** @default what `auto` takes */
  readonly engine?: Engine['name'];
  readonly workers: number;
  readonly side: Program['side'];
  /** Raw TCP ports that can be allocated. */
  readonly tcpPortCount: number;
  /** More of the edge's environment, by the port that names are routed on. @default nothing */
  readonly environmentAt?: (tlsPort: number) => Readonly<Record<string, string>>;
}

/** An edge with an embedded database and no routes. */
export interface RunningEdge {
  readonly tlsPort: number;
  readonly firstTcpPort: number;
  readonly adminPort: number;
  /** Closed by `stop`. */
  readonly control: Control;
  /** Primary and workers; the database is not among them. */
  readonly pids: readonly number[];
  /** What it has printed: its log and the access log, one JSON object in each line; whole once it has stopped. */
  readonly logFile: string;
  stop(): Promise<void>;
}

const COMMAND = fileURLToPath(new URL('../../edge/cli/weir.js', import.meta.url));
const START_DEADLINE_MS = 30_000;
const POLL_MS = 50;
const SHOWN_LOG_LINES = 5;

/** Resolves once it says that it is ready; rejects with the end of its log when it does not become so. */
export async function startEdge(session: Session, setup: EdgeSetup): Promise<RunningEdge> {
  const tlsPort = await freePorts(1);
  const adminPort = await freePorts(1);
  const firstTcpPort = await freePorts(setup.tcpPortCount);
  const name = `weir-${tlsPort}`;
  const stateDir = session.path(name);
  const configFile = session.path(`${name}.yaml`);
  writeFileSync(
    configFile,
    configuration({ tlsPort, adminPort, firstTcpPort, lastTcpPort: firstTcpPort + setup.tcpPortCount - 1 }),
  );
  const child = session.start({
    command: session.proxyNode(),
    args: [COMMAND, 'up', '--config', configFile],
    side: setup.side,
    environment: {
      WEIR_ENGINE: setup.engine ?? 'auto',
      WEIR_WORKERS: String(setup.workers),
      WEIR_STATE_DIR: stateDir,
      ...setup.environmentAt?.(tlsPort),
    },
    outputFile: `${name}.log`,
  });
  const logFile = session.path(`${name}.log`);
  await ready({ child, adminPort, logFile });

  const control = await openControl({ url: controlUrl(stateDir) });
  return {
    tlsPort,
    firstTcpPort,
    adminPort,
    control,
    pids: ownProcesses(child),
    logFile,
    async stop() {
      await control.close();
      await session.stop(child);
    },
  };
}

interface Ports {
  readonly tlsPort: number;
  readonly adminPort: number;
  readonly firstTcpPort: number;
  readonly lastTcpPort: number;
}

/** All else as it comes, but for the log's form, which must not depend on where it goes. */
function configuration({ tlsPort, adminPort, firstTcpPort, lastTcpPort }: Ports): string {
  return [
    'database: embedded',
    'listeners:',
    `  - { name: tls, kind: tls, address: "127.0.0.1:${tlsPort}" }`,
    `  - { name: tcp, kind: tcp, address: "127.0.0.1", ports: ${firstTcpPort}-${lastTcpPort} }`,
    `admin: { address: "127.0.0.1:${adminPort}" }`,
    'log: { format: json }',
    '',
  ].join('\n');
}

interface Starting {
  readonly child: ChildProcess;
  readonly adminPort: number;
  readonly logFile: string;
}

async function ready({ child, adminPort, logFile }: Starting): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while (!(await answersReady(adminPort))) {
    const hasEnded = child.exitCode !== null || child.signalCode !== null;
    if (hasEnded || performance.now() > deadline) {
      const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-SHOWN_LOG_LINES);
      throw new Error(
        `weir ${hasEnded ? 'ended at its start' : 'does not become ready'}:\n${lines.join('\n')}`,
      );
    }
    await delay(POLL_MS);
  }
}

async function answersReady(adminPort: number): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${adminPort}/readyz`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** What a running embedded database says of itself in its state directory. */
function controlUrl(stateDir: string): string {
  const said: unknown = JSON.parse(readFileSync(join(stateDir, 'database.json'), 'utf8'));
  if (typeof said === 'object' && said !== null && 'controlUrl' in said) return String(said.controlUrl);
  throw new Error(`${stateDir}/database.json has no controlUrl`);
}

function ownProcesses(child: ChildProcess): readonly number[] {
  return processTree(child.pid ?? 0)
    .map(({ pid }) => pid)
    .filter((pid) => programName(pid) !== 'postgres');
}
