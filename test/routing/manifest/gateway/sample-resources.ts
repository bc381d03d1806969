import type { Wanted } from '../../../../routing/control/wanted.ts';
import {
  type GatewayContext,
  type ResolvedGateway,
  resolveGateway,
} from '../../../../routing/manifest/gateway/resolve-gateway.ts';
import type { ConditionType, RouteStatus } from '../../../../routing/manifest/gateway/status.ts';
import { readDocuments } from '../../../../routing/manifest/read-documents.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A listener for TLS passthrough on port 443; what is undefined is left out. */
export function tlsListener(name: string, fields: Fields = {}): Fields {
  return { name, port: 443, protocol: 'TLS', tls: { mode: 'Passthrough' }, ...fields };
}

/** A listener for raw TCP. */
export function tcpListener(name: string, port: number, fields: Fields = {}): Fields {
  return { name, port, protocol: 'TCP', ...fields };
}

/** The Gateway `acme/edge`, in the version of today. */
export function gateway(
  listeners: readonly Fields[],
  { name = 'edge', namespace = 'acme', ...spec }: Fields = {},
): Fields {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace },
    spec: { gatewayClassName: 'weir', listeners, ...spec },
  };
}

interface RouteSample {
  readonly kind?: string;
  readonly version?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly created?: string;
  readonly annotations?: Fields;
  readonly hostnames?: readonly string[];
  readonly parentRefs?: readonly Fields[];
  readonly backendRefs?: readonly Fields[];
  readonly rules?: readonly Fields[];
}

/** The TLSRoute `acme/<name>` on the Gateway `edge` to the Service of the same name. */
export function tlsRoute(sample: RouteSample): Fields {
  const name = sample.name ?? 'shop';
  const { hostnames, created, annotations } = sample;
  return {
    apiVersion: `gateway.networking.k8s.io/${sample.version ?? 'v1'}`,
    kind: sample.kind ?? 'TLSRoute',
    metadata: {
      name,
      namespace: sample.namespace ?? 'acme',
      ...(created === undefined ? {} : { creationTimestamp: created }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      parentRefs: sample.parentRefs ?? [{ name: 'edge' }],
      ...(hostnames === undefined ? {} : { hostnames }),
      rules: sample.rules ?? [{ backendRefs: sample.backendRefs ?? [{ name, port: 8443 }] }],
    },
  };
}

/** The TCPRoute `acme/<name>` on the Gateway `edge` to the Service of the same name. */
export function tcpRoute(sample: RouteSample): Fields {
  return tlsRoute({ kind: 'TCPRoute', ...sample });
}

/** Resolves objects as though they stood in one file. */
export function resolveObjects(
  objects: readonly Fields[],
  context: GatewayContext = { org: null },
): ResolvedGateway {
  return resolveText(objects.map((object) => JSON.stringify(object, null, 2)).join('\n---\n'), context);
}

/** Resolves what stands in one file, `gateway.yaml`. */
export function resolveText(text: string, context: GatewayContext = { org: null }): ResolvedGateway {
  const { documents, problems } = readDocuments('gateway.yaml', text);
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return resolveGateway(documents, context);
}

/** `True Accepted`, `False NoMatchingParent`; of the first status of that kind and name. */
export function verdict(
  { statuses }: ResolvedGateway,
  kind: RouteStatus['kind'],
  name: string,
  type: ConditionType = 'Accepted',
): string | undefined {
  const status = statuses.find((one) => one.kind === kind && one.name === name);
  const found = status?.conditions.find((one) => one.type === type);
  return found && `${found.status} ${found.reason}`;
}

/** The message that goes with a verdict. */
export function message(
  { statuses }: ResolvedGateway,
  kind: RouteStatus['kind'],
  name: string,
  type: ConditionType = 'Accepted',
): string {
  const status = statuses.find((one) => one.kind === kind && one.name === name);
  return status?.conditions.find((one) => one.type === type)?.message ?? '';
}

/** Every hostname and port with the app that it goes to, in the order of the alphabet: `www.example.com → shop`. */
export function bound({ desired }: ResolvedGateway): readonly string[] {
  return desired.map(({ wanted }) => `${placeOf(wanted)} → ${appOf(wanted)}`).toSorted();
}

function placeOf(wanted: Wanted): string {
  if (wanted.kind === 'route') return wanted.input.hostname;
  if (wanted.kind !== 'port') return wanted.kind;
  return wanted.input.address === undefined
    ? `${wanted.input.port}`
    : `${wanted.input.address}:${wanted.input.port}`;
}

function appOf(wanted: Wanted): string {
  return wanted.kind === 'route' || wanted.kind === 'port' ? wanted.input.app : '';
}
