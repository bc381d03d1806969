import { isIPv4 } from 'node:net';
import { challengeName, challengeValue, isChallengeName } from '../control/ownership/challenge.ts';
import type { Address } from '../model/address.ts';
import type { Domain } from '../model/domain.ts';
import type { Hostname, HostPattern } from '../model/hostname.ts';
import type { Name } from '../model/name.ts';
import { type DnsRecord, inZoneOrder } from './record.ts';
import { wildcardGaps } from './wildcard-gaps.ts';

/** A hostname that is bound, on whichever listener. */
export interface BoundName {
  readonly pattern: HostPattern;
  readonly org: Name;
}

/** What an org says, or has proved, of a domain. */
export interface ClaimedDomain {
  readonly domain: Domain;
  readonly org: Name;
  /** What the TXT record has to hold that it waits for; null where it waits for none. */
  readonly pendingToken: string | null;
  /** Whether it can be a zone's apex: the names that a platform domain gives away are not. */
  readonly isZone: boolean;
}

export interface DnsNeeds {
  /** Those of all orgs: one's names decide what another's wildcard needs. */
  readonly bound: readonly BoundName[];
  readonly claims: readonly ClaimedDomain[];
  /** The edges'. */
  readonly addresses: readonly Address[];
  /** What tenants' names are aliases of; null: every name has the addresses itself. */
  readonly target: Hostname | null;
  readonly ttlSeconds: number;
}

/** What the DNS should say, in zone order and without duplicates, and what there is to know beside it. */
export interface DnsPlan {
  readonly records: readonly DnsRecord[];
  readonly notes: readonly DnsNote[];
}

interface DnsNote {
  /** Whom it is about; null for the operator. */
  readonly org: Name | null;
  readonly text: string;
}

/** A name that clients connect to, with no record yet. */
interface Place {
  readonly name: string;
  readonly org: Name;
  readonly note: string | null;
}

/** Finds the records that bound names and pending claims need. */
export function planRecords(needs: DnsNeeds): DnsPlan {
  const { bound, target } = needs;
  const places = new Map<string, Place>();
  const notes = new Map<string, DnsNote>();
  for (const { pattern, org } of bound) {
    if (pattern === '*') notes.set(org, noteOfDefault(org));
    else places.set(pattern, { name: pattern, org, note: null });
  }
  const proofs = proofRecords(needs);
  for (const gap of gapsOf(places, proofs, target)) places.set(gap.name, gap);

  const records = [...places.values()].filter(({ name }) => name !== target).map(recordsAt(needs, proofs));
  return {
    records: [...targetRecords(needs), ...records.flat(), ...proofs].toSorted(inZoneOrder),
    notes: [...notes.values()],
  };
}

/** Leaves what concerns one org, and the name that its records may point to. */
export function planOf(org: Name, { records, notes }: DnsPlan): DnsPlan {
  const isItsOwn = (each: { readonly org: Name | null }) => each.org === null || each.org === org;
  return { records: records.filter(isItsOwn), notes: notes.filter(isItsOwn) };
}

function noteOfDefault(org: Name): DnsNote {
  const text = `* of ${org} is no name in the DNS: it takes the names that no route has and that lead to the edges`;
  return { org, text };
}

function proofRecords({ claims, ttlSeconds }: DnsNeeds): readonly DnsRecord[] {
  return claims.flatMap(({ domain, org, pendingToken }): readonly DnsRecord[] => {
    const name = challengeName(domain);
    if (pendingToken === null || name.kind === 'invalid') return [];
    const note = `proves that ${domain} is ${org}'s; not needed once it is held`;
    return [{ name: name.value, type: 'TXT', value: challengeValue(pendingToken), ttlSeconds, org, note }];
  });
}

function gapsOf(
  places: ReadonlyMap<string, Place>,
  proofs: readonly DnsRecord[],
  target: Hostname | null,
): readonly Place[] {
  const bound = new Set<string>(places.keys());
  if (target !== null) bound.add(target);
  const owners = [...bound, ...proofs.map(({ name }) => name)];
  return wildcardGaps({ owners, bound, isService: isChallengeName }).flatMap(({ name, wildcard }) => {
    const place = places.get(wildcard);
    const note = `for ${wildcard}, which in the DNS ends where names exist (RFC 4592 §2.2.2)`;
    return place === undefined ? [] : [{ name, org: place.org, note }];
  });
}

/** An alias where there is a target and the name may be one, and the addresses elsewhere. */
function recordsAt({ claims, addresses, target, ttlSeconds }: DnsNeeds, proofs: readonly DnsRecord[]) {
  const zones = new Set(claims.filter(({ isZone }) => isZone).map(({ domain, org }) => `${org}/${domain}`));
  const proving = new Set(proofs.map(({ name }) => name));
  return ({ name, org, note }: Place): readonly DnsRecord[] => {
    const addressed = (why: string | null) => addressRecords(addresses, { name, org, note: why, ttlSeconds });
    if (target === null) return addressed(note);
    // A name with an alias has no other record, and an apex has SOA and NS.
    if (zones.has(`${org}/${name}`))
      return addressed('the apex of a zone cannot be a CNAME (RFC 1034 §3.6.2)');
    if (proving.has(name)) return addressed('a name with a TXT record cannot be a CNAME (RFC 1034 §3.6.2)');
    return [{ name, type: 'CNAME', value: target, ttlSeconds, org, note }];
  };
}

function targetRecords({ target, addresses, ttlSeconds }: DnsNeeds): readonly DnsRecord[] {
  if (target === null) return [];
  return addressRecords(addresses, { name: target, org: null, note: 'the edges', ttlSeconds });
}

function addressRecords(
  addresses: readonly Address[],
  record: Omit<DnsRecord, 'type' | 'value'>,
): readonly DnsRecord[] {
  return [...new Set(addresses)].map((value) => ({ ...record, type: isIPv4(value) ? 'A' : 'AAAA', value }));
}
