import type { Control } from '../control.ts';
import type { Statements } from '../database.ts';
import { routeStream } from '../events/event.ts';
import { loadStream } from '../events/event-log.ts';
import { decideCreateRoute, decideDeleteRoute, decideUpdateRoute, routeAfter } from './decide-route.ts';
import type { Decision } from './decision.ts';
import { parseRouteInput, parseRouteName, parseRouteUpdate, type RouteIdentity } from './parse-input.ts';
import type { Decided } from './run-command.ts';
import type { RunCommand } from './runner.ts';
import { routeViewOf } from './view-of-state.ts';

/** The commands on routes. */
export function routeCommands(run: RunCommand): Pick<Control, 'createRoute' | 'updateRoute' | 'deleteRoute'> {
  return {
    createRoute: (input, meta) =>
      run({
        name: 'create-route',
        input: parseRouteInput(input),
        meta,
        decide: (transaction, route) =>
          onRoute(transaction, route, (present) => decideCreateRoute(present, route)),
        view: routeViewOf,
      }),
    updateRoute: (input, meta) =>
      run({
        name: 'update-route',
        input: parseRouteUpdate(input),
        meta,
        decide: (transaction, patch) =>
          onRoute(transaction, patch, (present) => decideUpdateRoute(present, patch)),
        view: routeViewOf,
      }),
    deleteRoute: (input, meta) =>
      run({
        name: 'delete-route',
        input: parseRouteName(input),
        meta,
        decide: (transaction, identity) =>
          onRoute(transaction, identity, (present) => decideDeleteRoute(present, identity)),
        view: routeViewOf,
      }),
  };
}

async function onRoute(
  transaction: Statements,
  identity: RouteIdentity,
  decide: (present: ReturnType<typeof routeAfter>) => Decision,
): Promise<Decided> {
  const state = await loadStream(transaction, routeStream(identity));
  return { state, decision: decide(routeAfter(state?.last.event ?? null)) };
}
