import { parseAddress, parseIpv4Address } from '../../../routing/model/address.ts';
import { parseAlpnProtocol } from '../../../routing/model/alpn.ts';
import type { Change } from '../../../routing/model/change.ts';
import { type Endpoint, endpointKey } from '../../../routing/model/endpoint.ts';
import { type Hostname, parseHostname, parseHostPattern } from '../../../routing/model/hostname.ts';
import { parseName } from '../../../routing/model/name.ts';
import type { Parsed } from '../../../routing/model/parsed.ts';
import { parsePort } from '../../../routing/model/port.ts';
import { parseRevision, type Revision } from '../../../routing/model/revision.ts';
import {
  type Backend,
  type PortBinding,
  portKey,
  type Route,
  type RouteListener,
  routeKey,
  type Target,
} from '../../../routing/model/route.ts';
import { parseServiceKey, type ServiceKey, serviceKey } from '../../../routing/model/service.ts';
import { parseWeight } from '../../../routing/model/weight.ts';

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

interface BackendSample {
  readonly process?: string;
  readonly backendPort?: number;
  readonly weight?: number;
}

interface TargetSample extends BackendSample {
  readonly revision?: number;
  readonly others?: readonly BackendSample[];
  readonly proxyProtocol?: Target['proxyProtocol'];
  readonly proxyTlvs?: Target['proxyTlvs'];
}

interface RouteSample extends TargetSample {
  readonly listener?: RouteListener;
  readonly alpn?: string | undefined;
  readonly redirectToHttps?: boolean;
}

/** A route's row to `acme/shop/prod/<process>`. */
export function routeRow(pattern: string, sample: RouteSample = {}): Change {
  const value: Route = {
    listener: sample.listener ?? 'tls',
    pattern: must(parseHostPattern(pattern)),
    alpn: sample.alpn === undefined ? null : must(parseAlpnProtocol(sample.alpn)),
    ...targetOf(sample, 8443),
    redirectToHttps: sample.redirectToHttps ?? false,
  };
  return { kind: 'route', revision: revision(sample.revision ?? 1), key: routeKey(value), value };
}

interface PortSample extends TargetSample {
  readonly address?: string | undefined;
}

export function portRow(port: number, sample: PortSample = {}): Change {
  const value: PortBinding = {
    address: sample.address === undefined ? null : must(parseIpv4Address(sample.address)),
    port: must(parsePort(port)),
    ...targetOf(sample, 5432),
  };
  return { kind: 'port', revision: revision(sample.revision ?? 1), key: portKey(value), value };
}

function targetOf(sample: TargetSample, backendPort: number) {
  const others = (sample.others ?? []).map((other) => backendOf(other, backendPort));
  const { proxyProtocol = 'none', proxyTlvs = [] } = sample;
  return { ...backendOf(sample, backendPort), others, proxyProtocol, proxyTlvs };
}

function backendOf(sample: BackendSample, backendPort: number): Backend {
  return {
    service: service(sample.process ?? 'web'),
    backendPort: must(parsePort(sample.backendPort ?? backendPort)),
    weight: must(parseWeight(sample.weight ?? 1)),
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
