import { fileURLToPath } from 'node:url';
import { freePorts } from '../measure/free-port.ts';
import { accepting } from './accepting.ts';
import { type Contender, ROUTED_NAMES, routedAt, SERVICES } from './proxy.ts';

const START_DEADLINE_MS = 5_000;

/** The least that a proxy in Node can be, `node:net` and `pipe` in one process: what it costs is the floor for the node engine. */
export const nodePipe: Contender = {
  name: 'node-pipe',
  find: () => ({ kind: 'found', version: process.version }),
  async start(session, backends) {
    const port = await freePorts(1);
    const routes = SERVICES.map((service) => `${ROUTED_NAMES[service]}=${backends[service]}`);
    const child = session.start({
      command: session.proxyNode(),
      args: [fileURLToPath(new URL('./node-pipe-process.ts', import.meta.url)), String(port), ...routes],
      side: 'proxy',
      outputFile: 'node-pipe.log',
    });
    await accepting(child, port, START_DEADLINE_MS);
    return {
      name: 'node-pipe',
      target: routedAt(port),
      pids: [child.pid ?? 0],
      stop: () => session.stop(child),
    };
  },
};
