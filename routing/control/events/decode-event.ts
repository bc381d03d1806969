import { parseAddress } from '../../model/address.ts';
import { ENDPOINT_STATES } from '../../model/endpoint.ts';
import { parseName } from '../../model/name.ts';
import { invalid, ok, type Parsed } from '../../model/parsed.ts';
import { parsePort } from '../../model/port.ts';
import { PORT_BINDING, parseServiceText, ROUTE } from '../../model/route-shape.ts';
import { decodeObject, number, oneOf, type Shape, text } from '../../model/shape.ts';
import type { ControlEvent, EndpointReport, EventType, PortPool, RecordedEvent } from './event.ts';
import { streamOf } from './event.ts';
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
  'route.created': (payload) => withType('route.created', decodeObject(payload, ROUTE)),
  'route.updated': (payload) => withType('route.updated', decodeObject(payload, ROUTE)),
  'route.deleted': (payload) => withType('route.deleted', decodeObject(payload, ROUTE)),
  'port.allocated': (payload) => withType('port.allocated', decodeObject(payload, PORT_BINDING)),
  'port.released': (payload) => withType('port.released', decodeObject(payload, PORT_BINDING)),
  'endpoint.reported': (payload) => withType('endpoint.reported', decodeObject(payload, ENDPOINT)),
  'port-pool.defined': (payload) => withType('port-pool.defined', decodePool(payload)),
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
