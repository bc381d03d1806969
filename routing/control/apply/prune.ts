import { alpnSuffix } from '../../model/alpn.ts';
import { orgOf } from '../../model/service.ts';
import { releaseAddress } from '../commands/address-commands.ts';
import { releaseDomain } from '../commands/domain-commands.ts';
import { reportEndpoint } from '../commands/endpoint-commands.ts';
import type { Fields } from '../commands/parse-fields.ts';
import { parseEndpointInput, parsePortName, parseRouteName } from '../commands/parse-input.ts';
import { parseAddressName, parseDomainName } from '../commands/parse-ownership.ts';
import { releasePort } from '../commands/port-commands.ts';
import { deleteRoute } from '../commands/route-commands.ts';
import type { Statements } from '../database.ts';
import {
  addressStream,
  type ControlEvent,
  domainStream,
  endpointStream,
  portStream,
  routeStream,
} from '../events/event.ts';
import { loadLastEvents } from '../events/event-log.ts';
import { listAddresses, listDomains } from '../queries/holdings.ts';
import { listEndpoints, listPorts, listRoutes } from '../queries/lists.ts';
import type { WantedKind } from '../wanted.ts';
import type { ApplyStep } from './step.ts';

/** What an org has and nothing wants, as steps that take it away. */
export interface Removals {
  /** To be taken before anything is made: what is made may need their place in a quota. */
  readonly first: readonly Removal[];
  /** To be taken after it: a name that is routed anew is not given up meanwhile, and a domain has to be free of routes. */
  readonly last: readonly Removal[];
}

/** A step that takes something away. */
interface Removal extends ApplyStep {
  readonly stream: string;
}

/** Nothing is taken away. */
export const NO_REMOVALS: Removals = { first: [], last: [] };

interface Pruning {
  readonly org: string;
  readonly steps: readonly ApplyStep[];
  /** The streams that the steps are about. */
  readonly wanted: ReadonlySet<string>;
}

/**
 * Routes and ports that nothing wants; and of what may well be reported or claimed elsewhere, endpoints, addresses and
 * domains, those that nothing wants where others of their kind are wanted.
 *
 * By the projections: whatever somebody has been told of is in them, and what is made at this moment is nothing that
 * these files could have meant. But only what the log says too to be this org's still.
 */
export async function loadRemovals(
  transaction: Statements,
  { org, steps, wanted }: Pruning,
): Promise<Removals> {
  const kinds = new Set<WantedKind>(['route', 'port', ...steps.map(({ kind }) => kind)]);
  const { first, last } = await allRemovals(transaction, org);
  const isUnwanted = ({ kind, stream }: Removal) => kinds.has(kind) && !wanted.has(stream);
  const [unwantedFirst, unwantedLast] = [first.filter(isUnwanted), last.filter(isUnwanted)];
  const streams = [...unwantedFirst, ...unwantedLast].map(({ stream }) => stream);
  const events = await loadLastEvents(transaction, streams);
  const isStillThere = ({ stream }: Removal) => holderIn(events.get(stream) ?? null) === org;
  return { first: unwantedFirst.filter(isStillThere), last: unwantedLast.filter(isStillThere) };
}

/** What a route took below a platform domain goes with the route. */
async function allRemovals(transaction: Statements, org: string): Promise<Removals> {
  const ports = (await listPorts(transaction, { org })).map((view) => {
    const place = known(parsePortName({ port: view.port, address: view.address ?? undefined }));
    const name = view.address === null ? `${view.port}` : `${view.address}:${view.port}`;
    return removal('port', name, portStream(place), (each) => releasePort(each, place));
  });
  const endpoints = (await listEndpoints(transaction, { org })).map((view) => {
    const request = known(parseEndpointInput({ ...view, state: 'gone' }));
    const name = `${request.service}/${request.instance}`;
    return removal('endpoint', name, endpointStream(request), (each) => reportEndpoint(each, request));
  });
  const addresses = (await listAddresses(transaction, { org })).map((view) => {
    const { address } = known(parseAddressName(view));
    return removal('address', address, addressStream(address), (each) => releaseAddress(each, { address }));
  });
  const routes = (await listRoutes(transaction, { org })).map((view) => {
    const identity = known(parseRouteName({ ...view, alpn: view.alpn ?? undefined }));
    const name = `${view.listener} ${view.hostname}${alpnSuffix(view.alpn)}`;
    return removal('route', name, routeStream(identity), (each) => deleteRoute(each, identity));
  });
  const claims = (await listDomains(transaction, { org })).filter(({ proof }) => proof !== 'platform');
  const domains = claims.map((view) => {
    const identity = known(parseDomainName(view));
    const name = `${view.domain} of ${view.org}`;
    return removal('domain', name, domainStream(identity), (each) => releaseDomain(each, identity));
  });
  return { first: [...ports, ...endpoints, ...addresses], last: [...routes, ...domains] };
}

/** Whose it is after its stream's last event; null where it is nobody's any more. */
function holderIn(event: ControlEvent | null): string | null {
  switch (event?.type) {
    case 'route.created':
    case 'route.updated':
    case 'port.allocated':
    case 'port.updated':
    case 'endpoint.reported':
      return orgOf(event.payload.service);
    case 'domain.claimed':
    case 'domain.granted':
    case 'address.allocated':
      return event.payload.org;
    default:
      return null;
  }
}

function removal(
  kind: ApplyStep['kind'],
  name: string,
  stream: string,
  decide: ApplyStep['decide'],
): Removal {
  return {
    kind,
    name,
    index: null,
    stream,
    rank: 0,
    needs: null,
    locate: async () => stream,
    isSo: () => false,
    decide,
  };
}

/** What comes from a projection has been through the same parsers. */
function known<Value>(fields: Fields<Value>): Value {
  if (fields.kind === 'ok') return fields.value;
  throw new Error(fields.problems.map(({ field, problem }) => `${field} ${problem}`).join('; '));
}
