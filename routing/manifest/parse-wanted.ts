import { type Fields, fieldsOf, required } from '../control/commands/parse-fields.ts';
import {
  parseEndpointInput,
  parsePortInput,
  parsePortPool,
  parseRouteInput,
} from '../control/commands/parse-input.ts';
import { parseAddressName, parseDomainClaim, parsePolicyInput } from '../control/commands/parse-ownership.ts';
import type { AddressPoolInput, PortInput } from '../control/inputs.ts';
import type { Wanted } from '../control/wanted.ts';
import { endpointKey } from '../model/endpoint.ts';
import { parseIpv4Range } from '../model/ipv4-range.ts';
import { portKey, routeKey } from '../model/route.ts';
import { serviceKey } from '../model/service.ts';

/** What tells a wanted thing from others of its kind, in its normal form: two with the same identity are one thing. */
export interface Identity {
  /** For messages, as in `route tls/www.example.com`. */
  readonly identity: string;
  /** The field whose value it hangs on most. */
  readonly field: string;
}

/** Holds a wanted thing's values against the commands' own parsers. */
export function parseWanted(wanted: Wanted): Fields<Identity> {
  switch (wanted.kind) {
    case 'route':
      return identified(parseRouteInput(wanted.input), (route) => ({
        identity: `route ${routeKey(route)}`,
        field: 'hostname',
      }));
    case 'port':
      return parsePortWanted(wanted.input);
    case 'endpoint':
      return identified(parseEndpointInput(wanted.input), (endpoint) => ({
        identity: `endpoint ${endpointKey(endpoint)}`,
        field: 'instance',
      }));
    case 'port-pool':
      return identified(parsePortPool(wanted.input), () => ({ identity: 'the port pool', field: 'first' }));
    case 'address-pool':
      return identified(parseRanges(wanted.input), () => ({ identity: 'the address pool', field: 'ranges' }));
    case 'domain':
      return identified(parseDomainClaim(wanted.input), ({ domain, org }) => ({
        identity: `domain ${domain} of ${org}`,
        field: 'domain',
      }));
    case 'address':
      return identified(parseAddressName(wanted.input), ({ address }) => ({
        identity: `address ${address}`,
        field: 'address',
      }));
    case 'policy':
      return identified(parsePolicyInput(wanted.input), ({ org }) => ({
        identity: `the policy of ${org ?? 'all orgs'}`,
        field: 'org',
      }));
    default:
      return wanted satisfies never;
  }
}

function parsePortWanted(input: PortInput): Fields<Identity> {
  return identified(parsePortInput(input), ({ address, port, service, backendPort }) =>
    port === null
      ? { identity: `a port to ${serviceKey(service)}:${backendPort}`, field: 'app' }
      : { identity: portKey({ address, port }).replace('/', ' '), field: 'port' },
  );
}

function parseRanges({ ranges }: AddressPoolInput): Fields<null> {
  const problems = ranges.flatMap((range, index) => {
    const parsed = required(range, parseIpv4Range);
    return parsed.kind === 'ok' ? [] : [{ field: `ranges[${index}]`, problem: parsed.problem }];
  });
  return problems.length === 0 ? fieldsOf(null) : { kind: 'invalid', problems };
}

function identified<Value>(fields: Fields<Value>, identify: (value: Value) => Identity): Fields<Identity> {
  return fields.kind === 'ok' ? fieldsOf(identify(fields.value)) : fields;
}
