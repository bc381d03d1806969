import type { Answer, Command } from './carry-out.ts';

/** What eight writers want at the same moment, and what has to have come of it. */
export interface Contest {
  readonly name: string;
  /** Before the contest, one after the other, by any of them. */
  readonly before: readonly Command[];
  /** One for each writer. */
  readonly moves: readonly Command[];
  /** How many have to win; null where it is the invariants alone that tell. */
  readonly winners: number | null;
  /** What the others may be told. */
  readonly refusals: readonly string[];
  readonly after: (answers: readonly Answer[]) => readonly Command[];
}

const WRITERS = 8;
const CONFLICT = ['conflict'];

/** The contests of one round, on names that were in none before. */
export function contestsOf(round: number): readonly Contest[] {
  const name = `r${round}`;
  const domain = `${name}.lan`;
  const port = 20_000 + (round % 100);
  const open = `${name}.apps.lan`;
  return [
    contest('one domain', (org) => trust(domain, org), { after: () => [] }),
    contest('domains above and below each other', (org, at) =>
      trust(`${'x.'.repeat(at % 4)}chain.${domain}s`, org),
    ),
    contest('one proof', (org) => ({ kind: 'verify', domain: `dns.${name}.net`, org }), {
      before: orgs().map((org) => ({ kind: 'claim', domain: `dns.${name}.net`, org })),
    }),
    contest(
      'proofs above and below each other',
      (org, at) => ({ kind: 'verify', domain: nestedDns(name, at), org }),
      {
        before: orgs().map((org, at) => ({ kind: 'claim', domain: nestedDns(name, at), org })),
      },
    ),
    contest('one name below a platform domain', (org, at) =>
      create([open, `*.${open}`, `a.${open}`, `*.b.${open}`][at % 4] ?? '', org),
    ),
    contest(
      'a name below a platform domain, claimed and routed',
      (org, at) =>
        at % 2 === 0 ? create(`a.x${open}`, org) : trust(`${['a.', 'b.a.', ''][at % 3]}x${open}`, org),
      { winners: null },
    ),
    contest('one route of one org', () => create(`www.${name}.dev`, 'o0'), {
      before: [trust(`www.${name}.dev`, 'o0', true)],
    }),
    contest('one wildcard of one org', () => create(`*.wild${name}.dev`, 'o0'), {
      before: [trust(`wild${name}.dev`, 'o0')],
    }),
    contest(
      'opening a domain and routing in it',
      (org, at) => (at === 0 ? trust(`o.${name}.net`, 'o0', true) : create(`a.o.${name}.net`, org)),
      {
        ...{ before: [trust(`o.${name}.net`, 'o0')], winners: null, refusals: ['conflict'] },
      },
    ),
    contest(
      'releasing a domain and routing in it',
      (_, at) =>
        at % 2 === 0
          ? { kind: 'release', domain: `free.${domain}t`, org: 'o0' }
          : create(`w${at}.free.${domain}t`, 'o0'),
      {
        before: [trust(`free.${domain}t`, 'o0')],
        winners: null,
        refusals: ['conflict', 'not-allowed', 'not-found'],
      },
    ),
    contest(
      'releasing a domain and taking the one above',
      (org, at) =>
        at % 2 === 0 ? { kind: 'release', domain: `low.${domain}u`, org: 'o0' } : trust(`${domain}u`, org),
      { before: [trust(`low.${domain}u`, 'o0')], winners: null, refusals: ['conflict', 'not-found'] },
    ),
    contest('one port', (org) => ({ kind: 'allocate-port', org, port, address: null }), {
      after: () => [{ kind: 'release-port', port, address: null }],
    }),
    contest('the last three ports', (org) => ({ kind: 'allocate-port', org, port: null, address: null }), {
      before: [{ kind: 'port-pool', first: port, last: port + 2 }],
      winners: 3,
      after: () => [
        ...[0, 1, 2].map((at): Command => ({ kind: 'release-port', port: port + at, address: null })),
        ...[{ kind: 'port-pool', first: 20_000, last: 20_200 } as const],
      ],
    }),
    contest(
      'the ports of one org’s quota',
      () => ({ kind: 'allocate-port', org: 'poor', port: null, address: null }),
      {
        ...{ winners: 2, refusals: ['not-allowed'] },
        after: (answers) =>
          portsIn(answers).map((got) => ({ kind: 'release-port', port: got, address: null })),
      },
    ),
    contest('one address', (org) => ({ kind: 'allocate-address', org, address: ADDRESS }), {
      after: () => [{ kind: 'release-address', address: ADDRESS }],
    }),
    contest('the last address', (org) => ({ kind: 'allocate-address', org, address: null }), {
      before: [{ kind: 'address-pool', ranges: [ADDRESS] }],
      after: () => [
        { kind: 'release-address', address: ADDRESS },
        { kind: 'address-pool', ranges: ['203.0.113.0/28'] },
      ],
    }),
    contest(
      'the addresses of one org’s quota',
      () => ({ kind: 'allocate-address', org: 'poor', address: null }),
      {
        ...{ winners: 1, refusals: ['not-allowed'] },
        after: (answers) => addressesIn(answers).map((address) => ({ kind: 'release-address', address })),
      },
    ),
    contest(
      'binding a port on an address and giving it back',
      (_, at) =>
        at % 2 === 0
          ? { kind: 'release-address', address: ADDRESS }
          : { kind: 'allocate-port', org: 'o0', port: at, address: ADDRESS },
      {
        before: [{ kind: 'allocate-address', org: 'o0', address: ADDRESS }],
        ...{ winners: null, refusals: ['conflict', 'not-allowed', 'not-found'] },
        after: () => [
          ...[1, 3, 5, 7].map((at): Command => ({ kind: 'release-port', port: at, address: ADDRESS })),
          { kind: 'release-address', address: ADDRESS },
        ],
      },
    ),
  ];
}

/** What has to be there before the first contest. */
export const GROUND: readonly Command[] = [
  { kind: 'policy', portQuota: 20, addressQuota: 3, coolDown: '0' },
  { kind: 'org-policy', org: 'poor', portQuota: 2, addressQuota: 1 },
  { kind: 'port-pool', first: 20_000, last: 20_200 },
  { kind: 'address-pool', ranges: ['203.0.113.0/28'] },
  trust('apps.lan', 'ops', true),
];

const ADDRESS = '203.0.113.7';

function orgs(): readonly string[] {
  return Array.from({ length: WRITERS }, (_, at) => `o${at}`);
}

function contest(
  name: string,
  moveOf: (org: string, at: number) => Command,
  others: Partial<Contest> = {},
): Contest {
  const moves = orgs().map(moveOf);
  return { name, before: [], moves, winners: 1, refusals: CONFLICT, after: () => [], ...others };
}

function trust(domain: string, org: string, isPlatform = false): Command {
  return { kind: 'trust', domain, org, isPlatform, skipCoolDown: false };
}

function create(hostname: string, org: string): Command {
  return { kind: 'create', hostname, listener: 'tls', org };
}

function nestedDns(name: string, at: number): string {
  return `${'x.'.repeat(at % 3)}nest.${name}.org`;
}

function portsIn(answers: readonly Answer[]): readonly number[] {
  return answers.flatMap(({ value }) =>
    typeof value === 'object' && value !== null && 'port' in value ? [Number(value.port)] : [],
  );
}

function addressesIn(answers: readonly Answer[]): readonly string[] {
  return answers.flatMap(({ value }) =>
    typeof value === 'object' && value !== null && 'address' in value ? [String(value.address)] : [],
  );
}
