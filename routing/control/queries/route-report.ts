import type { NodeView, RouteReport, RouteStep, RouteView } from '../views.ts';

/** What is known around a route. */
export interface RouteFacts {
  readonly route: RouteView;
  /** What the other routes of its name on the listener ask for, null for the plain one. */
  readonly otherAlpn: RouteReport['otherAlpn'];
  /** The first and the others. */
  readonly backends: readonly BackendFacts[];
  /** Events of the route that are recorded and not projected. */
  readonly pendingEvents: number;
  /** Why an event of the route was set aside, the last of them first. */
  readonly failures: readonly string[];
  readonly nodes: readonly NodeView[];
}

/** A backend and the endpoints of its service. */
interface BackendFacts {
  readonly service: string;
  readonly backendPort: number;
  readonly weight: number;
  readonly endpoints: number;
  readonly readyEndpoints: number;
}

/** Says step by step, in the order in which a change travels, why a route is or is not live. */
export function reportRoute(facts: RouteFacts): RouteReport {
  const nodes = facts.nodes.filter((node) => node.isLive);
  const nodeSteps = nodes.map((node) => nodeStep(node, facts.route));
  const route = routeStep(facts);
  const services = serviceSteps(facts);
  const edges = nodes.length === 0 ? [NO_NODE] : nodeSteps;
  const steps = [route, ...services, ...edges];
  // One backend that takes connections is enough: it gets the share of those that cannot.
  const needed = isServed(facts) ? [route, ...edges] : steps;
  const live = nodeSteps.filter((step) => step.isOk).length;
  const verdict = verdictOf(needed, live, nodes.length);
  const isLive = needed.every((step) => step.isOk);
  const isPartial = isLive && services.some((step) => !step.isOk);
  return {
    route: facts.route,
    otherAlpn: facts.otherAlpn,
    isLive,
    verdict: isPartial
      ? `${verdict}; the backends that have a ready endpoint get the share of those without`
      : verdict,
    steps,
  };
}

function routeStep({ route, pendingEvents, failures }: RouteFacts): RouteStep {
  const exists = `it is there since ${route.createdAt}, at revision ${route.revision}`;
  const [failure] = failures;
  if (failure !== undefined) {
    return {
      step: 'route',
      isOk: false,
      detail: `${exists}; a later change could not be projected: ${failure}`,
    };
  }
  if (pendingEvents > 0) {
    return {
      step: 'route',
      isOk: false,
      detail: `${exists}; ${pendingEvents} later changes wait for the projector`,
    };
  }
  return { step: 'route', isOk: true, detail: exists };
}

function isServed({ route, backends }: RouteFacts): boolean {
  return (
    route.redirectToHttps || backends.some(({ weight, readyEndpoints }) => weight > 0 && readyEndpoints > 0)
  );
}

/** One for each backend. */
function serviceSteps({ route, backends }: RouteFacts): readonly RouteStep[] {
  const step = 'service';
  if (route.redirectToHttps) return [{ step, isOk: true, detail: 'none is needed: it redirects to https' }];
  const total = backends.reduce((sum, { weight }) => sum + weight, 0);
  return backends.map(({ service, backendPort, weight, endpoints, readyEndpoints }) => {
    const name =
      backends.length === 1 ? service : `${service} port ${backendPort}, weight ${weight} of ${total},`;
    if (weight === 0) return { step, isOk: true, detail: `${name} gets no connections` };
    if (endpoints === 0) {
      return {
        step,
        isOk: false,
        detail: `${name} has no endpoint; report one with \`weir endpoint report\``,
      };
    }
    const count = `${endpoints} ${endpoints === 1 ? 'endpoint' : 'endpoints'}`;
    return { step, isOk: readyEndpoints > 0, detail: `${name} has ${count}, ${readyEndpoints} ready` };
  });
}

function nodeStep(node: NodeView, route: RouteView): RouteStep {
  const step = `edge ${node.node}`;
  if (node.revision < route.revision) {
    return {
      step,
      isOk: false,
      detail: `has applied revision ${node.revision}, the route needs ${route.revision}`,
    };
  }
  const applied = `has applied revision ${node.revision}`;
  return isListening(node.listeners, route.listener)
    ? { step, isOk: true, detail: `${applied} and listens for ${route.listener}` }
    : { step, isOk: false, detail: `${applied}, but has no open ${route.listener} listener` };
}

const NO_NODE: RouteStep = { step: 'edges', isOk: false, detail: 'no edge has reported in the last 30 s' };

/** Listeners are what the edge says of itself: `peek` is what it looks for, `state` is `open` where it accepts. */
function isListening(listeners: unknown, listener: string): boolean {
  if (!Array.isArray(listeners)) return false;
  return listeners.some((each: unknown) => {
    if (typeof each !== 'object' || each === null) return false;
    const { peek, kind, state } = each as Readonly<Record<string, unknown>>;
    return (peek ?? kind) === listener && (state === undefined || state === 'open');
  });
}

function verdictOf(steps: readonly RouteStep[], liveNodes: number, nodes: number): string {
  const failed = steps.find((step) => !step.isOk);
  if (failed === undefined) return `live on ${nodes === 1 ? 'the only edge' : `all ${nodes} edges`}`;
  if (failed.step.startsWith('edge ') && liveNodes > 0) return `live on ${liveNodes} of ${nodes} edges`;
  return `not live: ${failed.step}: ${failed.detail}`;
}
