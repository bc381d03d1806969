import { isDeepStrictEqual } from 'node:util';
import { formatDuration } from '../../../config/duration.ts';
import type { ApplyChange } from '../../../routing/control/views.ts';
import { proxyText } from '../../../routing/model/proxy-tlv.ts';
import { isRecord } from '../../../routing/model/shape.ts';
import { backendsText } from '../backends-text.ts';
import { paint } from '../output.ts';

/** What an apply does, one line each, but for what stays as it is. */
export function changeLines(changes: readonly ApplyChange[]): readonly string[] {
  return changes.flatMap((change) => {
    switch (change.action) {
      case 'create':
        return [paint('green', `+ ${wholeText(change, change.after)}`)];
      case 'delete':
        return [paint('red', `- ${wholeText(change, change.before)}`)];
      case 'update':
        return [paint('yellow', `~ ${subject(change)}: ${differences(change).join(', ')}`)];
      case 'unchanged':
        return [];
      default:
        return change.action satisfies never;
    }
  });
}

/** `3 created, 1 deleted, 12 unchanged`. */
export function countText(changes: readonly ApplyChange[]): string {
  const counts = [
    ['created', 'create'],
    ['updated', 'update'],
    ['deleted', 'delete'],
    ['unchanged', 'unchanged'],
  ].map(([word, action]) => ({ word, count: changes.filter((each) => each.action === action).length }));
  return counts
    .filter(({ count }) => count > 0)
    .map(({ word, count }) => `${count} ${word}`)
    .join(', ');
}

/** A thing's state in the words of the log. */
type State = Readonly<Record<string, unknown>>;

/** `route tls www.example.com → acme/shop/production/web port 8443`. */
function wholeText(change: ApplyChange, state: State | null): string {
  if (state === null) return subject(change);
  switch (change.kind) {
    case 'route':
    case 'port':
      return `${subject(change)} → ${[targetText(state), ...traits(state)].join(', ')}`;
    case 'endpoint':
      return `${subject(change)} → ${state['address']}, ${state['state']}`;
    case 'domain':
      return `${subject(change)}: ${claimText(state)}`;
    case 'address':
      return subject(change);
    case 'policy':
    case 'port-pool':
    case 'address-pool':
      return `${subject(change)}: ${policyText(state)}`;
    default:
      return change.kind satisfies never;
  }
}

function subject({ kind, name, before, after }: ApplyChange): string {
  const state = after ?? before ?? {};
  switch (kind) {
    case 'port': {
      const address = typeof state['address'] === 'string' ? ` of ${state['address']}` : '';
      return `port ${state['port'] ?? name}${address}`;
    }
    case 'address':
      return `address ${name} of ${state['org']}`;
    case 'policy':
      return typeof state['org'] === 'string' ? `policy of ${state['org']}` : 'policy of all orgs';
    case 'port-pool':
      return 'port pool';
    case 'address-pool':
      return 'address pool';
    default:
      return `${kind} ${name}`;
  }
}

function differences({ before, after }: ApplyChange): readonly string[] {
  if (before === null || after === null) return [];
  const texts = isShared(before) || isShared(after) ? [sharesText(before, after)] : [];
  const rest = Object.keys(after).filter((key) => texts.length === 0 || !TARGET.has(key));
  const others = rest
    .filter((key) => !isDeepStrictEqual(before[key], after[key]))
    .map((key) =>
      key === 'token' ? 'token changed' : `${key}: ${shown(key, before[key])} → ${shown(key, after[key])}`,
    );
  return [...texts.flat(), ...others];
}

/** What says together where connections go. */
const TARGET: ReadonlySet<string> = new Set(['service', 'backendPort', 'weight', 'others']);

function isShared({ others }: State): boolean {
  return Array.isArray(others) && others.length > 0;
}

function sharesText(before: State, after: State): readonly string[] {
  const [from, to] = [targetText(before), targetText(after)];
  return from === to ? [] : [`backends: ${from} → ${to}`];
}

function targetText(state: State): string {
  const others = Array.isArray(state['others']) ? state['others'].filter(isRecord).map(backend) : [];
  return backendsText({ ...backend(state), others });
}

function backend({ service, backendPort, weight }: State) {
  const [org = '', app = '', env = '', process = ''] = String(service).split('/');
  return { org, app, env, process, backendPort: Number(backendPort), weight: Number(weight) };
}

function traits({ proxyProtocol, proxyTlvs, redirectToHttps }: State): readonly string[] {
  const tlvs = Array.isArray(proxyTlvs) ? proxyTlvs.map(String) : [];
  const proxy =
    proxyProtocol === 'none' ? [] : [proxyText({ proxyProtocol: String(proxyProtocol), proxyTlvs: tlvs })];
  return redirectToHttps === true ? [...proxy, 'redirects to https'] : proxy;
}

function claimText({ proof, isPlatform }: State): string {
  if (proof === 'none') return 'claimed, to be proved';
  const held = proof === 'dns' ? 'held, proved by its record' : 'held, vouched for by the operator';
  return isPlatform === true ? `${held}; open to all orgs` : held;
}

function policyText(state: State): string {
  if ('first' in state) return `${state['first']}-${state['last']}`;
  if ('ranges' in state) return shown('ranges', state['ranges']);
  const parts = Object.entries(state).filter(([key]) => key !== 'org');
  return parts.map(([key, value]) => `${key} ${shown(key, value)}`).join(', ');
}

function shown(key: string, value: unknown): string {
  if (key === 'coolDownMs' && typeof value === 'number') return formatDuration(value);
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(rangeShown).join(', ');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return value === null ? 'none' : String(value);
}

function rangeShown(range: unknown): string {
  if (!isRecord(range)) return String(range);
  const { first, last } = range;
  return first === last ? String(first) : `${first}-${last}`;
}
