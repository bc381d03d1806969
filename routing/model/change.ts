import type { Endpoint } from './endpoint.ts';
import type { Revision } from './revision.ts';
import type { PortBinding, Route } from './route.ts';

/**
 * One row of the projections as an edge takes it: the whole value, or null where it is gone.
 *
 * `key` names the row within its kind (`routeKey`, `portKey`, `endpointKey`). Changes are idempotent, and applying a
 * row's later change after an earlier one gives the same as applying the later one alone.
 */
export type Change =
  | ChangeOf<'route', Route>
  | ChangeOf<'port', PortBinding>
  | ChangeOf<'endpoint', Endpoint>;

interface ChangeOf<Kind extends string, Value> {
  readonly kind: Kind;
  readonly revision: Revision;
  readonly key: string;
  readonly value: Value | null;
}
