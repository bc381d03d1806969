import { isDeepStrictEqual } from 'node:util';
import { alpnSuffix } from '../../model/alpn.ts';
import { DEFAULT_DOMAIN, type Domain, domainOf } from '../../model/domain.ts';
import type { PortBinding } from '../../model/route.ts';
import { orgOf, serviceKey } from '../../model/service.ts';
import { allocateAddress, defineAddressPool } from '../commands/address-commands.ts';
import { holdingAfter } from '../commands/decide-address.ts';
import { endpointAfter } from '../commands/decide-endpoint.ts';
import { bindingAfter } from '../commands/decide-port.ts';
import { routeAfter } from '../commands/decide-route.ts';
import { claimDomain } from '../commands/domain-commands.ts';
import { reportEndpoint } from '../commands/endpoint-commands.ts';
import type { Fields } from '../commands/parse-fields.ts';
import {
  type EndpointRequest,
  type PortRequest,
  parseEndpointInput,
  parsePortInput,
  parsePortPool,
  parseRouteInput,
} from '../commands/parse-input.ts';
import {
  parseAddressInput,
  parseAddressPool,
  parseDomainClaim,
  parsePolicyInput,
} from '../commands/parse-ownership.ts';
import { definePolicy } from '../commands/policy-commands.ts';
import { definePortPool, locatePort, putPort } from '../commands/port-commands.ts';
import { putRoute } from '../commands/route-commands.ts';
import {
  addressStream,
  domainStream,
  type EndpointReport,
  endpointStream,
  routeStream,
} from '../events/event.ts';
import type { Wanted } from '../wanted.ts';
import type { ApplyStep, ParsedStep } from './step.ts';

/** Makes a step of a wanted thing; with `isTrusted` the operator vouches for its domains, and no quota or pool bounds it. */
export function parseStep(wanted: Wanted, index: number, isTrusted: boolean): ParsedStep {
  const { kind } = wanted;
  const base = { kind, index, rank: 0, needs: null, locate: NOWHERE, isSo: NEVER };
  switch (wanted.kind) {
    case 'policy':
      return parsed(parsePolicyInput(wanted.input), (patch) => ({
        ...base,
        name: patch.org ?? 'of all orgs',
        decide: (transaction) => definePolicy(transaction, patch),
      }));
    case 'port-pool':
      return parsed(parsePortPool(wanted.input), (pool) => ({
        ...base,
        name: `${pool.first}-${pool.last}`,
        decide: (transaction) => definePortPool(transaction, pool),
      }));
    case 'address-pool':
      return parsed(parseAddressPool(wanted.input), (pool) => ({
        ...base,
        name: wanted.input.ranges.join(', '),
        decide: (transaction) => defineAddressPool(transaction, pool),
      }));
    case 'domain':
      return parsed(parseDomainClaim({ ...wanted.input, isTrusted }), (request) => ({
        ...base,
        name: `${request.domain} of ${request.org}`,
        // Nobody can claim what another has proved; and a platform domain lets in what lies below it.
        rank: request.proof === 'none' ? 0 : depthOf(request.domain),
        locate: async () => domainStream(request),
        decide: (transaction) => claimDomain(transaction, request),
      }));
    case 'address':
      return parsed(parseAddressInput(wanted.input), (request) => ({
        ...base,
        name: request.address ?? '',
        locate: async () => (request.address === null ? null : addressStream(request.address)),
        isSo: (last) => holdingAfter(last)?.org === request.org,
        decide: (transaction) => allocateAddress(transaction, request, isTrusted),
      }));
    case 'route':
      return parsed(parseRouteInput(wanted.input), (route) => ({
        ...base,
        name: `${route.listener} ${route.pattern}${alpnSuffix(route.alpn)}`,
        needs: { domain: domainOf(route.pattern), org: orgOf(route.service) },
        locate: async () => routeStream(route),
        isSo: (last) => isDeepStrictEqual(routeAfter(last), route),
        decide: (transaction) => putRoute(transaction, route),
      }));
    case 'port':
      return parsed(parsePortInput(wanted.input), (request) => ({
        ...base,
        name: portName(request),
        // Any port will do for one without a number, but none that another step is about to make something else.
        rank: request.port === null ? 1 : 0,
        locate: (transaction) => locatePort(transaction, request),
        isSo: (last) => isSoBound(bindingAfter(last), request),
        decide: (transaction) => putPort(transaction, request, isTrusted),
      }));
    case 'endpoint':
      return parsed(parseEndpointInput(wanted.input), (request) => ({
        ...base,
        name: `${request.service}/${request.instance}`,
        locate: async () => endpointStream(request),
        isSo: (last) => isSoReported(endpointAfter(last), request),
        decide: (transaction) => reportEndpoint(transaction, request),
      }));
    default:
      return wanted satisfies never;
  }
}

const NOWHERE: ApplyStep['locate'] = async () => null;
const NEVER: ApplyStep['isSo'] = () => false;

function parsed<Value>(fields: Fields<Value>, step: (value: Value) => ApplyStep): ParsedStep {
  return fields.kind === 'ok' ? { kind: 'ok', value: step(fields.value) } : fields;
}

function depthOf(domain: Domain): number {
  return domain === DEFAULT_DOMAIN ? 1 : domain.split('.').length;
}

function portName({ address, port, service }: PortRequest): string {
  if (port === null) return `of the pool, to ${serviceKey(service)}`;
  return address === null ? `${port}` : `${address}:${port}`;
}

function isSoBound(present: PortBinding | null, request: PortRequest): boolean {
  if (present === null) return false;
  const wanted = { ...request, service: serviceKey(request.service), port: request.port ?? present.port };
  return isDeepStrictEqual(present, wanted);
}

function isSoReported(present: EndpointReport | null, { address, state }: EndpointRequest): boolean {
  return present !== null && present.address === (address ?? present.address) && present.state === state;
}
