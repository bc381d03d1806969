import { startEchoing } from '../load/echoing.ts';
import { captureHello } from '../load/hello.ts';
import { ANSWER, BANNER, type BackendPorts } from '../load/task.ts';
import { readWorkers } from '../measure/access-log.ts';
import { stableSince } from '../measure/liveness.ts';
import type { Scenario } from '../measurement.ts';
import { ROUTED_NAMES } from '../proxies/proxy.ts';
import { type RunningEdge, startEdge } from '../proxies/weir-edge.ts';
import { carriedOut, createTlsRoute, META, reportBackend, SERVICE } from '../proxies/weir-routes.ts';
import {
  type CommandTimes,
  type ObservedChange,
  type ObservedPort,
  summariseChanges,
} from './change-latencies.ts';
import { probeUntil } from './probing.ts';

const WORKERS = 2;
const RUNNING_CONNECTIONS = 50;
/** Opening and closing a port takes each a probe run of its own. */
const PORT_SHARE = 0.25;

/** Changes under traffic: how long until each is in force on every worker, and whether anything else notices. */
export const changes: Scenario = {
  name: 'changes',
  proxies: ['weir'],
  async run(bench) {
    const portCount = Math.max(1, Math.round(bench.options.changes * PORT_SHARE));
    const edge = await startEdge(bench.session, { workers: WORKERS, side: 'free', tcpPortCount: portCount });
    await reportBackend(edge.control);
    const running = await startRunning(edge, bench.load.backends);

    bench.progress(`${bench.options.changes} names`);
    const names: ObservedChange[] = [];
    for (let index = 0; index < bench.options.changes; index += 1) {
      names.push(await observeName(edge, `change-${index}.bench.test`, bench.load.backends.answer));
    }
    bench.progress(`${portCount} ports`);
    const ports: ObservedPort[] = [];
    for (let index = 0; index < portCount; index += 1) {
      ports.push(await observePort(edge, edge.firstTcpPort + index, bench.load.backends.banner));
    }
    const echoes = await running.stop();
    await edge.stop();

    bench.note(`changes: ${RUNNING_CONNECTIONS} running connections relayed ${echoes} echoes; none broke`);
    const workerOfKey = readWorkers(edge.logFile);
    const workers = Array.from(new Set(workerOfKey.values()));
    if (workers.length !== WORKERS) {
      throw new Error(`${workers.length} workers appear in the access log, not ${WORKERS}`);
    }
    const { series, unseen } = summariseChanges({ names, ports, workers, workerOfKey });
    if (unseen > 0) bench.note(`changes: ${unseen} left out, since one worker took none of their probes`);
    return { series, busy: [] };
  },
};

async function startRunning(edge: RunningEdge, backends: BackendPorts) {
  await createTlsRoute(edge.control, ROUTED_NAMES.answer, backends.answer);
  await createTlsRoute(edge.control, ROUTED_NAMES.echo, backends.echo);
  const hello = await captureHello(ROUTED_NAMES.answer);
  await probeUntil({ port: edge.tlsPort, hello, answer: ANSWER }, 'answered');
  return startEchoing({ port: edge.tlsPort, name: ROUTED_NAMES.echo }, RUNNING_CONNECTIONS);
}

async function observeName(edge: RunningEdge, name: string, backendPort: number): Promise<ObservedChange> {
  const hello = await captureHello(name);
  const probing = probeUntil({ port: edge.tlsPort, hello, answer: ANSWER }, 'answered');
  const commanding = timed(() => createTlsRoute(edge.control, name, backendPort));
  const [probes, command] = await Promise.all([probing, commanding]);
  return { asked: name, probes, command };
}

async function observePort(edge: RunningEdge, port: number, backendPort: number): Promise<ObservedPort> {
  const plan = { port, hello: null, answer: BANNER };
  const opening = probeUntil(plan, 'answered');
  const allocating = timed(async () =>
    carriedOut(await edge.control.allocatePort({ ...SERVICE, port, backendPort }, META)),
  );
  const [probes, command] = await Promise.all([opening, allocating]);

  const closing = probeUntil(plan, 'refused');
  const releasing = timed(async () => carriedOut(await edge.control.releasePort({ port }, META)));
  const [last, { calledAt }] = await Promise.all([closing, releasing]);
  const goneAt = stableSince(last, 'refused') ?? Number.NaN;
  return { asked: `port/${port}`, probes, command, goneMs: goneAt - calledAt };
}

async function timed(command: () => Promise<{ readonly updatedAt: string }>): Promise<CommandTimes> {
  const calledAt = performance.now();
  const { updatedAt } = await command();
  const doneAt = performance.now();
  return { calledAt, recordedAt: Date.parse(updatedAt) - (Date.now() - doneAt), doneAt };
}
