import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { chooseEngine } from '../../edge/engine/choose.ts';
import type { Engine } from '../../edge/engine/contract.ts';
import { captureHello } from '../load/hello.ts';
import { probe } from '../load/probe.ts';
import { ANSWER, type BackendPorts } from '../load/task.ts';
import { type Contender, ROUTED_NAMES, routedAt, SERVICES } from './proxy.ts';
import { type RunningEdge, startEdge } from './weir-edge.ts';
import { createTlsRoute, reportBackend } from './weir-routes.ts';

const ROUTES_DEADLINE_MS = 5_000;
const POLL_MS = 20;

/** weir as it is on Linux, with one worker, its access log and its counters on: what is measured against the others. */
export const weir: Contender = describe('weir', 'splice');

/** The same on the engine that works everywhere. */
export const weirNode: Contender = describe('weir-node', 'node');

function describe(name: 'weir' | 'weir-node', engine: Engine['name']): Contender {
  return {
    name,
    find() {
      const chosen = chooseEngine(engine);
      return chosen.kind === 'chosen'
        ? { kind: 'found', version: `${readVersion()} (${engine})` }
        : { kind: 'missing', remedy: chosen.reason };
    },
    async start(session, backends) {
      const edge = await startEdge(session, { engine, workers: 1, side: 'proxy', tcpPortCount: 1 });
      await createRoutes(edge, backends);
      return { name, target: routedAt(edge.tlsPort), pids: edge.pids, stop: edge.stop };
    },
  };
}

/** Resolves once the last of them is live; an edge applies changes in their order. */
async function createRoutes(edge: RunningEdge, backends: BackendPorts): Promise<void> {
  await reportBackend(edge.control);
  for (const service of SERVICES.toSorted((a) => (a === 'answer' ? 1 : -1))) {
    await createTlsRoute(edge.control, ROUTED_NAMES[service], backends[service]);
  }
  const hello = await captureHello(ROUTED_NAMES.answer);
  const deadline = performance.now() + ROUTES_DEADLINE_MS;
  while ((await probe({ port: edge.tlsPort, hello, answer: ANSWER })).result !== 'answered') {
    if (performance.now() > deadline)
      throw new Error(`a new route is not live after ${ROUTES_DEADLINE_MS} ms`);
    await delay(POLL_MS);
  }
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'of unknown version';
}
