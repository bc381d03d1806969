import type { Condition, RouteStatus } from '../../../routing/manifest/gateway/status.ts';
import { paint } from '../output.ts';

/** How each Gateway, listener and route fared: a line with its conditions, and one for each that has something to say. */
export function statusLines(statuses: readonly RouteStatus[]): readonly string[] {
  return statuses.flatMap((status) => [
    `${subjectOf(status)}: ${status.conditions.map(conditionText).join(', ')}`,
    ...status.conditions.filter(isTelling).map(({ reason, message }) => `    ${reason}: ${message}`),
  ]);
}

/** `TLSRoute acme/www at Gateway infra/edge`. */
export function subjectOf({ kind, namespace, name, parent }: RouteStatus): string {
  if (kind === 'Gateway') return `Gateway ${namespace}/${name}`;
  return kind === 'Listener' ? `${parent}, listener ${name}` : `${kind} ${namespace}/${name} at ${parent}`;
}

function conditionText(condition: Condition): string {
  const text = `${condition.type}=${condition.status}`;
  return isGood(condition) ? text : paint(condition.type === 'Accepted' ? 'red' : 'yellow', text);
}

function isGood({ type, status }: Condition): boolean {
  return (status === 'True') === (type !== 'Conflicted');
}

/** `Programmed` has nothing that the others have not said. */
function isTelling(condition: Condition): boolean {
  if (condition.type === 'Programmed') return false;
  return condition.type === 'Accepted' || !isGood(condition);
}
