import { routeKey } from '../../model/route.ts';
import { notFound } from '../commands/decision.ts';
import { parseRouteName } from '../commands/parse-input.ts';
import type { CommandResult } from '../control.ts';
import type { Statements } from '../database.ts';
import type { RouteName } from '../inputs.ts';
import type { RouteReport } from '../views.ts';
import { findRoute } from './lists.ts';
import { loadRouteFacts } from './route-facts.ts';
import { reportRoute } from './route-report.ts';

/** Why a route is or is not live. */
export async function showRoute(database: Statements, input: RouteName): Promise<CommandResult<RouteReport>> {
  const identity = parseRouteName(input);
  if (identity.kind === 'invalid') return identity;
  const route = await findRoute(database, routeKey(identity.value));
  if (route === null) {
    const { pattern, listener } = identity.value;
    return notFound(`there is no route for ${pattern} on the ${listener} listener`);
  }
  return { kind: 'ok', value: reportRoute(await loadRouteFacts(database, route)), isReplay: false };
}
