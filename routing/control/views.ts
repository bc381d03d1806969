import type { WantedKind } from './wanted.ts';

/** What the control plane answers with: flat, and the same when it has been through JSON. Times are ISO 8601 in UTC. */
interface View {
  /** The change that made it what it is; an edge that has applied this revision or a later one knows it. */
  readonly revision: number;
  /** Who made the last change. */
  readonly actor: string;
  readonly updatedAt: string;
}

interface ServiceView {
  readonly org: string;
  readonly app: string;
  readonly env: string;
  readonly process: string;
}

/** A backend beside the first, of the same org. */
export interface BackendView {
  readonly app: string;
  readonly env: string;
  readonly process: string;
  readonly backendPort: number;
  readonly weight: number;
}

/** A hostname's binding. */
export interface RouteView extends View, ServiceView {
  readonly hostname: string;
  readonly listener: 'tls' | 'http';
  /** Only for clients that offer this protocol; null for all. */
  readonly alpn: string | null;
  readonly backendPort: number;
  /** Of the first backend: its share of the connections, relative to those of the others. */
  readonly weight: number;
  readonly others: readonly BackendView[];
  readonly proxyProtocol: 'none' | 'v2';
  readonly proxyTlvs: readonly string[];
  readonly redirectToHttps: boolean;
  readonly createdAt: string;
}

/** A raw TCP port's binding. */
export interface PortView extends View, ServiceView {
  readonly port: number;
  /** A dedicated address; null for those that all orgs share. */
  readonly address: string | null;
  readonly backendPort: number;
  /** Of the first backend: its share of the connections, relative to those of the others. */
  readonly weight: number;
  readonly others: readonly BackendView[];
  readonly proxyProtocol: 'none' | 'v2';
  readonly proxyTlvs: readonly string[];
  readonly createdAt: string;
}

/** The raw TCP ports that may be allocated, both ends included. */
export interface PortPoolView extends View {
  readonly first: number;
  readonly last: number;
}

/** What an org says of a domain, or has proved. */
export interface DomainView extends View {
  readonly domain: string;
  readonly org: string;
  /** `released` only in the answer to the command that released it. */
  readonly state: 'pending' | 'held' | 'released';
  readonly proof: 'none' | 'dns' | 'trusted' | 'platform';
  /** Names below it are for all orgs, first come, first served. */
  readonly isPlatform: boolean;
  readonly token: string;
  /** The TXT record that proves it; null where none can. */
  readonly challenge: { readonly name: string; readonly value: string } | null;
}

/** A dedicated address. */
export interface AddressView extends View {
  readonly address: string;
  readonly org: string;
}

/** The IPv4 addresses that may be dedicated: addresses and `first-last` ranges. */
export interface AddressPoolView extends View {
  readonly ranges: readonly string[];
}

/** What may be allocated; null where nobody has said. */
export interface PoolsView {
  readonly ports: PortPoolView | null;
  readonly addresses: AddressPoolView | null;
}

/** What orgs may take: all of them where `org` is null. */
export interface PolicyView extends View {
  readonly org: string | null;
  readonly portQuota: number | 'none' | 'default';
  readonly addressQuota: number | 'none' | 'default';
  /** Milliseconds; null in the policy of one org. */
  readonly coolDownMs: number | null;
}

/** What an apply does to one thing; what it is about in the words of the log, null where it is not there. */
export interface ApplyChange {
  readonly action: 'create' | 'update' | 'delete' | 'unchanged';
  readonly kind: WantedKind;
  readonly name: string;
  readonly before: Readonly<Record<string, unknown>> | null;
  readonly after: Readonly<Record<string, unknown>> | null;
  /** Which of the wanted things; null for what is taken away. */
  readonly index: number | null;
}

/** What came of an apply. */
export interface AppliedView {
  /** In the order in which they were made; those that are unchanged too. */
  readonly changes: readonly ApplyChange[];
  readonly isDryRun: boolean;
  /** The last change's; null where nothing changed. */
  readonly revision: number | null;
}

/** All that is there, at one moment. */
export interface StateView {
  readonly policies: readonly PolicyView[];
  readonly portPool: PortPoolView | null;
  readonly addressPool: AddressPoolView | null;
  readonly domains: readonly DomainView[];
  readonly addresses: readonly AddressView[];
  readonly routes: readonly RouteView[];
  readonly ports: readonly PortView[];
  readonly endpoints: readonly EndpointView[];
}

/** One instance's address; `gone` only in the answer to the report that says so. */
export interface EndpointView extends View, ServiceView {
  readonly instance: string;
  readonly address: string;
  readonly state: 'ready' | 'not-ready' | 'gone';
}

/** An edge, as it last reported itself. */
export interface NodeView {
  readonly node: string;
  /** The revision that it had applied. */
  readonly revision: number;
  /** As the edge reported them. */
  readonly listeners: unknown;
  readonly errors: unknown;
  /** Where clients reach it, as it says. */
  readonly publicAddresses: readonly string[];
  readonly startedAt: string;
  readonly reportedAt: string;
  /** Whether the report is fresh enough to count on. */
  readonly isLive: boolean;
}

/** Why a route is or is not live, in the order in which a change travels. */
export interface RouteReport {
  readonly route: RouteView;
  /** What the name's other routes on the listener ask for, null for the one that asks for nothing: it gets no client of theirs. */
  readonly otherAlpn: readonly (string | null)[];
  readonly isLive: boolean;
  readonly verdict: string;
  readonly steps: readonly RouteStep[];
}

/** One condition of being live; `detail` is a clause. */
export interface RouteStep {
  readonly step: string;
  readonly isOk: boolean;
  readonly detail: string;
}

/** What happened. */
export interface EventView {
  readonly seq: number;
  readonly recordedAt: string;
  readonly type: string;
  readonly stream: string;
  /** Counts from 1 within the stream. */
  readonly streamVersion: number;
  readonly actor: string;
  readonly reason: string | null;
  readonly idempotencyKey: string | null;
  /** What it says, for people. */
  readonly summary: string;
  /** As it was recorded, in the shape of its `schemaVersion`. */
  readonly payload: unknown;
  readonly schemaVersion: number;
}

/** Events, oldest first. */
export interface EventList {
  readonly events: readonly EventView[];
  /** Whether earlier ones match too. */
  readonly hasEarlier: boolean;
}

/** An event that stands aside, and why. */
export interface FailedEventView extends EventView {
  readonly error: string;
  readonly failedAt: string;
}

/** What came of an event that was tried again. */
export type RetriedEventView = { readonly seq: number; readonly stream: string } & (
  | { readonly outcome: 'projected'; readonly revision: number }
  /** A later event of its stream, which says what is true now, is projected: this one is given up. */
  | { readonly outcome: 'superseded'; readonly supersededBy: number }
  | { readonly outcome: 'failed'; readonly error: string }
);
