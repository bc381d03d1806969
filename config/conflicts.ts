import { isIPv4 } from 'node:net';
import type { Config } from './config.ts';

/** Two parts of a configuration that cannot both be. */
export interface Conflict {
  /** Either end, the later one first. */
  readonly paths: readonly (readonly (string | number)[])[];
  readonly message: string;
}

/** Finds listeners with the same name or with keys that contradict each other, and sockets that could not both be bound. */
export function findConflicts({
  listeners,
  admin,
}: Pick<Config, 'listeners' | 'admin'>): readonly Conflict[] {
  return [
    ...sameNames(listeners),
    ...contradictions(listeners),
    ...sharedPorts(claimsOf({ listeners, admin })),
  ];
}

/**
 * What of the configuration has this port of an address, as `listener "tls" ([::]:443)`, null where nothing has: of a tcp
 * listener its whole range, also while a port of it is closed.
 */
export function ownerOf(
  { address, port }: { readonly address: string; readonly port: number },
  sockets: Pick<Config, 'listeners' | 'admin'>,
): string | null {
  const wanted = { path: [], owner: '', address, ipv6Only: false, first: port, last: port };
  const claims = claimsOf(sockets);
  const owner = claims.find(
    (claim) => claim.first <= port && port <= claim.last && isSameSocket(claim, wanted),
  );
  return owner === undefined ? null : describe(owner);
}

function* sameNames(listeners: Config['listeners']): Generator<Conflict> {
  const firstByName = new Map<string, number>();
  for (const [index, { name }] of listeners.entries()) {
    const first = firstByName.get(name);
    if (first === undefined) firstByName.set(name, index);
    else
      yield {
        paths: [['listeners', index, 'name']],
        message: `"${name}" is the name of listeners[${first}] too`,
      };
  }
}

function* contradictions(listeners: Config['listeners']): Generator<Conflict> {
  for (const [index, listener] of listeners.entries()) {
    const { address, ipv6Only } = listener;
    if (ipv6Only && isIPv4(address)) {
      yield {
        paths: [['listeners', index, 'ipv6_only']],
        message: `cannot be true on the IPv4 address ${address}`,
      };
    }
    yield* proxyContradictions(index, listener);
  }
}

function* proxyContradictions(index: number, listener: Config['listeners'][number]): Generator<Conflict> {
  const { kind, proxyProtocol, trusted } = listener;
  // Where the server speaks first nothing would tell that there is no header to wait for.
  if (kind === 'tcp' && proxyProtocol === 'optional') {
    yield {
      paths: [['listeners', index, 'proxy_protocol']],
      message: 'cannot be optional on a tcp listener, whose clients may wait for the server; write required',
    };
  }
  if (proxyProtocol !== 'off' && trusted.length === 0) {
    yield {
      paths: [['listeners', index, 'proxy_protocol']],
      message: `is ${proxyProtocol}, and nobody's header is believed; write the load balancers' addresses into "trusted"`,
    };
  }
  if (proxyProtocol === 'off' && trusted.length > 0) {
    yield {
      paths: [['listeners', index, 'trusted']],
      message: 'has no use while "proxy_protocol" is off; write optional or required there',
    };
  }
}

/** Ports on an address that something wants to bind. */
interface Claim {
  readonly path: readonly (string | number)[];
  readonly owner: string;
  readonly address: string;
  readonly ipv6Only: boolean;
  readonly first: number;
  readonly last: number;
}

function claimsOf({ listeners, admin }: Pick<Config, 'listeners' | 'admin'>): readonly Claim[] {
  const claims = listeners.map((listener, index): Claim => {
    const { first, last } =
      listener.kind === 'tcp' ? listener.ports : { first: listener.port, last: listener.port };
    const path = ['listeners', index, listener.kind === 'tcp' ? 'ports' : 'address'];
    const { address, ipv6Only } = listener;
    return { path, owner: `listener "${listener.name}"`, address, ipv6Only, first, last };
  });
  if (admin === null) return claims;
  const { address, port } = admin;
  return [
    ...claims,
    {
      path: ['admin', 'address'],
      owner: 'the admin server',
      address,
      ipv6Only: false,
      first: port,
      last: port,
    },
  ];
}

function* sharedPorts(claims: readonly Claim[]): Generator<Conflict> {
  for (const [index, later] of claims.entries()) {
    for (const earlier of claims.slice(0, index)) {
      const first = Math.max(later.first, earlier.first);
      const last = Math.min(later.last, earlier.last);
      // Port 0 is another free port each time.
      if (first > last || first === 0 || !isSameSocket(later, earlier)) continue;
      const ports = first === last ? `port ${first}` : `ports ${first}-${last}`;
      yield {
        paths: [later.path, earlier.path],
        message: `${ports} would be taken by both ${describe(later)} and ${describe(earlier)}`,
      };
    }
  }
}

/**
 * Whether two binds on one port collide. The unspecified address of a family collides with each address of it, and `::`
 * without IPV6_V6ONLY with IPv4 too (RFC 3493 §3.7, §5.3).
 */
function isSameSocket(one: Claim, other: Claim): boolean {
  return one.address === other.address || covers(one, other) || covers(other, one);
}

function covers(wide: Claim, { address, ipv6Only }: Claim): boolean {
  if (wide.address === '::') return !wide.ipv6Only || !isIPv4(address);
  if (wide.address === '0.0.0.0') return isIPv4(address) || (address === '::' && !ipv6Only);
  return false;
}

function describe({ owner, address, first, last }: Claim): string {
  const host = isIPv4(address) ? address : `[${address}]`;
  return `${owner} (${host}:${first === last ? first : `${first}-${last}`})`;
}
