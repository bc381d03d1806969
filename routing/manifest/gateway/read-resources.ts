import type { z } from 'zod';
import { quoteKey } from '../../../config/quote.ts';
import type { HostPattern } from '../../model/hostname.ts';
import type { ManifestDocument, ManifestProblem } from '../document.ts';
import type { DocumentKind } from '../document-kind.ts';
import { orList } from '../plain-words.ts';
import { problemAt, validate } from '../validate.ts';
import { GATEWAY, type GatewayObject } from './gateway-schema.ts';
import { GATEWAY_CLASS, NAMESPACE_OBJECT, REFERENCE_GRANT } from './other-schemas.ts';
import {
  type BackendRef,
  type ParentRef,
  PROXY_PROTOCOL_ANNOTATION,
  TCP_ROUTE,
  TLS_ROUTE,
} from './route-schema.ts';

/** The API group of the Gateway API. */
export const GATEWAY_GROUP = 'gateway.networking.k8s.io';

/** The kinds of route that weir has an equivalent of. */
export type RouteKind = 'TLSRoute' | 'TCPRoute';

/** A Gateway and where it was read. */
export interface Gateway {
  readonly document: ManifestDocument;
  readonly namespace: string;
  readonly name: string;
  readonly spec: GatewayObject['spec'];
}

/** A route of either kind and where it was read. */
export interface GatewayRoute {
  readonly kind: RouteKind;
  readonly document: ManifestDocument;
  /** Its org. */
  readonly namespace: string;
  readonly name: string;
  /** Milliseconds since 1970; infinite where it is in no cluster yet, which makes it the youngest. */
  readonly createdAt: number;
  readonly parentRefs: readonly ParentRef[];
  /** Empty: whatever the listener has. */
  readonly hostnames: readonly HostPattern[];
  /** Of each rule. */
  readonly backendRefs: readonly (readonly BackendRef[])[];
  readonly proxyProtocol: string;
}

/** The valid ones among some documents, and what is wrong with the others. */
export interface Resources {
  readonly gateways: readonly Gateway[];
  readonly routes: readonly GatewayRoute[];
  /** The labels of the namespaces that a document describes. */
  readonly namespaceLabels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly problems: readonly ManifestProblem[];
}

/** By kind and version, the one of today first. */
const SCHEMAS = {
  Gateway: { v1: GATEWAY, v1beta1: GATEWAY, v1alpha2: GATEWAY },
  TLSRoute: TLS_ROUTE,
  TCPRoute: TCP_ROUTE,
  GatewayClass: { v1: GATEWAY_CLASS, v1beta1: GATEWAY_CLASS, v1alpha2: GATEWAY_CLASS },
  ReferenceGrant: { v1: REFERENCE_GRANT, v1beta1: REFERENCE_GRANT, v1alpha2: REFERENCE_GRANT },
};

/** What `resolveGateway` takes, each in the version of today. */
export const GATEWAY_KINDS: readonly { readonly apiVersion: string; readonly kind: string }[] = [
  ...Object.keys(SCHEMAS).map((kind) => ({ apiVersion: `${GATEWAY_GROUP}/v1`, kind })),
  { apiVersion: 'v1', kind: 'Namespace' },
];

const ABOUT: Readonly<Record<keyof typeof SCHEMAS, string>> = {
  Gateway: 'Listeners that routes attach to: TLS with passthrough, and TCP.',
  TLSRoute: 'Binds hostnames on the TLS listeners of Gateways to backends.',
  TCPRoute: 'Binds the ports of the TCP listeners of Gateways to backends.',
  GatewayClass: 'Taken along without effect: every Gateway that is applied is of weir.',
  ReferenceGrant: 'Taken along without effect: all backends of a route are of its own org.',
};

/** The same in all versions, with their schemas. */
export const GATEWAY_DOCUMENT_KINDS: readonly DocumentKind[] = [
  ...Object.entries(SCHEMAS).flatMap(([kind, versions]) =>
    Object.entries(versions).map(([version, schema]) => ({
      apiVersion: `${GATEWAY_GROUP}/${version}`,
      kind,
      about: ABOUT[kind as keyof typeof SCHEMAS],
      schema,
    })),
  ),
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    about: 'Taken for its labels, by which Gateways select the namespaces of routes.',
    schema: NAMESPACE_OBJECT,
  },
];

/** Whether a document is for `resolveGateway`: of the Gateway API's group, or a Namespace. */
export function isGatewayDocument({ apiVersion, kind }: ManifestDocument): boolean {
  return apiVersion.startsWith(`${GATEWAY_GROUP}/`) || (apiVersion === 'v1' && kind === 'Namespace');
}

/**
 * Checks the documents that `isGatewayDocument` is true of and passes over the others.
 *
 * A route's namespace is its org: where it has none `org` is taken, and where both are there they must agree.
 */
export function readResources(documents: readonly ManifestDocument[], org: string | null): Resources {
  const found: Found = { gateways: [], routes: [], namespaceLabels: new Map(), problems: [] };
  const seen = new Map<string, ManifestDocument>();
  for (const document of documents.filter(isGatewayDocument)) {
    const before = found.problems.length;
    const identity = readInto(found, document, org);
    if (identity === null || found.problems.length > before) continue;
    const first = seen.get(identity);
    seen.set(identity, document);
    if (first === undefined) continue;
    const { file, line } = first.place([]);
    found.problems.push(
      problemAt(document, ['metadata', 'name'], `${identity} is in ${file}:${line} already`),
    );
  }
  return found;
}

interface Found {
  readonly gateways: Gateway[];
  readonly routes: GatewayRoute[];
  readonly namespaceLabels: Map<string, Readonly<Record<string, string>>>;
  readonly problems: ManifestProblem[];
}

/** What Kubernetes calls the namespace of an object that names none. */
const DEFAULT_NAMESPACE = 'default';

/** Takes the document in and answers what names it, or null where it is not valid. */
function readInto(found: Found, document: ManifestDocument, org: string | null): string | null {
  const { kind } = document;
  switch (kind) {
    case 'TLSRoute': {
      const route = valid(found, document, SCHEMAS.TLSRoute);
      if (route === null) return null;
      const { metadata, spec } = route;
      return addRoute(found, { document, kind, org, metadata, spec, hostnames: spec.hostnames ?? [] });
    }
    case 'TCPRoute': {
      const route = valid(found, document, SCHEMAS.TCPRoute);
      if (route === null) return null;
      const { metadata, spec } = route;
      return addRoute(found, { document, kind, org, metadata, spec, hostnames: [] });
    }
    case 'Gateway': {
      const object = valid(found, document, SCHEMAS.Gateway);
      if (object === null) return null;
      const { name, namespace = org ?? DEFAULT_NAMESPACE } = object.metadata;
      found.gateways.push({ document, namespace, name, spec: object.spec });
      return `Gateway ${namespace}/${name}`;
    }
    case 'Namespace': {
      if (document.apiVersion !== 'v1') return unknownKind(found, document);
      const object = valid(found, document, { v1: NAMESPACE_OBJECT });
      if (object === null) return null;
      found.namespaceLabels.set(object.metadata.name, object.metadata.labels ?? {});
      return `Namespace ${object.metadata.name}`;
    }
    case 'ReferenceGrant':
      valid(found, document, SCHEMAS.ReferenceGrant);
      return null;
    case 'GatewayClass':
      valid(found, document, SCHEMAS.GatewayClass);
      return null;
    default:
      return unknownKind(found, document);
  }
}

function unknownKind({ problems }: Found, document: ManifestDocument): null {
  const problem = `${quoteKey(document.kind)} is not among what weir takes of the Gateway API; of its routes weir takes TLSRoute and TCPRoute`;
  problems.push(problemAt(document, ['kind'], problem));
  return null;
}

/** Validates by the schema of the document's version; null, and what is wrong among the problems. */
function valid<Schema extends z.ZodType>(
  found: Found,
  document: ManifestDocument,
  versions: Readonly<Record<string, Schema>>,
): z.output<Schema> | null {
  const version = document.apiVersion.slice(document.apiVersion.indexOf('/') + 1);
  const schema = Object.hasOwn(versions, version) ? versions[version] : undefined;
  if (schema === undefined) {
    const problem = `has to be of version ${orList(Object.keys(versions))} for a ${document.kind}`;
    found.problems.push(problemAt(document, ['apiVersion'], problem));
    return null;
  }
  const validated = validate(document, schema);
  if (validated.kind === 'ok') return validated.value;
  found.problems.push(...validated.problems);
  return null;
}

interface ReadRoute {
  readonly document: ManifestDocument;
  readonly kind: RouteKind;
  readonly org: string | null;
  readonly hostnames: readonly HostPattern[];
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string | undefined;
    readonly creationTimestamp?: string | null | undefined;
    readonly annotations?: Readonly<Record<string, string>> | null | undefined;
  };
  readonly spec: {
    readonly parentRefs?: readonly ParentRef[] | undefined;
    readonly rules: readonly { readonly backendRefs: readonly BackendRef[] }[];
  };
}

function addRoute(
  found: Found,
  { document, kind, org, hostnames, metadata, spec }: ReadRoute,
): string | null {
  const { name, creationTimestamp, annotations } = metadata;
  const namespace = metadata.namespace ?? org;
  if (namespace === null) {
    const problem = 'has no namespace, which is the org of the route; write one, or name the org with --org';
    found.problems.push(problemAt(document, ['metadata'], problem));
    return null;
  }
  if (org !== null && namespace !== org) {
    const problem = `is not the org ${org} that this is applied for; a route's namespace is its org`;
    found.problems.push(problemAt(document, ['metadata', 'namespace'], problem));
    return null;
  }
  found.routes.push({
    kind,
    document,
    namespace,
    name,
    createdAt: creationTimestamp ? Date.parse(creationTimestamp) : Number.POSITIVE_INFINITY,
    parentRefs: spec.parentRefs ?? [],
    hostnames,
    backendRefs: spec.rules.map(({ backendRefs }) => backendRefs),
    proxyProtocol: annotations?.[PROXY_PROTOCOL_ANNOTATION] ?? 'none',
  });
  return `${kind} ${namespace}/${name}`;
}
