import type { Change } from '../../routing/model/change.ts';
import type { ListenerFacts } from '../connection/facts.ts';
import type { Engine, EngineLimits } from '../engine/contract.ts';
import { type CounterSnapshot, isCounterSnapshot } from '../observe/counters.ts';
import type { LogSettings } from '../observe/log.ts';

/** What a worker is started with; it comes in its environment, as JSON. */
export interface WorkerSettings {
  readonly node: string;
  readonly engine: Engine['name'];
  /** The names of all listeners in the configuration: the rows of the counters. */
  readonly listeners: readonly string[];
  readonly limits: EngineLimits;
  readonly timeouts: { readonly dialMs: number; readonly idleMs: number; readonly halfClosedMs: number };
  readonly log: LogSettings & { readonly access: boolean; readonly ja4: boolean };
  /** How long live connections may go on once the worker was told to leave. */
  readonly drainMs: number;
}

export const WORKER_SETTINGS_VARIABLE = 'WEIR_WORKER_SETTINGS';

/** Primary → worker, in order. `listen` comes with the socket. */
export type ToWorker =
  | { readonly kind: 'table'; readonly changes: readonly Change[] }
  /** All changes up to here have been sent. */
  | { readonly kind: 'settled'; readonly revision: number }
  | { readonly kind: 'listen'; readonly id: number; readonly listener: ListenerFacts }
  | { readonly kind: 'unlisten'; readonly id: number }
  | { readonly kind: 'drain' };

/** Worker → primary, in order. */
export type FromWorker =
  /** It takes messages from now on. */
  | { readonly kind: 'started' }
  | { readonly kind: 'applied'; readonly revision: number }
  | { readonly kind: 'listening'; readonly id: number }
  | { readonly kind: 'listen-failed'; readonly id: number; readonly code: string }
  /** About once a second, also as a sign of life. */
  | WorkerReport
  | { readonly kind: 'problem'; readonly code: string; readonly message: string };

interface WorkerReport {
  readonly kind: 'report';
  readonly counters: CounterSnapshot;
  readonly liveConnections: number;
  readonly droppedLogLines: number;
}

export const REPORT_INTERVAL_MS = 1000;

/** Decodes what a worker sent; null for what no worker of this version would say. */
export function decodeFromWorker(message: unknown, listeners: number): FromWorker | null {
  if (typeof message !== 'object' || message === null) return null;
  const fields: Readonly<Record<string, unknown>> = { ...message };
  switch (fields['kind']) {
    case 'started':
      return { kind: 'started' };
    case 'applied':
      return isCount(fields['revision']) ? { kind: 'applied', revision: fields['revision'] } : null;
    case 'listening':
      return isCount(fields['id']) ? { kind: 'listening', id: fields['id'] } : null;
    case 'listen-failed':
      return isCount(fields['id']) && typeof fields['code'] === 'string'
        ? { kind: 'listen-failed', id: fields['id'], code: fields['code'] }
        : null;
    case 'report': {
      const { counters, liveConnections, droppedLogLines } = fields;
      if (!isCounterSnapshot(counters, listeners) || !isCount(liveConnections) || !isCount(droppedLogLines))
        return null;
      return { kind: 'report', counters, liveConnections, droppedLogLines };
    }
    case 'problem':
      return typeof fields['code'] === 'string' && typeof fields['message'] === 'string'
        ? { kind: 'problem', code: fields['code'], message: fields['message'] }
        : null;
    default:
      return null;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
