import { isDeepStrictEqual } from 'node:util';
import { backendsProblem } from '../../model/backends.ts';
import type { Name } from '../../model/name.ts';
import { proxyTlvsProblem } from '../../model/proxy-tlv.ts';
import { type Route, type RoutePlace, routeKey } from '../../model/route.ts';
import { orgOf, parseServiceKey, type Service, type ServiceKey, serviceKey } from '../../model/service.ts';
import type { ControlEvent } from '../events/event.ts';
import {
  conflict,
  type Decision,
  invalidField,
  notFound,
  type Refusal,
  record,
  UNCHANGED,
} from './decision.ts';
import { backendsOf } from './parse-backends.ts';
import type { RoutePatch } from './parse-input.ts';

/** The route that is there after a stream's last event, null where there is none. */
export function routeAfter(last: ControlEvent | null): Route | null {
  if (last === null) return null;
  return last.type === 'route.created' || last.type === 'route.updated' ? last.payload : null;
}

/** Only where there is none. */
export function decideCreateRoute(present: Route | null, route: Route): Decision {
  if (present !== null) {
    return conflict(
      `${route.pattern} is already routed on the ${route.listener} listener${asking(route)}; update or delete it`,
    );
  }
  return record({ type: 'route.created', payload: route });
}

/** Makes it what is wanted, whatever is there. */
export function decidePutRoute(present: Route | null, route: Route): Decision {
  if (present === null) return record({ type: 'route.created', payload: route });
  return isDeepStrictEqual(present, route) ? UNCHANGED : record({ type: 'route.updated', payload: route });
}

/** Only where something differs. */
export function decideUpdateRoute(present: Route, patch: RoutePatch): Decision {
  const org = orgOf(present.service);
  if (patch.service.org !== null && patch.service.org !== org) return movedTo(patch.service.org, present);
  const proxyProtocol = patch.proxyProtocol ?? present.proxyProtocol;
  const service = patchService(present.service, patch.service);
  const updated: Route = {
    ...present,
    service: serviceKey(service),
    backendPort: patch.backendPort ?? present.backendPort,
    weight: patch.weight ?? present.weight,
    others: patch.others === null ? present.others : backendsOf(org, patch.others),
    proxyProtocol,
    proxyTlvs: patch.proxyTlvs ?? (proxyProtocol === 'none' ? [] : present.proxyTlvs),
    redirectToHttps: patch.redirectToHttps ?? present.redirectToHttps,
  };
  if (isDeepStrictEqual(updated, present)) return UNCHANGED;
  const problem = backendsProblem(updated) ?? proxyTlvsProblem(updated);
  if (problem !== null) return invalidField(problem.field, problem.problem);
  return record({ type: 'route.updated', payload: updated });
}

/** The route is not there; `ofName` are those of its name, one of which may have been meant. */
export function refusalOfNoRoute(place: RoutePlace, ofName: readonly Route[]): Refusal {
  const { pattern, listener, alpn } = place;
  const others = alpnOfOthers(place, ofName);
  const what = `there is no route for ${pattern} on the ${listener} listener`;
  if (others.length === 0) return notFound(`${what}${asking(place)}`);
  const named = others.map((each) => (each === null ? 'without a protocol' : `with --alpn ${each}`));
  const which = alpn === null ? ' that asks for no ALPN protocol' : asking(place);
  const count = others.length === 1 ? 'there is one' : `there are ${others.length}`;
  return notFound(`${what}${which}; ${count}: ${named.join(', ')}`);
}

/** What the other routes ask for that a name has on the same listener, null for the plain one, which comes first. */
export function alpnOfOthers(place: RoutePlace, ofName: readonly Route[]): readonly (string | null)[] {
  const others = ofName.filter(
    (route) => route.listener === place.listener && routeKey(route) !== routeKey(place),
  );
  return others.map(({ alpn }) => alpn).toSorted((one, other) => ((one ?? '') < (other ?? '') ? -1 : 1));
}

function asking({ alpn }: RoutePlace): string {
  return alpn === null ? '' : ` for clients that offer the ALPN protocol ${alpn}`;
}

function patchService(present: ServiceKey, patch: RoutePatch['service']): Service {
  const { org, app, env, process } = namesOf(present);
  return {
    org: patch.org ?? org,
    app: patch.app ?? app,
    env: patch.env ?? env,
    process: patch.process ?? process,
  };
}

/** Its name is held by its org, which another one could not get while it is routed. */
function movedTo(org: Name, present: Route): Decision {
  return conflict(
    `the route for ${present.pattern} is the org ${orgOf(present.service)}'s, and a route stays with its org; delete it, and create it for ${org}`,
  );
}

function namesOf(key: ServiceKey): Service {
  const service = parseServiceKey(key);
  if (service.kind === 'invalid') throw new Error(`the service key ${key} ${service.problem}`);
  return service.value;
}
