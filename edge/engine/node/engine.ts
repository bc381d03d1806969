import net from 'node:net';
import type { ListenerFacts } from '../../connection/facts.ts';
import type { Engine, EngineHost, EngineLimits, Listening, SharedSocket } from '../contract.ts';
import { Connection, type ConnectionScope } from './connection.ts';
import { TimerWheel } from './timer-wheel.ts';

/** As long as the kernel allows: it cuts this down to net.core.somaxconn. */
const BACKLOG = 65_535;

/** The engine that runs everywhere: plain `node:net`, no native code. */
export function createNodeEngine(host: EngineHost, limits: EngineLimits): Engine {
  const live = new Set<Connection>();
  const scope: ConnectionScope = { host, limits, live, wheel: new TimerWheel() };
  return {
    name: 'node',
    get liveConnections() {
      return live.size;
    },
    listen: (socket, listener) => listen(socket, listener, scope),
    closeConnections() {
      for (const connection of live) connection.close('drained');
    },
  };
}

function listen(socket: SharedSocket, listener: ListenerFacts, scope: ConnectionScope): Promise<Listening> {
  const server = net.createServer({ allowHalfOpen: true }, (client) => accept(client, listener, scope));
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, BACKLOG, () => {
      server.off('error', reject);
      server.on('error', (error: NodeJS.ErrnoException) => {
        scope.host.warn({
          code: error.code ?? 'accept-failed',
          message: `${listener.name}: ${error.message}`,
        });
      });
      resolve({ stop: () => server.close() });
    });
  });
}

function accept(client: net.Socket, listener: ListenerFacts, scope: ConnectionScope): void {
  const connection = new Connection(client, listener, scope);
  const { maxConnections } = scope.limits;
  if (maxConnections > 0 && scope.live.size > maxConnections) connection.shed();
  else connection.start();
}
