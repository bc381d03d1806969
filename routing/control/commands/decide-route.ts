import { isDeepStrictEqual } from 'node:util';
import { backendsProblem } from '../../model/backends.ts';
import type { Name } from '../../model/name.ts';
import { proxyTlvsProblem } from '../../model/proxy-tlv.ts';
import type { Route } from '../../model/route.ts';
import { orgOf, parseServiceKey, type Service, type ServiceKey, serviceKey } from '../../model/service.ts';
import type { ControlEvent } from '../events/event.ts';
import { conflict, type Decision, invalidField, notFound, record, UNCHANGED } from './decision.ts';
import { backendsOf } from './parse-backends.ts';
import type { RouteIdentity, RoutePatch } from './parse-input.ts';

/** The route that is there after a stream's last event, null where there is none. */
export function routeAfter(last: ControlEvent | null): Route | null {
  if (last === null) return null;
  return last.type === 'route.created' || last.type === 'route.updated' ? last.payload : null;
}

/** Only where there is none. */
export function decideCreateRoute(present: Route | null, route: Route): Decision {
  if (present !== null) {
    return conflict(
      `${route.pattern} is already routed on the ${route.listener} listener; update or delete it`,
    );
  }
  return record({ type: 'route.created', payload: route });
}

/** Makes it what is wanted, whatever is there. */
export function decidePutRoute(present: Route | null, route: Route): Decision {
  if (present === null) return record({ type: 'route.created', payload: route });
  return isDeepStrictEqual(present, route) ? UNCHANGED : record({ type: 'route.updated', payload: route });
}

/** Only where there is one, and something differs. */
export function decideUpdateRoute(present: Route | null, patch: RoutePatch): Decision {
  if (present === null) return noRoute(patch);
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

/** Only where there is one. */
export function decideDeleteRoute(present: Route | null, identity: RouteIdentity): Decision {
  if (present === null) return noRoute(identity);
  return record({ type: 'route.deleted', payload: present });
}

function noRoute({ pattern, listener }: RouteIdentity): Decision {
  return notFound(`there is no route for ${pattern} on the ${listener} listener`);
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
