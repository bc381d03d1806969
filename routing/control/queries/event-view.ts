import { formatDuration } from '../../../config/duration.ts';
import { alpnSuffix } from '../../model/alpn.ts';
import { rangeText } from '../../model/ipv4-range.ts';
import { proxyText } from '../../model/proxy-tlv.ts';
import type { PortBinding, Route } from '../../model/route.ts';
import { decodeEvent, type EventRow } from '../events/decode-event.ts';
import type { ControlEvent, DomainClaim, OrgPolicy, Policy } from '../events/event.ts';
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
      return `${payload.pattern}${alpnSuffix(payload.alpn)} → ${targetOf(payload)}${payload.redirectToHttps ? ', redirects to https' : ''}`;
    case 'port.allocated':
    case 'port.updated':
    case 'port.released':
      return `port ${payload.port}${payload.address === null ? '' : ` of ${payload.address}`} → ${targetOf(payload)}`;
    case 'endpoint.reported':
      return `${payload.service}/${payload.instance} at ${payload.address} is ${payload.state}`;
    case 'port-pool.defined':
      return `ports ${payload.first} to ${payload.last}`;
    case 'domain.claimed':
    case 'domain.granted':
    case 'domain.released':
      return `${payload.org} ${CLAIM_VERBS[type]} ${domainText(payload)}`;
    case 'address.allocated':
    case 'address.released':
      return `${payload.address} of ${payload.org}`;
    case 'address-pool.defined':
      return `addresses ${payload.ranges.map(rangeText).join(', ')}`;
    case 'policy.defined':
      return `${quotasText(payload)}, cool-down ${formatDuration(payload.coolDownMs)}`;
    case 'org-policy.defined':
      return `${payload.org}: ${quotasText(payload)}`;
    default:
      return type satisfies never;
  }
}

const CLAIM_VERBS = {
  'domain.claimed': 'claims',
  'domain.granted': 'holds',
  'domain.released': 'gives up',
} as const;

function domainText({ domain, proof, isPlatform }: DomainClaim): string {
  const how = proof === 'none' ? 'not proved' : PROOF_WORDS[proof];
  return `${domain} (${how}${isPlatform ? ', open to all orgs' : ''})`;
}

const PROOF_WORDS = { dns: 'by DNS', trusted: 'trusted', platform: 'below a platform domain' } as const;

function quotasText({ portQuota, addressQuota }: Policy | OrgPolicy): string {
  return `port quota ${portQuota}, address quota ${addressQuota}`;
}

function targetOf({ service, backendPort, weight, others, ...target }: Route | PortBinding): string {
  const backends = [{ service, backendPort, weight }, ...others];
  const share = (backend: { readonly weight: number }) =>
    others.length === 0 ? '' : ` weight ${backend.weight}`;
  const names = backends.map((each) => `${each.service} port ${each.backendPort}${share(each)}`);
  return `${names.join(', ')}${target.proxyProtocol === 'none' ? '' : `, ${proxyText(target)}`}`;
}
