import type { Logged, Payload } from './log.ts';

/** Who has what, as the events say: the oracle's own view, made of nothing but the log. */
export interface World {
  /** By stream: one for each domain and org. */
  readonly claims: Map<string, Claim>;
  readonly routes: Map<string, { readonly pattern: string; readonly org: string }>;
  readonly ports: Map<
    string,
    { readonly port: number; readonly address: string | null; readonly org: string }
  >;
  readonly addresses: Map<string, HeldAddress>;
  readonly endpoints: Set<string>;
  readonly orgPolicies: Map<string, Pick<Payload, 'portQuota' | 'addressQuota'>>;
  policy: Pick<Payload, 'portQuota' | 'addressQuota' | 'coolDownMs'>;
  portPool: Pick<Payload, 'first' | 'last'> | null;
  addressPool: Payload['ranges'] | null;
}

/** What one org says of one domain. */
export interface Claim {
  readonly domain: string;
  readonly org: string;
  readonly proof: string;
  readonly isPlatform: boolean;
  readonly state: 'pending' | 'held' | 'released';
  /** When it became so. */
  readonly at: number;
  /** The operator gave it away before it had cooled down. */
  readonly isHasty: boolean;
  /** It has cooled down once: what a later policy says of it does not bring that back. */
  readonly isOver: boolean;
}

interface HeldAddress {
  readonly address: string;
  readonly org: string;
  readonly isHeld: boolean;
  readonly at: number;
}

/** The reason that a test gives for a claim that does not wait for the cool-down. */
export const HASTE = 'cannot wait';

/** The reason that a test gives for what the operator applies, whatever pools and quotas are. */
export const TRUST = 'the operator said so';

/** Before the first event. */
export function emptyWorld(): World {
  return {
    claims: new Map(),
    routes: new Map(),
    ports: new Map(),
    addresses: new Map(),
    endpoints: new Set(),
    orgPolicies: new Map(),
    policy: { portQuota: 10, addressQuota: 1, coolDownMs: 24 * 60 * 60 * 1000 },
    portPool: null,
    addressPool: null,
  };
}

/** Takes an event in. */
export function enter(world: World, { stream, type, payload, at, reason }: Logged): void {
  const { domain, org, proof, isPlatform } = payload;
  switch (type) {
    case 'domain.claimed':
    case 'domain.granted': {
      const state = type === 'domain.granted' ? 'held' : 'pending';
      const before = world.claims.get(stream);
      const holder = holderOf(world, domain);
      // What an org was given in haste it divides and opens as it likes.
      const isHasty = reason === HASTE || (holder?.org === org && holder.isHasty);
      const since = before?.state === 'held' ? before.at : at;
      world.claims.set(stream, { domain, org, proof, isPlatform, state, at: since, isHasty, isOver: false });
      break;
    }
    case 'domain.released':
      if (proof === 'none') world.claims.delete(stream);
      else
        world.claims.set(stream, {
          ...{ domain, org, proof, isPlatform, state: 'released', at, isHasty: false },
          isOver: world.policy.coolDownMs === 0,
        });
      break;
    case 'route.created':
    case 'route.updated':
      world.routes.set(stream, { pattern: payload.pattern, org: orgOf(payload.service) });
      break;
    case 'route.deleted':
      world.routes.delete(stream);
      break;
    case 'port.allocated':
    case 'port.updated':
      world.ports.set(stream, { port: payload.port, address: payload.address, org: orgOf(payload.service) });
      break;
    case 'port.released':
      world.ports.delete(stream);
      break;
    case 'address.allocated':
    case 'address.released':
      world.addresses.set(stream, {
        address: payload.address ?? '',
        org,
        isHeld: type === 'address.allocated',
        at,
      });
      break;
    case 'endpoint.reported':
      if (payload.state === 'gone') world.endpoints.delete(stream);
      else world.endpoints.add(stream);
      break;
    case 'port-pool.defined':
      world.portPool = payload;
      break;
    case 'address-pool.defined':
      world.addressPool = payload.ranges;
      break;
    case 'policy.defined':
      world.policy = payload;
      for (const [key, claim] of world.claims) {
        if (!isWithinCoolDown(world, claim.at, at)) world.claims.set(key, { ...claim, isOver: true });
      }
      break;
    case 'org-policy.defined':
      world.orgPolicies.set(org, payload);
      break;
    default:
      throw new Error(`the oracle does not know ${type}`);
  }
}

/** Whether what was released then has not cooled down now, by the policy of now. */
export function isWithinCoolDown({ policy }: World, releasedAt: number, now: number): boolean {
  return now < releasedAt + policy.coolDownMs;
}

/** The claims that are in force. */
export function held({ claims }: World): readonly Claim[] {
  return [...claims.values()].filter(({ state }) => state === 'held');
}

/** The held claim at a domain or nearest above it. */
export function holderOf(world: World, domain: string): Claim | undefined {
  return held(world)
    .filter((claim) => isWithin(domain, claim.domain))
    .sort((one, other) => other.domain.length - one.domain.length)[0];
}

/** Whether a domain is another one or lies below it. */
export function isWithin(domain: string, above: string): boolean {
  return domain === above || domain.endsWith(`.${above}`);
}

/** The name of a route without its asterisk, which stands for names below. */
export function nameOf(pattern: string): string {
  return pattern.replace(/^\*\./, '');
}

/** How many an org may have. */
export function quotaOf(world: World, org: string, kind: 'portQuota' | 'addressQuota'): number {
  const own = world.orgPolicies.get(org)?.[kind] ?? 'default';
  const quota = own === 'default' ? world.policy[kind] : own;
  return typeof quota === 'number' ? quota : Number.POSITIVE_INFINITY;
}

/** How many shared ports an org has. */
export function sharedPortsOf({ ports }: World, org: string): number {
  return [...ports.values()].filter((port) => port.org === org && port.address === null).length;
}

/** How many addresses an org has. */
export function addressesOf({ addresses }: World, org: string): number {
  return [...addresses.values()].filter((address) => address.isHeld && address.org === org).length;
}

/** Whether an address is one of the pool. */
export function isInPool({ addressPool }: World, address: string): boolean {
  const number = numberOf(address);
  return (addressPool ?? []).some(({ first, last }) => numberOf(first) <= number && number <= numberOf(last));
}

function numberOf(address: string): number {
  return Number.parseInt(
    address
      .split('.')
      .map((octet) => Number(octet).toString(16).padStart(2, '0'))
      .join(''),
    16,
  );
}

function orgOf(service: string): string {
  return service.split('/')[0] ?? '';
}
