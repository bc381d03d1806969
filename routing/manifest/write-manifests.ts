import { stringify } from 'yaml';
import { formatDuration } from '../../config/duration.ts';
import type {
  AddressPoolView,
  AddressView,
  DomainView,
  EndpointView,
  PolicyView,
  PortPoolView,
  PortView,
  RouteView,
} from '../control/views.ts';
import { MAX_DOCUMENTS, MAX_FILE_BYTES } from './read-documents.ts';

/** What is there, without what only the log knows: when, by whom, at which revision. */
export interface ExportedState {
  readonly policies: readonly Stated<PolicyView>[];
  /** Null where none is defined, or where the export is of one org. */
  readonly portPool: Stated<PortPoolView> | null;
  readonly addressPool: Stated<AddressPoolView> | null;
  readonly domains: readonly Stated<DomainView>[];
  readonly addresses: readonly Stated<AddressView>[];
  readonly routes: readonly Stated<RouteView>[];
  readonly ports: readonly (Stated<PortView> & { readonly address?: string | null })[];
  readonly endpoints: readonly Stated<EndpointView>[];
}

type Stated<View> = Omit<View, 'revision' | 'actor' | 'updatedAt' | 'createdAt' | 'challenge'>;

const SEPARATOR = '---\n';

const HEADER = '# Written by weir export, to be taken back by weir apply.\n';

/**
 * Writes documents that `readManifests` reads into the same inputs: the same text for the same state, in whichever order
 * it comes. Policies and pools are first and endpoints last, so that each thing comes after what it needs.
 *
 * Left out are the holdings below platform domains, which come with their routes, and defaults; but not a claim's proof:
 * without one a trusted apply vouches for the claim.
 */
export function writeManifests(state: ExportedState): string {
  return HEADER + documentsOf(state).map(textOf).join(SEPARATOR);
}

/** The same as several texts, one after the other, none of which is more than `readManifests` takes of one file. */
export function writeManifestFiles(
  state: ExportedState,
  { maxBytes, maxDocuments }: FileBounds = { maxBytes: MAX_FILE_BYTES, maxDocuments: MAX_DOCUMENTS },
): readonly string[] {
  const files: string[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const document of documentsOf(state)) {
    const text = textOf(document);
    const size = Buffer.byteLength(text) + SEPARATOR.length;
    const last = files.at(-1) ?? [];
    if (bytes + size > maxBytes || last.length === maxDocuments) {
      files.push([text]);
      bytes = HEADER.length + size;
    } else {
      last.push(text);
      bytes += size;
    }
  }
  return files.length === 0 ? [HEADER] : files.map((texts) => HEADER + texts.join(SEPARATOR));
}

/** What goes into one file; a document that is longer by itself gets one all the same. */
interface FileBounds {
  readonly maxBytes: number;
  readonly maxDocuments: number;
}

/** The documents as plain data, for a `kind: List`. */
export function manifestDocuments(state: ExportedState): readonly object[] {
  return documentsOf(state).map(plainDocument);
}

function documentsOf(state: ExportedState): readonly WrittenDocument[] {
  return [
    ...inOrder(state.policies, ({ org }) => [org ?? '']).map(policy),
    ...(state.portPool === null ? [] : [portPool(state.portPool)]),
    ...(state.addressPool === null ? [] : [addressPool(state.addressPool)]),
    ...inOrder(state.domains.filter(isClaim), (claim) => [claim.domain, claim.org]).map(domainClaim),
    ...inOrder(state.addresses, (held) => [held.address]).map(address),
    ...inOrder(state.routes, (bound) => [bound.hostname, bound.listener, bound.alpn ?? '']).map(route),
    ...inOrder(state.ports, (bound) => [bound.address ?? '', bound.port]).map(port),
    ...inOrder(state.endpoints.filter(isThere), (at) => [
      at.org,
      at.app,
      at.env,
      at.process,
      at.instance,
    ]).map(endpoint),
  ];
}

interface WrittenDocument {
  readonly kind: string;
  /** Fields that are undefined are not written. */
  readonly spec: Readonly<Record<string, unknown>>;
}

function policy({ org, portQuota, addressQuota, coolDownMs }: Stated<PolicyView>): WrittenDocument {
  const coolDown = coolDownMs === null ? undefined : formatDuration(coolDownMs);
  return { kind: 'Policy', spec: { org: org ?? undefined, portQuota, addressQuota, coolDown } };
}

function portPool({ first, last }: Stated<PortPoolView>): WrittenDocument {
  return { kind: 'PortPool', spec: { first, last } };
}

function addressPool({ ranges }: Stated<AddressPoolView>): WrittenDocument {
  return { kind: 'AddressPool', spec: { ranges } };
}

function domainClaim({ domain, org, isPlatform, token, proof }: Stated<DomainView>): WrittenDocument {
  const platform = isPlatform || undefined;
  return {
    kind: 'DomainClaim',
    spec: { domain, org, platform, token: token || undefined, proof },
  };
}

function address({ address, org }: Stated<AddressView>): WrittenDocument {
  return { kind: 'Address', spec: { address, org } };
}

function route(bound: Stated<RouteView>): WrittenDocument {
  return {
    kind: 'Route',
    spec: {
      hostname: bound.hostname,
      listener: unless('tls', bound.listener),
      alpn: bound.alpn ?? undefined,
      ...targetOf(bound),
      redirectToHttps: bound.redirectToHttps || undefined,
    },
  };
}

function port(bound: ExportedState['ports'][number]): WrittenDocument {
  return {
    kind: 'Port',
    spec: { port: bound.port, address: bound.address ?? undefined, ...targetOf(bound) },
  };
}

function endpoint({ instance, address, state, ...service }: Stated<EndpointView>): WrittenDocument {
  return {
    kind: 'Endpoint',
    spec: { service: serviceOf(service), instance, address, state: unless('ready', state) },
  };
}

function targetOf(bound: Stated<RouteView> | Stated<PortView>) {
  const others = bound.others.map(({ app, env, process, backendPort, weight }) => ({
    app,
    env,
    process,
    backendPort,
    weight: unless(1, weight),
  }));
  return {
    service: serviceOf(bound),
    backendPort: bound.backendPort,
    weight: unless(1, bound.weight),
    others: others.length === 0 ? undefined : others,
    proxyProtocol: unless('none', bound.proxyProtocol),
    proxyTlvs: bound.proxyTlvs.length === 0 ? undefined : bound.proxyTlvs,
  };
}

function serviceOf({ org, app, env, process }: Pick<EndpointView, 'org' | 'app' | 'env' | 'process'>) {
  return { org, app, env, process };
}

function unless<Value>(standard: Value, value: Value): Value | undefined {
  return value === standard ? undefined : value;
}

function isClaim({ proof, state }: Stated<DomainView>): boolean {
  return proof !== 'platform' && state !== 'released';
}

function isThere({ state }: Stated<EndpointView>): boolean {
  return state !== 'gone';
}

/** Texts that YAML 1.1 would not take for texts are quoted as well: not every reader is at 1.2. */
function textOf(document: WrittenDocument): string {
  return stringify(plainDocument(document), {
    compat: 'yaml-1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
  });
}

function plainDocument({ kind, spec }: WrittenDocument): object {
  return { apiVersion: 'weir/v1', kind, spec };
}

function inOrder<Item>(items: readonly Item[], keysOf: (item: Item) => readonly (string | number)[]): Item[] {
  return items
    .map((item) => ({ item, keys: keysOf(item) }))
    .toSorted((one, other) => compare(one.keys, other.keys))
    .map(({ item }) => item);
}

/** By code units and by number, the same on every machine. */
function compare(one: readonly (string | number)[], other: readonly (string | number)[]): number {
  for (const [index, key] of one.entries()) {
    const against = other[index] ?? '';
    if (key !== against) return key < against ? -1 : 1;
  }
  return 0;
}
