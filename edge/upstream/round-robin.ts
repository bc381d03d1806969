import type { TableService } from '../../routing/table/table.ts';
import type { Candidate } from '../connection/plan.ts';

/** A client that waits for a third dial has waited long enough; more would turn an outage into a storm of dials. */
const MAX_CANDIDATES = 3;

/**
 * The endpoints to dial for one connection, each at most once: the next in turn and those after it.
 *
 * Advances the service's turn by one, so that the next connection begins with the next endpoint. None without a ready
 * endpoint.
 */
export function candidates(service: TableService, port: number): Candidate[] {
  // The list may have become shorter since the last turn.
  const first = service.turn < service.ready.length ? service.turn : 0;
  service.turn = first + 1;

  const chosen: Candidate[] = [];
  addFrom(first, chosen, service, port);
  return chosen;
}

/**
 * Adds the endpoints of one more service to `chosen`, as far as a connection may be dialled. Its turn stays: they are
 * tried only if those before fail.
 */
export function addCandidates(chosen: Candidate[], service: TableService, port: number): void {
  addFrom(service.turn, chosen, service, port);
}

function addFrom(first: number, chosen: Candidate[], service: TableService, port: number): void {
  const { ready } = service;
  const count = ready.length;
  for (let step = 0; step < count && chosen.length < MAX_CANDIDATES; step += 1) {
    const endpoint = ready[(first + step) % count];
    if (endpoint !== undefined) chosen.push({ address: endpoint.address, port, service: service.key });
  }
}
