import type { ControlEvent, EndpointReport } from '../events/event.ts';
import { type Decision, notFound, record, UNCHANGED } from './decision.ts';
import type { EndpointRequest } from './parse-input.ts';

/** The endpoint that is there after a stream's last event, null where there is none. */
export function endpointAfter(last: ControlEvent | null): EndpointReport | null {
  return last?.type === 'endpoint.reported' && last.payload.state !== 'gone' ? last.payload : null;
}

/** Records what differs from the last report. */
export function decideReportEndpoint(present: EndpointReport | null, request: EndpointRequest): Decision {
  const { service, instance, state } = request;
  const address = request.address ?? present?.address ?? null;
  if (state === 'gone' && present === null) return notFound(`${service} has no instance ${instance}`);
  if (address === null) throw new Error('a report without an address is possible for what is gone only');
  if (present !== null && present.address === address && present.state === state) return UNCHANGED;
  return record({ type: 'endpoint.reported', payload: { service, instance, address, state } });
}
