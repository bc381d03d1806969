import type { Logged } from './log.ts';
import {
  addressesOf,
  type Claim,
  enter,
  HASTE,
  held,
  holderOf,
  isInPool,
  isWithin,
  isWithinCoolDown,
  nameOf,
  quotaOf,
  sharedPortsOf,
  TRUST,
  type World,
} from './world.ts';

/** Takes a transaction's events in, and says what they break: of the rules on taking, and of what always holds. */
export function enterAll(world: World, transaction: readonly Logged[]): readonly string[] {
  const problems: string[] = [];
  for (const event of transaction) {
    problems.push(...problemsOfTaking(world, event).map((problem) => `${event.seq}: ${problem}`));
    enter(world, event);
  }
  const last = transaction.at(-1);
  return [...problems, ...standingProblems(world).map((problem) => `after ${last?.seq}: ${problem}`)];
}

/** What always holds: one owner for each name, no overlap, no route without its domain. */
function standingProblems(world: World): readonly string[] {
  const problems: string[] = [];
  const claims = held(world);
  for (const upper of claims) {
    for (const lower of claims) {
      if (upper.org === lower.org || !isWithin(lower.domain, upper.domain)) continue;
      const isOpen = claims.some(
        ({ domain, isPlatform }) =>
          isPlatform &&
          isWithin(domain, upper.domain) &&
          isWithin(lower.domain, domain) &&
          lower.domain !== domain,
      );
      if (!isOpen) problems.push(`${upper.org} has ${upper.domain}, and ${lower.org} ${lower.domain}`);
    }
  }
  const routes = [...world.routes.values()];
  for (const { pattern, org } of routes) {
    const name = nameOf(pattern);
    const holder = holderOf(world, name);
    if (holder?.org !== org) problems.push(`${org} routes ${pattern}, which is ${holder?.org}'s`);
    else if (holder.isPlatform && holder.domain !== name) problems.push(`${pattern} of ${org} lies open`);
    const rival = routes.find((other) => other.pattern === pattern && other.org !== org);
    if (rival !== undefined) problems.push(`${org} and ${rival.org} route ${pattern}`);
  }
  for (const { domain, org, proof } of claims) {
    if (proof === 'platform' && !routes.some(({ pattern }) => isWithin(nameOf(pattern), domain))) {
      problems.push(`${org} keeps ${domain} without a route in it`);
    }
  }
  for (const { address, port, org } of world.ports.values()) {
    if (address === null) continue;
    const holder = [...world.addresses.values()].find((each) => each.address === address && each.isHeld);
    if (holder?.org !== org) problems.push(`${org} has ${address}:${port}, which is ${holder?.org}'s`);
  }
  return problems;
}

/** What must not be so at the moment at which something is taken. */
function problemsOfTaking(world: World, event: Logged): readonly string[] {
  const { type, payload, stream, at } = event;
  const org = payload.org ?? payload.service?.split('/')[0];
  const problems: string[] = [];
  const check = (isRight: boolean, problem: string) => {
    if (!isRight) problems.push(`${type} ${stream}: ${problem}`);
  };
  switch (type) {
    case 'route.created': {
      check(!world.routes.has(stream), 'is routed');
      const rival = [...world.claims.values()].find((claim) =>
        isKeptFrom(world, claim, { org, pattern: payload.pattern, at }),
      );
      check(rival === undefined, `${rival?.domain} of ${rival?.org} has not cooled down`);
      break;
    }
    case 'route.updated':
      check(world.routes.get(stream)?.org === org, 'is not its own');
      break;
    case 'domain.granted': {
      const holder = holderOf(world, payload.domain);
      const isOwn = holder?.org === org && (!holder.isPlatform || holder.domain === payload.domain);
      const rival = isOwn ? undefined : coolingNear(world, { ...event.payload, at });
      check(
        rival === undefined || event.reason === HASTE,
        `${rival?.domain} of ${rival?.org} has not cooled down`,
      );
      break;
    }
    case 'port.allocated':
      check(!world.ports.has(stream), 'is taken');
      if (payload.address !== null || event.reason === TRUST) break;
      check(sharedPortsOf(world, org) < quotaOf(world, org, 'portQuota'), 'is beyond the quota');
      check(isInPortPool(world, payload.port), 'is not of the pool');
      break;
    case 'address.allocated': {
      const before = world.addresses.get(stream);
      check(before?.isHeld !== true, 'is taken');
      const isCooling = before !== undefined && before.org !== org && isWithinCoolDown(world, before.at, at);
      check(!isCooling, 'has not cooled down');
      if (event.reason === TRUST) break;
      check(isInPool(world, payload.address ?? ''), 'is not of the pool');
      check(addressesOf(world, org) < quotaOf(world, org, 'addressQuota'), 'is beyond the quota');
      break;
    }
    default:
  }
  return problems;
}

function isInPortPool({ portPool }: World, port: number): boolean {
  return portPool === null || (portPool.first <= port && port <= portPool.last);
}

/** What another org released lately, and who wants the domain, or an own name above it or below it, would get. */
export function coolingNear(
  world: World,
  { domain, org, isPlatform, at }: Pick<Claim, 'domain' | 'org' | 'isPlatform' | 'at'>,
): Claim | undefined {
  const others = held(world);
  return [...world.claims.values()].find((claim) => {
    if (claim.org === org || !isCooling(world, claim, at)) return false;
    if (claim.domain === domain) return true;
    const isBetween = ({ domain: between }: Claim, lower: string, upper: string) =>
      isWithin(lower, between) && lower !== between && isWithin(between, upper);
    if (isWithin(domain, claim.domain)) {
      return !claim.isPlatform && !others.some((each) => isBetween(each, domain, claim.domain));
    }
    if (!isWithin(claim.domain, domain) || isPlatform) return false;
    return !others.some((each) => each.domain !== domain && isBetween(each, claim.domain, domain));
  });
}

/** Whether a name that an org is about to route is one that another has lately released, and that nobody gave it since. */
function isKeptFrom(
  world: World,
  claim: Claim,
  { org, pattern, at }: { readonly org: string; readonly pattern: string; readonly at: number },
): boolean {
  const name = nameOf(pattern);
  if (
    claim.org === org ||
    claim.isPlatform ||
    !isCooling(world, claim, at) ||
    !isWithin(name, claim.domain)
  ) {
    return false;
  }
  const holder = holderOf(world, name);
  return !(holder?.isHasty === true && holder.at > claim.at) && !isNearer(holder, claim);
}

function isNearer(holder: Claim | undefined, claim: Claim): boolean {
  return holder !== undefined && holder.domain !== claim.domain && isWithin(holder.domain, claim.domain);
}

function isCooling(world: World, { state, at, isOver }: Claim, now: number): boolean {
  return state === 'released' && !isOver && isWithinCoolDown(world, at, now);
}
