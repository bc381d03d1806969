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

/** A hostname's binding. */
export interface RouteView extends View, ServiceView {
  readonly hostname: string;
  readonly listener: 'tls' | 'http';
  readonly backendPort: number;
  readonly proxyProtocol: 'none' | 'v2';
  readonly redirectToHttps: boolean;
  readonly createdAt: string;
}

/** A raw TCP port's binding. */
export interface PortView extends View, ServiceView {
  readonly port: number;
  readonly backendPort: number;
  readonly proxyProtocol: 'none' | 'v2';
  readonly createdAt: string;
}

/** The raw TCP ports that may be allocated, both ends included. */
export interface PortPoolView extends View {
  readonly first: number;
  readonly last: number;
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
  readonly startedAt: string;
  readonly reportedAt: string;
  /** Whether the report is fresh enough to count on. */
  readonly isLive: boolean;
}

/** Why a route is or is not live, in the order in which a change travels. */
export interface RouteReport {
  readonly route: RouteView;
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
