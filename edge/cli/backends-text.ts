import type { BackendView } from '../../routing/control/views.ts';
import { serviceText } from './service-text.ts';

interface Backends extends BackendView {
  readonly org: string;
  readonly others: readonly BackendView[];
}

/** `acme/shop/production/web port 8443`, or with several `acme/shop/production/web:8443 95%, …/canary 5%`. */
export function backendsText(target: Backends): string {
  return target.others.length === 0
    ? `${serviceText(target)} port ${target.backendPort}`
    : sharesText(target);
}

/** The same beside a column that has the port: a single one is its service alone. */
export function servicesText(target: Backends): string {
  return target.others.length === 0 ? serviceText(target) : sharesText(target);
}

/** Of the others only what differs from the first. */
function sharesText(first: Backends): string {
  const total = first.others.reduce((sum, { weight }) => sum + weight, first.weight);
  const others = first.others.map((other) => {
    const port = other.backendPort === first.backendPort ? '' : `:${other.backendPort}`;
    return `${differingNames(other, first)}${port} ${percent(other.weight, total)}`;
  });
  return [`${serviceText(first)}:${first.backendPort} ${percent(first.weight, total)}`, ...others].join(', ');
}

function differingNames(other: BackendView, first: BackendView): string {
  if (other.app !== first.app) return `…/${other.app}/${other.env}/${other.process}`;
  if (other.env !== first.env) return `…/${other.env}/${other.process}`;
  return other.process === first.process ? '…' : `…/${other.process}`;
}

function percent(weight: number, total: number): string {
  const share = (100 * weight) / total;
  return share > 0 && share < 0.01 ? '<0.01%' : `${Number(share.toFixed(2))}%`;
}
