/** Where somebody wanted to listen. */
export interface ListenPlace {
  readonly address: string;
  readonly port: number;
  /** What else of the configuration has the port there, as `listener "tls" ([::]:443)`; null where nothing has. */
  readonly owner: string | null;
}

/** A socket of the configuration that cannot be listened on: the edge does not start. */
export class ListenError extends Error {
  readonly code: string;

  constructor(place: ListenPlace, code: string) {
    super(explainListenError(place, code));
    this.code = code;
  }
}

/** What keeps a socket from being listened on, and what to do. `code` is the system's. */
export function explainListenError({ address, port, owner }: ListenPlace, code: string): string {
  const place = `${address.includes(':') ? `[${address}]` : address}:${port}`;
  switch (code) {
    case 'EADDRINUSE':
      if (owner !== null)
        return `cannot listen on ${place}: ${owner} has this port there too; give it addresses of its own instead of all, or for [::] set ipv6_only`;
      return `cannot listen on ${place}: another program has the port (see it with: ss -ltnp 'sport = :${port}')`;
    case 'EACCES':
      return `cannot listen on ${place}: ports below 1024 need root or CAP_NET_BIND_SERVICE; grant it, or choose a higher port`;
    case 'EADDRNOTAVAIL':
      return `cannot listen on ${place}: no interface of this machine has the address`;
    case 'EAFNOSUPPORT':
      return `cannot listen on ${place}: this machine has no IPv6; write 0.0.0.0:${port}`;
    default:
      return `cannot listen on ${place}: ${code}`;
  }
}
