import type net from 'node:net';
import { getSystemErrorName } from 'node:util';
import type { ListenerFacts } from '../../connection/facts.ts';
import { PendingConnections } from '../../limit/pending.ts';
import type { Engine, EngineHost, EngineLimits, Listening, SharedSocket } from '../contract.ts';
import { Connection, type ConnectionScope } from './connection.ts';
import { ReadBuffers } from './read-buffers.ts';
import { Sockets } from './sockets.ts';
import { TimerWheel } from './timer-wheel.ts';

/** As long as the kernel allows: it cuts this down to net.core.somaxconn. */
const BACKLOG = 65_535;

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
    throw new ListenFailure(getSystemErrorName(status));
  }
  return { stop: () => handle.close() };
}

/** Carries the system's code, as an error of `net.Server` does. */
class ListenFailure extends Error {
  readonly code: string;

  constructor(code: string) {
    super(`listen ${code}`);
    this.code = code;
  }
}

function accept(client: net.Socket, listener: ListenerFacts, scope: ConnectionScope): void {
  const connection = new Connection(client, listener, scope);
  const { maxConnections } = scope.limits;
  const isFull = maxConnections > 0 && scope.live.size > maxConnections;
  if (isFull && !scope.pending.makeWay()) connection.shed();
  else connection.start();
}
