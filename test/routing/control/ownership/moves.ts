import fc from 'fast-check';
import { holderOf, nameOf, type World } from './world.ts';

/** One thing that somebody does. Names, orgs and addresses are few, so that they meet. */
export type Move =
  | { readonly kind: 'claim' | 'verify' | 'forge' | 'release'; readonly domain: string; readonly org: string }
  | {
      readonly kind: 'trust';
      readonly domain: string;
      readonly org: string;
      readonly isPlatform: boolean;
      readonly skipCoolDown: boolean;
    }
  | ({ readonly kind: 'create'; readonly org: string } & RouteOfMove)
  | ({ readonly kind: 'update'; readonly org: string | null; readonly backendPort: number } & RouteOfMove)
  | ({ readonly kind: 'delete' } & RouteOfMove)
  | {
      readonly kind: 'allocate-port';
      readonly org: string;
      readonly port: number | null;
      readonly address: string | null;
    }
  | { readonly kind: 'release-port'; readonly port: number; readonly address: string | null }
  | { readonly kind: 'allocate-address'; readonly org: string; readonly address: string | null }
  | { readonly kind: 'release-address'; readonly address: string }
  | { readonly kind: 'port-pool'; readonly first: number; readonly last: number }
  | { readonly kind: 'address-pool'; readonly ranges: readonly string[] }
  | {
      readonly kind: 'policy';
      readonly portQuota: number;
      readonly addressQuota: number;
      readonly coolDown: string;
    }
  | {
      readonly kind: 'org-policy';
      readonly org: string;
      readonly portQuota: Quota;
      readonly addressQuota: Quota;
    }
  | { readonly kind: 'endpoint'; readonly org: string; readonly state: string }
  | {
      readonly kind: 'apply';
      readonly org: string;
      readonly wanted: readonly Move[];
      readonly options: ApplyFlags;
    }
  | { readonly kind: 'restart' | 'rebuild' | 'compact' | 'projector' };

/** Which route a move is about. */
export interface RouteOfMove {
  readonly hostname: string;
  readonly listener: string;
  readonly alpn?: string | undefined;
}

type Quota = number | 'none' | 'default';

interface ApplyFlags {
  readonly isPruning: boolean;
  readonly isTrusted: boolean;
  readonly isDryRun: boolean;
}

const ORGS = ['acme', 'umbrella', 'globex', 'initech'];
const DOMAINS = [
  'zoo',
  'a.zoo',
  'b.a.zoo',
  'c.b.a.zoo',
  'd.zoo',
  'e.d.zoo',
  '*',
  'example.com',
  'x.example.com',
];
const HOSTNAMES = [...DOMAINS, '*.zoo', '*.a.zoo', '*.b.a.zoo', 'w.a.zoo', '*.example.com'];
const ADDRESSES = ['203.0.113.1', '203.0.113.2', '203.0.113.9'];

const org = fc.constantFrom(...ORGS);
const domain = fc.constantFrom(...DOMAINS);
const port = fc.integer({ min: 20_000, max: 20_004 });
const address = fc.constantFrom(...ADDRESSES);
const route = fc
  .tuple(fc.constantFrom(...HOSTNAMES), fc.constantFrom('tls', 'http', 'tls h2', 'tls acme-tls/1'))
  .map(([hostname, place]): RouteOfMove => {
    const [listener = 'tls', alpn] = place.split(' ');
    return { hostname, listener, alpn };
  });
const quota = fc.constantFrom<Quota>(0, 1, 2, 'none', 'default');

const create = fc
  .record({ kind: fc.constant('create' as const), route, org })
  .map(({ route: place, ...rest }) => ({ ...rest, ...place }));
const claim = fc.record({ kind: fc.constant('claim' as const), domain, org });
const allocatePort = fc.record({
  kind: fc.constant('allocate-port' as const),
  org,
  port: fc.option(port),
  address: fc.option(address, { freq: 2 }),
});
const endpoint = fc.record({
  kind: fc.constant('endpoint' as const),
  org,
  state: fc.constantFrom('ready', 'not-ready', 'gone'),
});
const allocateAddress = fc.record({
  kind: fc.constant('allocate-address' as const),
  org,
  address: fc.option(address),
});

/** A move, and which of the things that are there it is rather about, where it is about something that is there. */
export interface Turn {
  readonly move: Move;
  readonly pick: number | null;
  /** Whether it is asked for twice with one idempotency key. */
  readonly isRepeated: boolean;
}

/** A move of an org, or of the operator. */
export const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 18, arbitrary: create },
  { weight: 5, arbitrary: claim },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('verify', 'forge'), domain, org }) },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('trust' as const),
      domain,
      org,
      isPlatform: fc.boolean(),
      skipCoolDown: fc.nat(4).map((roll) => roll === 0),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('release' as const), domain, org }) },
  {
    weight: 3,
    arbitrary: fc
      .record({
        ...{ kind: fc.constant('update' as const), route },
        ...{ org: fc.option(org), backendPort: fc.integer({ min: 1, max: 3 }) },
      })
      .map(({ route: place, ...rest }) => ({ ...rest, ...place })),
  },
  { weight: 5, arbitrary: route.map((place) => ({ kind: 'delete' as const, ...place })) },
  { weight: 6, arbitrary: allocatePort },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ kind: fc.constant('release-port' as const), port, address: fc.option(address, { freq: 2 }) },
    }),
  },
  { weight: 6, arbitrary: allocateAddress },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('release-address' as const), address }) },
  {
    weight: 1,
    arbitrary: fc.tuple(port, port).map(([one, other]) => ({
      ...{ kind: 'port-pool' as const, first: Math.min(one, other), last: Math.max(one, other) },
    })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('address-pool' as const),
      ranges: fc.constantFrom(
        ['203.0.113.0/29'],
        ['203.0.113.2', '203.0.113.9'],
        ['203.0.113.1-203.0.113.2'],
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('policy' as const),
      portQuota: fc.integer({ min: 0, max: 4 }),
      addressQuota: fc.integer({ min: 0, max: 2 }),
      coolDown: fc.constantFrom('0', '24h'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('org-policy' as const),
      org,
      portQuota: quota,
      addressQuota: quota,
    }),
  },
  { weight: 2, arbitrary: endpoint },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('apply' as const),
      org,
      wanted: fc.array(fc.oneof(create, claim, allocatePort, endpoint, allocateAddress), { maxLength: 4 }),
      options: fc.record({ isPruning: fc.boolean(), isTrusted: fc.boolean(), isDryRun: fc.boolean() }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('restart', 'rebuild', 'compact', 'projector') }),
  },
);

/** Most moves are about something that is there. */
export const turn: fc.Arbitrary<Turn> = fc.record({
  move,
  pick: fc.option(fc.nat(99), { freq: 5 }),
  isRepeated: fc.nat(7).map((roll) => roll === 0),
});

/** The move that a turn comes to. */
export function moveOf({ move: written, pick }: Turn, world: World): Move {
  const { claims, routes, ports, addresses } = world;
  const one = <Value>(values: readonly Value[]): Value | undefined =>
    pick === null ? undefined : values[pick % Math.max(1, values.length)];
  switch (written.kind) {
    case 'verify':
    case 'forge': {
      const claim = one([...claims.values()].filter(({ state }) => state === 'pending'));
      return claim === undefined ? written : { ...written, domain: claim.domain, org: claim.org };
    }
    case 'release': {
      const claim = one([...claims.values()].filter(({ state }) => state !== 'released'));
      return claim === undefined ? written : { ...written, domain: claim.domain, org: claim.org };
    }
    case 'create': {
      const holder = holderOf(world, nameOf(written.hostname));
      const isOwn = pick !== null && pick % 2 === 0 && holder?.isPlatform === false;
      return isOwn ? { ...written, org: holder.org } : written;
    }
    case 'update':
    case 'delete': {
      const [, listener, hostname, alpn] =
        /^route\/(\w+)\/(\S+)(?: alpn (.+))?$/.exec(one([...routes.keys()]) ?? '') ?? [];
      if (listener === undefined || hostname === undefined) return written;
      return { ...written, listener, hostname, alpn };
    }
    case 'release-port': {
      const port = one([...ports.values()]);
      return port === undefined ? written : { ...written, port: port.port, address: port.address };
    }
    case 'release-address': {
      const held = one([...addresses.values()].filter(({ isHeld }) => isHeld));
      return held === undefined ? written : { ...written, address: held.address };
    }
    default:
      return written;
  }
}

/** What the operator has set up before it begins, some of it or all. */
export const SET_UP: readonly Move[] = [
  { kind: 'port-pool', first: 20_000, last: 20_004 },
  { kind: 'address-pool', ranges: ['203.0.113.1-203.0.113.2'] },
  { kind: 'policy', portQuota: 3, addressQuota: 2, coolDown: '0' },
  { kind: 'trust', domain: 'zoo', org: 'umbrella', isPlatform: true, skipCoolDown: false },
];
