import type { Move, RouteOfMove } from './moves.ts';
import {
  addressesOf,
  type Claim,
  held,
  holderOf,
  isInPool,
  isWithin,
  isWithinCoolDown,
  nameOf,
  quotaOf,
  sharedPortsOf,
  type World,
} from './world.ts';

/** Whether what a move was answered with is right, by what the oracle knows; `now` is when it was asked. */
export function isJustified(world: World, move: Move, answer: string, now: number): boolean {
  switch (move.kind) {
    case 'claim':
    case 'trust':
      if (move.kind === 'trust' && move.domain === '*' && move.isPlatform) return answer === 'invalid';
      if (answer === 'not-allowed') return move.kind === 'claim' && !move.domain.includes('.');
      return answer === 'ok' || (answer === 'conflict' && isContested(world, move, now));
    case 'verify':
    case 'forge': {
      const claim = world.claims.get(`domain/${move.domain}/${move.org}`);
      const isThere = claim !== undefined && claim.state !== 'released';
      if (answer === 'not-found') return !isThere;
      if (answer === 'not-allowed') return move.kind === 'forge' && claim?.state === 'pending';
      if (answer === 'conflict') return claim?.state === 'pending' && isContested(world, move, now);
      return isThere && (move.kind === 'verify' || claim.state === 'held');
    }
    case 'release':
      return isReleaseJustified(world, move, answer, now);
    case 'create':
      return isCreateJustified(world, move, answer, now);
    case 'update': {
      const route = world.routes.get(streamOf(move));
      if (answer === 'conflict') return route !== undefined && move.org !== null && move.org !== route.org;
      return (answer === 'ok') === (route !== undefined) && ['ok', 'not-found'].includes(answer);
    }
    case 'delete':
      return answer === (world.routes.has(streamOf(move)) ? 'ok' : 'not-found');
    case 'allocate-port':
      return isPortJustified(world, move, answer);
    case 'release-port':
      return answer === (world.ports.has(portStream(move)) ? 'ok' : 'not-found');
    case 'allocate-address':
      return isAddressJustified(world, move, answer, now);
    case 'release-address': {
      const isHeld = world.addresses.get(`address/${move.address}`)?.isHeld === true;
      const isInUse = [...world.ports.values()].some(({ address }) => address === move.address);
      return answer === (isHeld ? (isInUse ? 'conflict' : 'ok') : 'not-found');
    }
    case 'endpoint': {
      const isThere = world.endpoints.has(endpointStream(move.org));
      return answer === (move.state === 'gone' && !isThere ? 'not-found' : 'ok');
    }
    default:
      return answer === 'ok';
  }
}

/** What a test's endpoint is called. */
export function endpointStream(org: string): string {
  return `endpoint/${org}/shop/production/web/i-1`;
}

/** The lowest port that is free, which is the one that is to be had. */
export function lowestFreePort({ portPool, ports }: World): number | undefined {
  const taken = new Set(
    [...ports.values()].filter(({ address }) => address === null).map(({ port }) => port),
  );
  for (let port = portPool?.first ?? 1; port <= (portPool?.last ?? 0); port += 1) {
    if (!taken.has(port)) return port;
  }
  return undefined;
}

interface Wish {
  readonly domain: string;
  readonly org: string;
  readonly isPlatform?: boolean;
}

/** Whether another org has something at the domain, above it with nothing open between, or below it. */
function isContested(world: World, { domain, org, isPlatform = false }: Wish, now: number): boolean {
  const isOpenBetween = (lower: string, upper: string) =>
    held(world).some(
      ({ domain: open, isPlatform: isOpen }) =>
        isOpen && isWithin(lower, open) && open !== lower && isWithin(open, upper) && open !== domain,
    );
  return [...world.claims.values()].some((claim) => {
    if (claim.org === org || !isInForce(world, claim, now)) return false;
    if (claim.domain === domain) return true;
    if (isWithin(domain, claim.domain)) {
      return !claim.isPlatform && !isOpenBetween(domain, claim.domain);
    }
    return !isPlatform && isWithin(claim.domain, domain) && !isOpenBetween(claim.domain, domain);
  });
}

function isInForce(world: World, { state, at }: Claim, now: number): boolean {
  return state === 'held' || (state === 'released' && isWithinCoolDown(world, at, now));
}

function isReleaseJustified(world: World, move: Wish, answer: string, now: number): boolean {
  const claim = world.claims.get(`domain/${move.domain}/${move.org}`);
  if (claim === undefined || claim.state === 'released') return answer === 'not-found';
  if (answer !== 'conflict') return answer === 'ok';
  const isBelow = (name: string) => isWithin(name, move.domain);
  const isRouted = [...world.routes.values()].some(
    ({ pattern, org }) => org === move.org && isBelow(nameOf(pattern)),
  );
  const hasGuests = [...world.claims.values()].some(
    (other) => other.org !== move.org && isBelow(other.domain) && isInForce(world, other, now),
  );
  return claim.state === 'held' && (isRouted || hasGuests);
}

type CreateMove = Extract<Move, { readonly kind: 'create' }>;

function isCreateJustified(world: World, move: CreateMove, answer: string, now: number): boolean {
  const name = nameOf(move.hostname);
  const holder = holderOf(world, name);
  if (holder === undefined) return answer === 'not-allowed';
  const isOpen = holder.isPlatform && holder.domain !== name;
  const isRouted = world.routes.has(streamOf(move));
  if (!isOpen && holder.org === move.org) return answer === (isRouted ? 'conflict' : 'ok');
  if (!isOpen) return answer === 'conflict';
  const label = name
    .slice(0, -holder.domain.length - 1)
    .split('.')
    .at(-1);
  const isTaken = isContested(world, { domain: `${label}.${holder.domain}`, org: move.org }, now);
  return answer === (isTaken || isRouted ? 'conflict' : 'ok');
}

type PortMove = Extract<Move, { readonly kind: 'allocate-port' }>;

function isPortJustified(world: World, { org, port, address }: PortMove, answer: string): boolean {
  if (port !== null && world.ports.has(portStream({ port, address }))) return answer === 'conflict';
  if (address !== null) {
    if (port === null) return answer === 'invalid';
    const holder = world.addresses.get(`address/${address}`);
    if (holder?.isHeld !== true) return answer === 'not-allowed';
    return answer === (holder.org === org ? 'ok' : 'conflict');
  }
  const { portPool } = world;
  if (port === null && portPool === null) return answer === 'invalid';
  if (port !== null && portPool !== null && (port < portPool.first || port > portPool.last))
    return answer === 'invalid';
  const isUsedUp = sharedPortsOf(world, org) >= quotaOf(world, org, 'portQuota');
  const isExhausted = port === null && lowestFreePort(world) === undefined;
  if (isUsedUp && isExhausted) return answer === 'not-allowed' || answer === 'conflict';
  if (isUsedUp) return answer === 'not-allowed';
  return answer === (isExhausted ? 'conflict' : 'ok');
}

type AddressMove = Extract<Move, { readonly kind: 'allocate-address' }>;

function isAddressJustified(
  world: World,
  { org, address }: AddressMove,
  answer: string,
  now: number,
): boolean {
  const isKept = (at: string) => {
    const known = world.addresses.get(`address/${at}`);
    if (known === undefined || (!known.isHeld && known.org === org)) return false;
    return known.isHeld || isWithinCoolDown(world, known.at, now);
  };
  if (address !== null) {
    const known = world.addresses.get(`address/${address}`);
    if (known?.isHeld === true && known.org === org) return answer === 'ok';
    if (!isInPool(world, address)) return answer === 'invalid';
    if (isKept(address)) return answer === 'conflict';
  } else if (world.addressPool === null) {
    return answer === 'invalid';
  }
  const isUsedUp = addressesOf(world, org) >= quotaOf(world, org, 'addressQuota');
  if (isUsedUp) return answer === 'not-allowed';
  const pool = Array.from({ length: 16 }, (_, last) => `203.0.113.${last}`).filter((at) =>
    isInPool(world, at),
  );
  return answer === (address === null && pool.every(isKept) ? 'conflict' : 'ok');
}

function streamOf({ listener, hostname, alpn }: RouteOfMove): string {
  return `route/${listener}/${hostname}${alpn === undefined ? '' : ` alpn ${alpn}`}`;
}

function portStream({ port, address }: { readonly port: number; readonly address: string | null }): string {
  return address === null ? `port/${port}` : `port/${address}:${port}`;
}
