import net from 'node:net';
import { getSystemErrorMap } from 'node:util';
import type { SharedSocket } from '../engine/contract.ts';

/**
 * Binds a TCP socket that this process never accepts on: it is made to be sent to the workers.
 *
 * Node's documented way to share a socket, a listening `net.Server`, accepts in the process that opened it. What `cluster`
 * itself uses underneath does not, and sends over IPC as it is, so that is used here: the handle is bound here, listened on
 * by the workers, and stays open in the primary while workers come and go.
 *
 * @param place Port 0 lets the system choose.
 * @returns The socket and its port, or the system's error code (`EADDRINUSE`, `EACCES`, `EADDRNOTAVAIL`, …).
 */
export function bindSharedSocket(place: {
  readonly address: string;
  readonly port: number;
  readonly ipv6Only: boolean;
}): BoundSocket | { readonly kind: 'failed'; readonly code: string } {
  const { address, port, ipv6Only } = place;
  const isIpv6 = net.isIPv6(address);
  const flags = isIpv6 && ipv6Only ? UV_TCP_IPV6ONLY : 0;
  const handle = bindHandle(address, port, isIpv6 ? 6 : 4, NO_FD, flags);
  if (typeof handle === 'number') return { kind: 'failed', code: codeOf(handle) };
  // libuv keeps EADDRINUSE back until somebody listens or asks for the name.
  const name: SocketName = {};
  const delayed = handle.getsockname(name);
  if (delayed !== 0) {
    handle.close();
    return { kind: 'failed', code: codeOf(delayed) };
  }
  return { kind: 'bound', socket: handle, port: name.port ?? port };
}

export interface BoundSocket {
  readonly kind: 'bound';
  readonly socket: SharedSocket;
  readonly port: number;
}

const UV_TCP_IPV6ONLY = 1;
const NO_FD = -1;

interface SocketName {
  port?: number;
}

interface BoundHandle extends SharedSocket {
  getsockname(out: SocketName): number;
}

type BindHandle = (
  address: string,
  port: number,
  family: 4 | 6,
  fd: number,
  flags: number,
) => BoundHandle | number;

function bindHandle(...args: Parameters<BindHandle>): ReturnType<BindHandle> {
  const bind = (net as unknown as { readonly _createServerHandle?: BindHandle })._createServerHandle;
  if (bind === undefined)
    throw new Error(`Node ${process.version} has no net._createServerHandle; weir needs Node 22 to 26`);
  return bind(...args);
}

function codeOf(errno: number): string {
  return systemErrorNames.get(errno)?.[0] ?? `errno ${errno}`;
}

const systemErrorNames = getSystemErrorMap();
