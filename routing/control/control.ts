import type {
  EndpointFilter,
  EndpointInput,
  EventFilterInput,
  PortInput,
  PortPoolInput,
  RouteInput,
  RouteName,
  RouteUpdate,
} from './inputs.ts';
import type {
  EndpointView,
  EventList,
  FailedEventView,
  NodeView,
  PortPoolView,
  PortView,
  RetriedEventView,
  RouteReport,
  RouteView,
} from './views.ts';

/** Who asks, and why. */
export interface CommandMeta {
  readonly actor: string;
  readonly reason?: string | undefined;
  /** The same command with the same key is carried out once, and answered alike for ever. */
  readonly idempotencyKey?: string | undefined;
}

/** What a command answers. Nothing was recorded unless it is `ok`. */
export type CommandResult<T> =
  | { readonly kind: 'ok'; readonly value: T; readonly isReplay: boolean }
  | { readonly kind: 'not-found'; readonly message: string }
  | { readonly kind: 'conflict'; readonly message: string }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] };

/** `problem` is a clause that goes after the field's name. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

/**
 * The control plane's commands and questions.
 *
 * Every method rejects with a `DatabaseError` where the database fails. A command that has answered `ok` is projected:
 * what is asked afterwards shows it. Whoever opens a `Control` closes it.
 */
export interface Control {
  createRoute(input: RouteInput, meta: CommandMeta): Promise<CommandResult<RouteView>>;
  updateRoute(input: RouteUpdate, meta: CommandMeta): Promise<CommandResult<RouteView>>;
  /** Answers with the route as it was. */
  deleteRoute(input: RouteName, meta: CommandMeta): Promise<CommandResult<RouteView>>;
  listRoutes(filter: {
    readonly org?: string | undefined;
    readonly listener?: string | undefined;
  }): Promise<readonly RouteView[]>;
  showRoute(input: RouteName): Promise<CommandResult<RouteReport>>;

  allocatePort(input: PortInput, meta: CommandMeta): Promise<CommandResult<PortView>>;
  /** Answers with the port as it was. */
  releasePort(input: { readonly port: string | number }, meta: CommandMeta): Promise<CommandResult<PortView>>;
  listPorts(filter: { readonly org?: string | undefined }): Promise<readonly PortView[]>;
  definePortPool(input: PortPoolInput, meta: CommandMeta): Promise<CommandResult<PortPoolView>>;

  reportEndpoint(input: EndpointInput, meta: CommandMeta): Promise<CommandResult<EndpointView>>;
  listEndpoints(filter: EndpointFilter): Promise<readonly EndpointView[]>;

  /** What was recorded, oldest first: the last events that the filter lets through. */
  listEvents(filter: EventFilterInput): Promise<CommandResult<EventList>>;
  /** The events that could not be projected. */
  listFailedEvents(): Promise<readonly FailedEventView[]>;
  /** Projects events that were set aside, `all` of them or these. Names of which one is not set aside change nothing. */
  retryEvents(
    seqs: readonly (string | number)[] | 'all',
  ): Promise<CommandResult<readonly RetriedEventView[]>>;

  listNodes(): Promise<readonly NodeView[]>;
  close(): Promise<void>;
}
