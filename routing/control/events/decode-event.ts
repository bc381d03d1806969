import { parseAddress, parseIpv4Address } from '../../model/address.ts';
import { parseDomain } from '../../model/domain.ts';
import { ENDPOINT_STATES } from '../../model/endpoint.ts';
import { type Ipv4Range, parseIpv4Range } from '../../model/ipv4-range.ts';
import { parseName } from '../../model/name.ts';
import { invalid, ok, type Parsed } from '../../model/parsed.ts';
import { parsePort } from '../../model/port.ts';
import { parseOrgQuota, parseQuota } from '../../model/quota.ts';
import { checkRoute, checkTarget, PORT_BINDING, parseServiceText, ROUTE } from '../../model/route-shape.ts';
import { decodeObject, flag, list, number, oneOf, type Shape, text } from '../../model/shape.ts';
import {
  type AddressHolding,
  type AddressPool,
  type ControlEvent,
  DOMAIN_PROOFS,
  type DomainClaim,
  type EndpointReport,
  type EventType,
  type OrgPolicy,
  type Policy,
  type PortPool,
  type RecordedEvent,
  streamOf,
} from './event.ts';
import { currentVersion, UPCASTERS, type Upcasters } from './upcasters.ts';

/** A row of `weir.events` as `pg` reads it; a bigint comes as text. */
export interface EventRow {
  readonly seq: string;
  readonly stream: string;
  readonly stream_version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly payload: unknown;
  readonly actor: string;
  readonly recorded_at: Date;
}

/**
 * Decodes an event of any version up to this program's; older ones go through `upcasters` first.
 *
 * Nothing of the payload is taken on trust: it passes the model's parsers, and must belong to the stream that it is in.
 */
export function decodeEvent(row: EventRow, upcasters: Upcasters = UPCASTERS): Parsed<RecordedEvent> {
  const type = EVENT_TYPES.find((known) => known === row.type);
  if (type === undefined)
    return invalid(`has the type ${JSON.stringify(row.type)}, which this weir does not know`);
  const version = currentVersion(type, upcasters);
  if (row.schema_version > version) {
    return invalid(`has version ${row.schema_version} of ${type}, this weir knows ${version}`);
  }
  let payload = row.payload;
  for (const upcast of (upcasters[type] ?? []).slice(row.schema_version - 1)) payload = upcast(payload);

  const event = DECODERS[type](payload);
  if (event.kind === 'invalid') return event;
  const stream = streamOf(event.value);
  if (stream !== row.stream) return invalid(`is in the stream ${row.stream} and belongs to ${stream}`);
  return ok({
    seq: Number(row.seq),
    stream: row.stream,
    streamVersion: row.stream_version,
    event: event.value,
    actor: row.actor,
    recordedAt: row.recorded_at,
  });
}

type Decoders = { readonly [Type in EventType]: (payload: unknown) => Parsed<ControlEvent> };

const DECODERS: Decoders = {
  'route.created': (payload) => withType('route.created', checkRoute(decodeObject(payload, ROUTE))),
  'route.updated': (payload) => withType('route.updated', checkRoute(decodeObject(payload, ROUTE))),
  'route.deleted': (payload) => withType('route.deleted', checkRoute(decodeObject(payload, ROUTE))),
  'port.allocated': (payload) => withType('port.allocated', checkTarget(decodeObject(payload, PORT_BINDING))),
  'port.updated': (payload) => withType('port.updated', checkTarget(decodeObject(payload, PORT_BINDING))),
  'port.released': (payload) => withType('port.released', checkTarget(decodeObject(payload, PORT_BINDING))),
  'endpoint.reported': (payload) => withType('endpoint.reported', decodeObject(payload, ENDPOINT)),
  'port-pool.defined': (payload) => withType('port-pool.defined', decodePool(payload)),
  'domain.claimed': (payload) => withType('domain.claimed', decodeObject(payload, DOMAIN_CLAIM)),
  'domain.granted': (payload) => withType('domain.granted', decodeObject(payload, DOMAIN_CLAIM)),
  'domain.released': (payload) => withType('domain.released', decodeObject(payload, DOMAIN_CLAIM)),
  'address.allocated': (payload) => withType('address.allocated', decodeObject(payload, ADDRESS)),
  'address.released': (payload) => withType('address.released', decodeObject(payload, ADDRESS)),
  'address-pool.defined': (payload) => withType('address-pool.defined', decodeObject(payload, ADDRESS_POOL)),
  'policy.defined': (payload) => withType('policy.defined', decodeObject(payload, POLICY)),
  'org-policy.defined': (payload) => withType('org-policy.defined', decodeObject(payload, ORG_POLICY)),
};

const EVENT_TYPES = Object.keys(DECODERS) as EventType[];

function withType<Type extends EventType, Payload>(
  type: Type,
  payload: Parsed<Payload>,
): Parsed<{ readonly type: Type; readonly payload: Payload }> {
  return payload.kind === 'ok' ? ok({ type, payload: payload.value }) : payload;
}

const ENDPOINT: Shape<EndpointReport> = {
  service: text(parseServiceText),
  instance: text(parseName),
  address: text(parseAddress),
  state: oneOf(ENDPOINT_STATES),
};

function decodePool(payload: unknown): Parsed<PortPool> {
  const pool = decodeObject(payload, PORT_POOL);
  return pool.kind === 'ok' && pool.value.last < pool.value.first ? invalid('last is below first') : pool;
}

const PORT_POOL: Shape<PortPool> = { first: number(parsePort), last: number(parsePort) };

const DOMAIN_CLAIM: Shape<DomainClaim> = {
  domain: text(parseDomain),
  org: text(parseName),
  token: text(ok),
  proof: oneOf(DOMAIN_PROOFS),
  isPlatform: flag,
};

const ADDRESS: Shape<AddressHolding> = { address: text(parseIpv4Address), org: text(parseName) };

const ADDRESS_POOL: Shape<AddressPool> = { ranges: list(decodeRange) };

function decodeRange(input: unknown): Parsed<Ipv4Range> {
  const range = decodeObject(input, { first: text(ok), last: text(ok) });
  return range.kind === 'ok' ? parseIpv4Range(`${range.value.first}-${range.value.last}`) : range;
}

const POLICY: Shape<Policy> = {
  portQuota: parseQuota,
  addressQuota: parseQuota,
  coolDownMs: number((ms) =>
    Number.isSafeInteger(ms) && ms >= 0 ? ok(ms) : invalid('must be whole milliseconds, 0 or more'),
  ),
};

const ORG_POLICY: Shape<OrgPolicy> = {
  org: text(parseName),
  portQuota: parseOrgQuota,
  addressQuota: parseOrgQuota,
};
