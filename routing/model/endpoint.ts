import type { Address } from './address.ts';
import type { Name } from './name.ts';
import type { ServiceKey } from './service.ts';

/** What the control plane last reported of an instance; `gone` removes it. */
export const ENDPOINT_STATES = ['ready', 'not-ready', 'gone'] as const;
export type EndpointState = (typeof ENDPOINT_STATES)[number];

/** One instance's address for a service. The port comes from the route. */
export interface Endpoint {
  readonly service: ServiceKey;
  readonly instance: Name;
  readonly address: Address;
  readonly isReady: boolean;
}

/** `org/app/env/process/instance`. */
export function endpointKey(endpoint: { readonly service: ServiceKey; readonly instance: Name }): string {
  return `${endpoint.service}/${endpoint.instance}`;
}
