import type net from 'node:net';
import { getSystemErrorName } from 'node:util';
import type { ListenerFacts } from '../../connection/facts.ts';
import { PendingConnections } from '../../limit/pending.ts';
import type { Engine, EngineHost, EngineLimits, Listening, SharedSocket } from '../contract.ts';
import { ListenFailure } from '../listen-failure.ts';
import { Connection, type ConnectionScope } from './connection.ts';
import { ReadBuffers } from './read-buffers.ts';
import { Sockets } from './sockets.ts';
import { TimerWheel } from './timer-wheel.ts';

/** As long as the kernel allows: it cuts this down to net.core.somaxconn. */
const BACKLOG = 65_535;

/** Connections that may be read an answer to beside all that there may be: a fraction of the descriptors kept for this. */
const MAX_BEYOND = 16;

/** The engine that runs everywhere: `node:net`, no native code. */
export function createNodeEngine(host: EngineHost, limits: EngineLimits): Engine {
  const live = new Set<Connection>();
  const buffers = new ReadBuffers();
  const scope: ConnectionScope = {
    host,
    limits,
    live,
    pending: new PendingConnections(limits.pending),
    buffers,
    sockets: new Sockets(buffers),
    wheel: new TimerWheel(),
  };
  return {
    name: 'node',
    get liveConnections() {
      return live.size;
    },
    listen: async (socket, listener) => listen(socket, listener, scope),
    closeConnections() {
      for (const connection of live) connection.close('drained');
    },
  };
}

/**
 * What a socket that came over IPC is underneath. `net.Server` would accept on it as well, but makes its sockets in a way
 * that leaves no room for `onread`, which is worth a fifth of the cost of a byte.
 */
interface ListeningHandle extends SharedSocket {
  listen(backlog: number): number;
  onconnection: (status: number, client: object | undefined) => void;
}

function listen(socket: SharedSocket, listener: ListenerFacts, scope: ConnectionScope): Listening {
  const handle = socket as ListeningHandle;
  handle.onconnection = (status, client) => {
    if (client === undefined) {
      const code = getSystemErrorName(status);
      scope.host.warn({ code, message: `${listener.name}: a connection could not be accepted: ${code}` });
      return;
    }
    accept(scope.sockets.client(client), listener, scope);
  };
  const status = handle.listen(BACKLOG);
  if (status !== 0) {
    handle.close();
    throw new ListenFailure(status);
  }
  return { stop: () => handle.close() };
}

function accept(client: net.Socket, listener: ListenerFacts, scope: ConnectionScope): void {
  const connection = new Connection(client, listener, scope);
  const { live, pending, limits } = scope;
  const { maxConnections } = limits;
  // Those that have been answered have no place of their own: they go when it is needed.
  const isFull = maxConnections > 0 && live.size - pending.answered > maxConnections;
  if (isFull && !pending.makeWay()) connection.shed();
  else connection.start();
  if (maxConnections > 0 && live.size > maxConnections + MAX_BEYOND) pending.dismiss();
}
