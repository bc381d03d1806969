import { isDeepStrictEqual } from 'node:util';
import type { Route } from '../../model/route.ts';
import { parseServiceKey, type Service, type ServiceKey, serviceKey } from '../../model/service.ts';
import type { ControlEvent } from '../events/event.ts';
import { conflict, type Decision, notFound, record, UNCHANGED } from './decision.ts';
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

/** Only where there is one, and something differs. */
export function decideUpdateRoute(present: Route | null, patch: RoutePatch): Decision {
  if (present === null) return noRoute(patch);
  const updated: Route = {
    ...present,
    service: patchService(present.service, patch.service),
    backendPort: patch.backendPort ?? present.backendPort,
    proxyProtocol: patch.proxyProtocol ?? present.proxyProtocol,
    redirectToHttps: patch.redirectToHttps ?? present.redirectToHttps,
  };
  if (isDeepStrictEqual(updated, present)) return UNCHANGED;
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

function patchService(present: ServiceKey, patch: RoutePatch['service']): ServiceKey {
  const service = parseServiceKey(present);
  if (service.kind === 'invalid') throw new Error(`the service key ${present} ${service.problem}`);
  const patched: Service = {
    org: patch.org ?? service.value.org,
    app: patch.app ?? service.value.app,
    env: patch.env ?? service.value.env,
    process: patch.process ?? service.value.process,
  };
  return serviceKey(patched);
}
