import { parseAddress } from '../../../routing/model/address.ts';
import type { Change } from '../../../routing/model/change.ts';
import { type Endpoint, endpointKey } from '../../../routing/model/endpoint.ts';
import { type Hostname, parseHostname, parseHostPattern } from '../../../routing/model/hostname.ts';
import { parseName } from '../../../routing/model/name.ts';
import type { Parsed } from '../../../routing/model/parsed.ts';
import { parsePort } from '../../../routing/model/port.ts';
import { parseRevision, type Revision } from '../../../routing/model/revision.ts';
import { portKey, type Route, type RouteListener, routeKey } from '../../../routing/model/route.ts';
import { parseServiceKey, type ServiceKey, serviceKey } from '../../../routing/model/service.ts';

/** Unwraps a parser's answer; a test's own input is never wrong. */
export function must<Value>(parsed: Parsed<Value>): Value {
  if (parsed.kind === 'invalid') throw new Error(parsed.problem);
  return parsed.value;
}

export function hostname(text: string): Hostname {
  return must(parseHostname(text));
}

export function revision(value: number): Revision {
  return must(parseRevision(value));
}

export function service(process: string): ServiceKey {
  return serviceKey(must(parseServiceKey(`acme/shop/prod/${process}`)));
}

interface RouteSample {
  readonly process?: string;
  readonly listener?: RouteListener;
  readonly revision?: number;
  readonly backendPort?: number;
  readonly redirectToHttps?: boolean;
}

/** A route's row to `acme/shop/prod/<process>`. */
export function routeRow(pattern: string, sample: RouteSample = {}): Change {
  const value: Route = {
    listener: sample.listener ?? 'tls',
    pattern: must(parseHostPattern(pattern)),
    service: service(sample.process ?? 'web'),
    backendPort: must(parsePort(sample.backendPort ?? 8443)),
    proxyProtocol: 'none',
    redirectToHttps: sample.redirectToHttps ?? false,
  };
  return { kind: 'route', revision: revision(sample.revision ?? 1), key: routeKey(value), value };
}

export function portRow(
  port: number,
  sample: { readonly process?: string; readonly revision?: number } = {},
): Change {
  const bound = must(parsePort(port));
  return {
    kind: 'port',
    revision: revision(sample.revision ?? 1),
    key: portKey(bound),
    value: {
      port: bound,
      service: service(sample.process ?? 'web'),
      backendPort: must(parsePort(5432)),
      proxyProtocol: 'none',
    },
  };
}

interface EndpointSample {
  readonly process?: string;
  readonly revision?: number;
  readonly address?: string;
  readonly isReady?: boolean;
}

export function endpointRow(instance: string, sample: EndpointSample = {}): Change {
  const value: Endpoint = {
    service: service(sample.process ?? 'web'),
    instance: must(parseName(instance)),
    address: must(parseAddress(sample.address ?? 'fd00::1')),
    isReady: sample.isReady ?? true,
  };
  return { kind: 'endpoint', revision: revision(sample.revision ?? 1), key: endpointKey(value), value };
}

/** The same row, gone. */
export function gone(row: Change, at = 2): Change {
  return { kind: row.kind, revision: revision(at), key: row.key, value: null };
}
