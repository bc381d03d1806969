import type { ListenerSpec } from './gateway-schema.ts';
import { ANY_HOST } from './hostname-intersection.ts';
import type { Refusal } from './status.ts';

/** With which other listener of its Gateway a listener cannot be told apart. */
export interface Conflict extends Refusal {
  /** Why it is not accepted, in the reason that the standard's conformance tests expect. */
  readonly refusal: Refusal;
}

/**
 * Finds for each listener of one Gateway what it conflicts with; null where nothing.
 *
 * Listeners on one port need one protocol and one TLS mode, and a hostname each; of those that conflict none is
 * accepted, whichever came first (Gateway API, "Handling indistinct Listeners"; GEP-2643, "Conflict management"). UDP
 * is apart from the rest, since its ports are others.
 */
export function listenerConflicts(listeners: readonly ListenerSpec[]): readonly (Conflict | null)[] {
  return listeners.map((listener) => {
    const others = listeners.filter((other) => other !== listener && isSamePort(listener, other));
    return (
      protocolConflict(listener, others) ??
      modeConflict(listener, others) ??
      hostnameConflict(listener, others)
    );
  });
}

function protocolConflict(listener: ListenerSpec, others: readonly ListenerSpec[]): Conflict | null {
  const other = others.find((one) => protocolOf(one) !== protocolOf(listener));
  if (other === undefined) return null;
  const message = `port ${listener.port} has ${protocolOf(other)} too, by listener ${other.name}`;
  return { reason: 'ProtocolConflict', message, refusal: { reason: 'Invalid', message } };
}

function modeConflict(listener: ListenerSpec, others: readonly ListenerSpec[]): Conflict | null {
  if (protocolOf(listener) !== 'TLS') return null;
  const other = others.find((one) => modeOf(one) !== modeOf(listener));
  if (other === undefined) return null;
  const message = `port ${listener.port} has tls.mode ${modeOf(other)} too, by listener ${other.name}`;
  return { reason: 'ProtocolConflict', message, refusal: { reason: 'ProtocolConflict', message } };
}

function hostnameConflict(listener: ListenerSpec, others: readonly ListenerSpec[]): Conflict | null {
  const other = others.find((one) => hostnameOf(one) === hostnameOf(listener));
  if (other === undefined) return null;
  const message =
    hostnameOf(listener) === ANY_HOST
      ? `port ${listener.port} is listener ${other.name}'s too, and neither has a hostname`
      : `port ${listener.port} with ${hostnameOf(listener)} is listener ${other.name}'s too`;
  return { reason: 'HostnameConflict', message, refusal: { reason: 'HostnameConflict', message } };
}

function isSamePort(one: ListenerSpec, other: ListenerSpec): boolean {
  return one.port === other.port && (protocolOf(one) === 'UDP') === (protocolOf(other) === 'UDP');
}

function protocolOf({ protocol }: ListenerSpec): string {
  return protocol.toUpperCase();
}

function modeOf({ tls }: ListenerSpec): string {
  return tls?.mode ?? 'Terminate';
}

function hostnameOf({ hostname }: ListenerSpec): string {
  return hostname ?? ANY_HOST;
}
