import { routeKey } from '../../model/route.ts';
import { alpnOfOthers, refusalOfNoRoute } from '../commands/decide-route.ts';
import { parseRouteName } from '../commands/parse-input.ts';
import type { CommandResult } from '../control.ts';
import type { Statements } from '../database.ts';
import { routeStream } from '../events/event.ts';
import type { RouteName } from '../inputs.ts';
import { loadRoutesOf } from '../ownership/routes-within.ts';
import type { RouteReport } from '../views.ts';
import { findRoute } from './lists.ts';
import { loadRouteFacts } from './route-facts.ts';
import { reportRoute } from './route-report.ts';

/** Why a route is or is not live. */
export async function showRoute(database: Statements, input: RouteName): Promise<CommandResult<RouteReport>> {
  const parsed = parseRouteName(input);
  if (parsed.kind === 'invalid') return parsed;
  const place = parsed.value;
  const [route, ofName] = await Promise.all([
    findRoute(database, routeKey(place)),
    loadRoutesOf(database, place.pattern),
  ]);
  if (route === null) return refusalOfNoRoute(place, ofName);
  const around = { stream: routeStream(place), otherAlpn: alpnOfOthers(place, ofName) };
  const facts = await loadRouteFacts(database, route, around);
  return { kind: 'ok', value: reportRoute(facts), isReplay: false };
}
