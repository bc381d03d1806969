import type {
  AddressInput,
  AddressPoolInput,
  DomainClaimInput,
  EndpointInput,
  PolicyInput,
  PortInput,
  PortPoolInput,
  RouteInput,
} from './inputs.ts';

/** One thing that is to be so, in the terms of the commands that would make it so. */
export type Wanted =
  | WantedOf<'policy', PolicyInput>
  | WantedOf<'port-pool', PortPoolInput>
  | WantedOf<'address-pool', AddressPoolInput>
  | WantedOf<'domain', DomainInput>
  | WantedOf<'address', AddressInput & { readonly address: string }>
  | WantedOf<'route', RouteInput>
  /** Without a `port`: any one of the pool that goes to this service and backend port, the same each time. */
  | WantedOf<'port', PortInput>
  | WantedOf<'endpoint', EndpointInput>;

/** What can be wanted. */
export type WantedKind = Wanted['kind'];

/** A domain that is to be claimed, and how it was proved where it is restored from an export. */
interface DomainInput extends Omit<DomainClaimInput, 'isTrusted'> {
  /** The claim's token; absent: a new one, or the one that it has. */
  readonly token?: string | undefined;
  /** `none`, `dns` or `trusted`; what it is not yet only where the apply is trusted. Absent: as it is, `none` at first. */
  readonly proof?: string | undefined;
}

interface WantedOf<Kind extends string, Input> {
  readonly kind: Kind;
  readonly input: Input;
}
