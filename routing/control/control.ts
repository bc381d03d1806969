import type {
  AddressInput,
  AddressPoolInput,
  DomainClaimInput,
  DomainName,
  EndpointFilter,
  EndpointInput,
  EventFilterInput,
  PolicyInput,
  PortInput,
  PortName,
  PortPoolInput,
  RouteInput,
  RouteName,
  RouteUpdate,
} from './inputs.ts';
import type {
  AddressPoolView,
  AddressView,
  AppliedView,
  ApplyChange,
  DomainView,
  EndpointView,
  EventList,
  FailedEventView,
  NodeView,
  PolicyView,
  PoolsView,
  PortPoolView,
  PortView,
  RetriedEventView,
  RouteReport,
  RouteView,
  StateView,
} from './views.ts';
import type { Wanted, WantedKind } from './wanted.ts';

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
  /** It is nobody else's, but this org may not: it has not proved the domain, or its quota is used up. */
  | { readonly kind: 'not-allowed'; readonly message: string }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] };

/** `problem` is a clause that goes after the field's name. */
export interface FieldProblem {
  readonly field: string;
  readonly problem: string;
}

/** How an apply is meant. */
export interface ApplyOptions {
  /** Takes away what of this org's routes and ports is not wanted; its domains, addresses and endpoints where some are. */
  readonly isPruning?: boolean | undefined;
  /** Required where it prunes. */
  readonly org?: string | undefined;
  /** The operator vouches for the domains, and may define pools and policies also where an org is named. */
  readonly isTrusted?: boolean | undefined;
  /** Decides everything and leaves nothing behind. */
  readonly isDryRun?: boolean | undefined;
  /** Is told what will be different, before it is; again where somebody else's change came in between. */
  readonly onPlan?: ((changes: readonly ApplyChange[]) => void) | undefined;
}

/** What came of an apply. */
export type ApplyResult =
  | { readonly kind: 'ok'; readonly value: AppliedView }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] }
  | { readonly kind: 'refused'; readonly refusals: readonly ApplyRefusal[] };

/** A thing that cannot be made so, and why. */
export interface ApplyRefusal {
  /** Which of the wanted things; null for what was to be taken away. */
  readonly index: number | null;
  readonly thing: WantedKind;
  readonly name: string;
  readonly result: Exclude<CommandResult<never>, { readonly kind: 'ok' }>;
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
    /** Only those that ask for this protocol. */
    readonly alpn?: string | undefined;
  }): Promise<readonly RouteView[]>;
  showRoute(input: RouteName): Promise<CommandResult<RouteReport>>;

  allocatePort(input: PortInput, meta: CommandMeta): Promise<CommandResult<PortView>>;
  /** Answers with the port as it was. */
  releasePort(input: PortName, meta: CommandMeta): Promise<CommandResult<PortView>>;
  listPorts(filter: {
    readonly org?: string | undefined;
    /** A dedicated one. */
    readonly address?: string | undefined;
  }): Promise<readonly PortView[]>;
  definePortPool(input: PortPoolInput, meta: CommandMeta): Promise<CommandResult<PortPoolView>>;

  /** Answers with the record to publish, or with what is held already. */
  claimDomain(input: DomainClaimInput, meta: CommandMeta): Promise<CommandResult<DomainView>>;
  /** Asks the DNS for the record. */
  verifyDomain(input: DomainName, meta: CommandMeta): Promise<CommandResult<DomainView>>;
  releaseDomain(input: DomainName, meta: CommandMeta): Promise<CommandResult<DomainView>>;
  listDomains(filter: { readonly org?: string | undefined }): Promise<readonly DomainView[]>;

  allocateAddress(input: AddressInput, meta: CommandMeta): Promise<CommandResult<AddressView>>;
  releaseAddress(input: { readonly address: string }, meta: CommandMeta): Promise<CommandResult<AddressView>>;
  listAddresses(filter: { readonly org?: string | undefined }): Promise<readonly AddressView[]>;
  defineAddressPool(input: AddressPoolInput, meta: CommandMeta): Promise<CommandResult<AddressPoolView>>;

  showPools(): Promise<PoolsView>;

  definePolicy(input: PolicyInput, meta: CommandMeta): Promise<CommandResult<PolicyView>>;
  /** That of all orgs first, also where nobody has defined it; then those of single orgs. */
  listPolicies(filter: { readonly org?: string | undefined }): Promise<readonly PolicyView[]>;

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

  /**
   * Makes all of this so, and with `isPruning` nothing else, in one transaction: all of it or, where one thing is
   * refused, nothing.
   */
  apply(wanted: readonly Wanted[], options: ApplyOptions, meta: CommandMeta): Promise<ApplyResult>;
  /** What there is, of all orgs or of one, at one moment. */
  readState(filter: { readonly org?: string | undefined }): Promise<StateView>;

  listNodes(): Promise<readonly NodeView[]>;
  close(): Promise<void>;
}
