import type { BoundName, ClaimedDomain, DnsNeeds } from '../../../routing/dns/plan.ts';
import { parsePublicAddress } from '../../../routing/dns/public-addresses.ts';
import { parseDomain } from '../../../routing/model/domain.ts';
import { parseHostname, parseHostPattern } from '../../../routing/model/hostname.ts';
import { parseName } from '../../../routing/model/name.ts';
import type { Parsed } from '../../../routing/model/parsed.ts';

/** What a test says of what the DNS has to serve; orgs are `acme` where none is named. */
export interface Wanted {
  /** `www.example.com`, or `other: www.example.com` for another org. */
  readonly bound?: readonly string[];
  /** A token is what a pending claim has. */
  readonly claims?: readonly {
    readonly domain: string;
    readonly org?: string;
    readonly token?: string;
    readonly isZone?: boolean;
  }[];
  readonly addresses?: readonly string[];
  readonly target?: string;
}

/** The same in the types of the model. */
export function needsOf({ bound = [], claims = [], addresses = ADDRESSES, target }: Wanted): DnsNeeds {
  return {
    bound: bound.map(boundName),
    claims: claims.map(
      ({ domain, org = 'acme', token, isZone = true }): ClaimedDomain => ({
        domain: valid(parseDomain(domain)),
        org: valid(parseName(org)),
        pendingToken: token ?? null,
        isZone,
      }),
    ),
    addresses: addresses.map((address) => valid(parsePublicAddress(address))),
    target: target === undefined ? null : valid(parseHostname(target)),
    ttlSeconds: 300,
  };
}

const ADDRESSES = ['203.0.113.1', '2001:db8::1'];

function boundName(text: string): BoundName {
  const [pattern = '', org = 'acme'] = text.split(': ').reverse();
  return { pattern: valid(parseHostPattern(pattern)), org: valid(parseName(org)) };
}

/** The value, which the test knows to be one. */
export function valid<Value>(parsed: Parsed<Value>): Value {
  if (parsed.kind === 'invalid') throw new Error(`the test's value ${parsed.problem}`);
  return parsed.value;
}
