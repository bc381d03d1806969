import type { Listener } from './judge-gateway.ts';
import type { LabelSelector } from './kubernetes-schema.ts';
import type { GatewayRoute } from './read-resources.ts';

/** The labels of each namespace that a document describes. */
export type NamespaceLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** The label that Kubernetes itself puts on every namespace. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Says why a listener does not let a route of its kind and namespace attach; null where it does. */
export function whyNotAllowed(
  listener: Listener,
  { kind, namespace }: GatewayRoute,
  labels: NamespaceLabels,
): string | null {
  if (!listener.kinds.includes(kind)) {
    const allowed =
      listener.kinds.length === 0 ? 'no kind of route that weir has' : listener.kinds.join(', ');
    return `takes ${allowed}`;
  }
  const { from = 'Same', selector } = listener.allowedRoutes.namespaces ?? {};
  switch (from) {
    case 'All':
      return null;
    case 'Same':
      return namespace === listener.gateway.namespace
        ? null
        : `takes routes of its own namespace ${listener.gateway.namespace} alone`;
    case 'Selector': {
      if (selector !== undefined && matches(selector, { ...labels.get(namespace), [NAME_LABEL]: namespace }))
        return null;
      return labels.has(namespace)
        ? `does not select the labels of namespace ${namespace}`
        : `does not select namespace ${namespace}, of which only the name is known; apply its Namespace document too`;
    }
    default:
      return from satisfies never;
  }
}

function matches(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(selector.matchLabels ?? {}).every(
    ([key, value]) => labelOf(labels, key) === value,
  );
  return equal && (selector.matchExpressions ?? []).every((expression) => holds(expression, labels));
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number];

/** A label that is not there is in no list (Kubernetes, set-based requirements). */
function holds(
  { key, operator, values = [] }: Expression,
  labels: Readonly<Record<string, string>>,
): boolean {
  const value = labelOf(labels, key);
  switch (operator) {
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    default:
      return operator satisfies never;
  }
}

function labelOf(labels: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}
