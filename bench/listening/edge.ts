import { setTimeout as delay } from 'node:timers/promises';
import type { Engine } from '../../edge/engine/contract.ts';
import { captureHello } from '../load/hello.ts';
import type { Load } from '../load/load-processes.ts';
import { ANSWER, type Target } from '../load/task.ts';
import { ROUTED_NAMES } from '../proxies/proxy.ts';
import { startEdge } from '../proxies/weir-edge.ts';
import { createTlsRoute, reportBackend } from '../proxies/weir-routes.ts';
import { probeUntil } from '../scenarios/probing.ts';
import type { Session } from '../session.ts';
import { type Sharing, SharingBoard, type WorkerCounts } from './sharing.ts';

/** An edge whose workers share their port in one of the ways, with a route to a backend that answers and one that echoes. */
export interface SharingEdge {
  readonly answer: Target;
  readonly echo: Target;
  /** Of all workers that there ever were. */
  readonly counts: () => readonly WorkerCounts[];
  /** Resolves once its first workers are so old that one that ends is replaced at once. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

export interface SharingSetup {
  readonly engine: Engine['name'];
  readonly sharing: Sharing;
  readonly workers: number;
  /** What `buildSharing` built. */
  readonly library: string;
}

/** Enough that V8 has compiled what a connection takes, on each worker. */
const WARM_UP_CONNECTIONS = 6_000;
const LANES = 48;
/** `STABLE_AFTER_MS` of the worker pool, and some. */
const STABLE_AFTER_MS = 10_500;

let edges = 0;

/** Where the session binds processes to cores, all workers have one. */
export async function startSharingEdge(
  session: Session,
  load: Load,
  { engine, sharing, workers, library }: SharingSetup,
): Promise<SharingEdge> {
  edges += 1;
  const board = new SharingBoard(session, `counts-${edges}`);
  const edge = await startEdge(session, {
    engine,
    workers,
    side: 'proxy',
    tcpPortCount: 1,
    environmentAt: (port) => board.environment({ library, sharing, workers, port }),
  });
  const begun = performance.now();
  await reportBackend(edge.control);
  await createTlsRoute(edge.control, ROUTED_NAMES.echo, load.backends.echo);
  await createTlsRoute(edge.control, ROUTED_NAMES.answer, load.backends.answer);
  const [answer, echo] = (['answer', 'echo'] as const).map((service) => ({
    port: edge.tlsPort,
    name: ROUTED_NAMES[service],
  }));
  if (answer === undefined || echo === undefined) throw new Error('two services have two targets');
  const hello = await captureHello(answer.name);
  await probeUntil({ port: answer.port, hello, answer: ANSWER }, 'answered');
  await load.perform({
    kind: 'short',
    target: answer,
    connections: WARM_UP_CONNECTIONS,
    pace: { kind: 'lanes', count: LANES },
  });
  return {
    answer,
    echo,
    counts: () => board.read(),
    settle: () => delay(Math.max(0, begun + STABLE_AFTER_MS - performance.now())),
    stop: () => edge.stop(),
  };
}
