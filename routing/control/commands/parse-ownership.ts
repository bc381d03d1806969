import { parseDuration } from '../../../config/duration.ts';
import { type Address, parseIpv4Address } from '../../model/address.ts';
import { DEFAULT_DOMAIN, type Domain, parseDomain } from '../../model/domain.ts';
import { type Ipv4Range, ipv4Number, overlaps, parseIpv4Range, rangeText } from '../../model/ipv4-range.ts';
import { type Name, parseName } from '../../model/name.ts';
import { invalid, ok, type Parsed } from '../../model/parsed.ts';
import { type OrgQuota, parseOrgQuota, parseQuota } from '../../model/quota.ts';
import { flag, oneOf } from '../../model/shape.ts';
import type { FieldProblem } from '../control.ts';
import { type AddressPool, DOMAIN_PROOFS, type DomainProof } from '../events/event.ts';
import type { AddressInput, AddressPoolInput, DomainClaimInput, DomainName, PolicyInput } from '../inputs.ts';
import { type Fields, fieldsOf, optional, parseFields, required } from './parse-fields.ts';

/** Which domain of which org is meant. */
export interface DomainIdentity {
  readonly domain: Domain;
  readonly org: Name;
}

/** A domain to claim. */
export interface ClaimRequest extends DomainIdentity {
  readonly isTrusted: boolean;
  /** Null for as it is, which is not at first. */
  readonly isPlatform: boolean | null;
  readonly skipCoolDown: boolean;
  /** Null for a new one, or the one that it has. */
  readonly token: string | null;
  /** What an export says of it; null where nothing is said. */
  readonly proof: DomainProof | null;
}

/** A dedicated address to allocate; the lowest free one where `address` is null. */
export interface AddressRequest {
  readonly org: Name;
  readonly address: Address | null;
}

/** What of a policy is to change; null stays. */
export interface PolicyPatch {
  /** Null for that of all orgs. */
  readonly org: Name | null;
  readonly portQuota: OrgQuota | null;
  readonly addressQuota: OrgQuota | null;
  readonly coolDownMs: number | null;
}

/** What an export says of a claim, beside what a command can say. */
export interface RestoredClaim {
  readonly token?: string | undefined;
  readonly proof?: string | undefined;
}

/** Which domain of which org is meant. */
export function parseDomainName(input: DomainName): Fields<DomainIdentity> {
  return parseFields({ domain: required(input.domain, parseDomain), org: required(input.org, parseName) });
}

/** Parses a domain to claim. */
export function parseDomainClaim(input: DomainClaimInput & RestoredClaim): Fields<ClaimRequest> {
  const fields = parseFields({
    domain: required(input.domain, parseDomain),
    org: required(input.org, parseName),
    isTrusted: optional(input.isTrusted, false, flag),
    isPlatform: optional(input.isPlatform, null, flag),
    skipCoolDown: optional(input.skipCoolDown, false, flag),
    token: optional(input.token, null, (given) => required(given, parseToken)),
    proof: optional(input.proof, null, oneOf(DOMAIN_PROOFS)),
  });
  if (fields.kind === 'invalid') return fields;
  const problems = problemsOfClaim(fields.value);
  return problems.length === 0 ? fields : { kind: 'invalid', problems };
}

/** Parses an address to allocate. */
export function parseAddressInput(input: AddressInput): Fields<AddressRequest> {
  return parseFields({
    org: required(input.org, parseName),
    address: optional(input.address, null, (given) => required(given, parseIpv4Address)),
  });
}

/** Parses which address is meant. */
export function parseAddressName(input: { readonly address: string }): Fields<{ readonly address: Address }> {
  return parseFields({ address: required(input.address, parseIpv4Address) });
}

/** Parses the pool of addresses. */
export function parseAddressPool(input: AddressPoolInput): Fields<AddressPool> {
  return parseFields({ ranges: parseRanges(input.ranges) });
}

/** Parses what of a policy is to change. */
export function parsePolicyInput(input: PolicyInput): Fields<PolicyPatch> {
  const isOfOrg = input.org !== undefined;
  const quota = (given: unknown) => optional(given, null, isOfOrg ? parseOrgQuota : parseQuota);
  const fields = parseFields({
    org: optional(input.org, null, (given) => required(given, parseName)),
    portQuota: quota(input.portQuota),
    addressQuota: quota(input.addressQuota),
    coolDown: optional(input.coolDown, null, (given) => required(given, parseCoolDown)),
  });
  if (fields.kind === 'invalid') return fields;
  const { coolDown: coolDownMs, ...rest } = fields.value;
  const patch: PolicyPatch = { ...rest, coolDownMs };
  const problem = problemOfPolicy(patch);
  return problem === null ? fieldsOf(patch) : { kind: 'invalid', problems: [problem] };
}

const MAX_COOL_DOWN_MS = 366 * 24 * 60 * 60 * 1000;
const MAX_RANGES = 1_000;

/** What a token may be made of: it has to stand in a DNS record as it is. */
const TOKEN = /^[A-Za-z0-9_-]{16,64}$/;

/** What a TXT record can be asked to hold. */
export function parseToken(text: string): Parsed<string> {
  return TOKEN.test(text) ? ok(text) : invalid('must be 16 to 64 of A-Z, a-z, 0-9, "_" and "-"');
}

/** What contradicts itself, whoever says it. */
function problemsOfClaim(claim: ClaimRequest): readonly FieldProblem[] {
  const { domain } = claim;
  const problems: FieldProblem[] = [];
  const refuse = (field: string, problem: string) => problems.push({ field, problem });
  if (domain === DEFAULT_DOMAIN && claim.isPlatform === true)
    refuse('isPlatform', 'is nothing that * can be: no name lies below it');
  if (claim.proof === 'platform') refuse('proof', 'is platform for what a route took only, not for a claim');
  return problems;
}

function parseRanges(input: unknown): Parsed<readonly Ipv4Range[]> {
  if (!Array.isArray(input) || input.length === 0)
    return invalid('must be one or more addresses, ranges or CIDR blocks');
  if (input.length > MAX_RANGES) return invalid(`must be ${MAX_RANGES} ranges at most`);
  const ranges: Ipv4Range[] = [];
  for (const each of input) {
    const range = required(each, parseIpv4Range);
    if (range.kind === 'invalid') return invalid(`has ${JSON.stringify(each)}, which ${range.problem}`);
    const other = ranges.find((known) => overlaps(known, range.value));
    if (other !== undefined)
      return invalid(`has ${rangeText(other)} and ${rangeText(range.value)}, which overlap`);
    ranges.push(range.value);
  }
  return ok(ranges.sort((one, other) => ipv4Number(one.first) - ipv4Number(other.first)));
}

/** Reads how long what was released is kept from other orgs, into milliseconds. */
export function parseCoolDown(text: string): Parsed<number> {
  const duration = parseDuration(text);
  if (duration.kind !== 'ok') return invalid(`${JSON.stringify(text)} ${duration.problem}`);
  return duration.value <= MAX_COOL_DOWN_MS ? ok(duration.value) : invalid('must be a year at most');
}

function problemOfPolicy({ org, portQuota, addressQuota, coolDownMs }: PolicyPatch): FieldProblem | null {
  if (org !== null && coolDownMs !== null) {
    return { field: 'coolDown', problem: 'is the same for all orgs; say it without an org' };
  }
  if (portQuota === null && addressQuota === null && coolDownMs === null) {
    return {
      field: 'portQuota',
      problem: 'or another part of the policy is required: there is nothing to change',
    };
  }
  return null;
}
