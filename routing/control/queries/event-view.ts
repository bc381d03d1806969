import type { PortBinding, Route } from '../../model/route.ts';
import { decodeEvent, type EventRow } from '../events/decode-event.ts';
import type { ControlEvent } from '../events/event.ts';
import { EVENT_COLUMNS } from '../events/event-log.ts';
import type { EventView } from '../views.ts';

/** A row of `EVENT_VIEW_COLUMNS`. */
export interface EventViewRow extends EventRow {
  readonly reason: string | null;
  readonly idempotency_key: string | null;
}

/** What `eventView` reads, of `weir.events` as `events`. */
export const EVENT_VIEW_COLUMNS = `${EVENT_COLUMNS}, events.reason, events.idempotency_key`;

/** An event as it is shown; one that cannot be read says why in its summary. */
export function eventView(row: EventViewRow): EventView {
  const decoded = decodeEvent(row);
  return {
    seq: Number(row.seq),
    recordedAt: row.recorded_at.toISOString(),
    type: row.type,
    stream: row.stream,
    streamVersion: row.stream_version,
    actor: row.actor,
    reason: row.reason,
    idempotencyKey: row.idempotency_key,
    summary: decoded.kind === 'ok' ? summaryOf(decoded.value.event) : `cannot be read: it ${decoded.problem}`,
    payload: row.payload,
    schemaVersion: row.schema_version,
  };
}

function summaryOf({ type, payload }: ControlEvent): string {
  switch (type) {
    case 'route.created':
    case 'route.updated':
    case 'route.deleted':
      return `${payload.pattern} → ${targetOf(payload)}${payload.redirectToHttps ? ', redirects to https' : ''}`;
    case 'port.allocated':
    case 'port.released':
      return `port ${payload.port} → ${targetOf(payload)}`;
    case 'endpoint.reported':
      return `${payload.service}/${payload.instance} at ${payload.address} is ${payload.state}`;
    case 'port-pool.defined':
      return `ports ${payload.first} to ${payload.last}`;
    default:
      return type satisfies never;
  }
}

function targetOf({ service, backendPort, proxyProtocol }: Route | PortBinding): string {
  return `${service} port ${backendPort}${proxyProtocol === 'none' ? '' : `, PROXY ${proxyProtocol}`}`;
}
