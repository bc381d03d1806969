import { startEchoing } from '../load/echoing.ts';
import { captureHello } from '../load/hello.ts';
import type { Probe } from '../load/probe.ts';
import { ANSWER, BANNER, type BackendPorts } from '../load/task.ts';
import { connectionKey, readWorkers } from '../measure/access-log.ts';
import { liveOnAll, stableSince } from '../measure/liveness.ts';
import { type Bench, type Metric, Recorder, type Scenario } from '../measurement.ts';
import { ROUTED_NAMES } from '../proxies/proxy.ts';
import { type RunningEdge, startEdge } from '../proxies/weir-edge.ts';
import { carriedOut, createTlsRoute, META, reportBackend, SERVICE } from '../proxies/weir-routes.ts';
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
    const names: Observed[] = [];
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
    return summarise(bench, { names, ports, workerOfKey: readWorkers(edge.logFile) });
  },
};

/** A change, and what probes saw of it. Times are of `performance.now()`. */
interface Observed {
  /** The name, or `port/N`. */
  readonly asked: string;
  readonly calledAt: number;
  readonly doneAt: number;
  readonly probes: readonly Probe[];
}

interface ObservedPort extends Observed {
  /** From the call of the release to the first of the lasting refusals. */
  readonly goneMs: number;
}

async function startRunning(edge: RunningEdge, backends: BackendPorts) {
  await createTlsRoute(edge.control, ROUTED_NAMES.answer, backends.answer);
  await createTlsRoute(edge.control, ROUTED_NAMES.echo, backends.echo);
  const hello = await captureHello(ROUTED_NAMES.answer);
  await probeUntil({ port: edge.tlsPort, hello, answer: ANSWER }, 'answered');
  return startEchoing({ port: edge.tlsPort, name: ROUTED_NAMES.echo }, RUNNING_CONNECTIONS);
}

async function observeName(edge: RunningEdge, name: string, backendPort: number): Promise<Observed> {
  const hello = await captureHello(name);
  const probing = probeUntil({ port: edge.tlsPort, hello, answer: ANSWER }, 'answered');
  const command = timed(() => createTlsRoute(edge.control, name, backendPort));
  const [probes, times] = await Promise.all([probing, command]);
  return { asked: name, probes, ...times };
}

async function observePort(edge: RunningEdge, port: number, backendPort: number): Promise<ObservedPort> {
  const plan = { port, hello: null, answer: BANNER };
  const opening = probeUntil(plan, 'answered');
  const allocation = timed(async () => {
    carriedOut(await edge.control.allocatePort({ ...SERVICE, port, backendPort }, META));
  });
  const [probes, times] = await Promise.all([opening, allocation]);

  const closing = probeUntil(plan, 'refused');
  const release = timed(async () => {
    carriedOut(await edge.control.releasePort({ port }, META));
  });
  const [last, { calledAt }] = await Promise.all([closing, release]);
  const goneAt = stableSince(last, 'refused') ?? Number.NaN;
  return { asked: `port/${port}`, probes, ...times, goneMs: goneAt - calledAt };
}

async function timed(command: () => Promise<void>): Promise<{ calledAt: number; doneAt: number }> {
  const calledAt = performance.now();
  await command();
  return { calledAt, doneAt: performance.now() };
}

interface Observations {
  readonly names: readonly Observed[];
  readonly ports: readonly ObservedPort[];
  readonly workerOfKey: ReadonlyMap<string, number>;
}

function summarise(bench: Bench, { names, ports, workerOfKey }: Observations) {
  const workers = Array.from(new Set(workerOfKey.values()));
  if (workers.length !== WORKERS) {
    throw new Error(`${workers.length} workers appear in the access log, not ${WORKERS}`);
  }
  const recorder = new Recorder();
  let unseen = 0;
  const record = (metric: 'name-live' | 'port-live', change: Observed): void => {
    const liveAt = liveOnAll(
      change.probes,
      workers,
      ({ clientPort }) => workerOfKey.get(connectionKey(change.asked, clientPort)) ?? null,
    );
    if (liveAt === null) {
      unseen += 1;
      return;
    }
    recorder.add({ name: 'weir' }, {
      [metric]: liveAt - change.calledAt,
      [`${metric}-after-answer`]: liveAt - change.doneAt,
    } satisfies Partial<Record<Metric, number>>);
  };
  for (const name of names) record('name-live', name);
  for (const port of ports) {
    record('port-live', port);
    recorder.add({ name: 'weir' }, { 'port-gone': port.goneMs });
  }
  if (unseen > 0) {
    bench.note(
      `changes: ${unseen} of ${names.length + ports.length} left out: one worker took none of their probes`,
    );
  }
  return recorder.series;
}
