import type { Probe } from '../load/probe.ts';
import { connectionKey } from '../measure/access-log.ts';
import { liveOnAll } from '../measure/liveness.ts';
import { Recorder, type Series } from '../measurement.ts';

/** A change, and what probes saw of it. Times are of `performance.now()`. */
export interface ObservedChange {
  /** The name, or `port/N`. */
  readonly asked: string;
  readonly command: CommandTimes;
  readonly probes: readonly Probe[];
}

/** The moments of one command. */
export interface CommandTimes {
  readonly calledAt: number;
  /** When its event was written, at the end of the transaction that was then committed: to the millisecond. */
  readonly recordedAt: number;
  readonly doneAt: number;
}

/** A port that was opened and closed again. */
export interface ObservedPort extends ObservedChange {
  /** From the call of the release to the first of the lasting refusals. */
  readonly goneMs: number;
}

interface Observations {
  readonly names: readonly ObservedChange[];
  readonly ports: readonly ObservedPort[];
  /** Process numbers. */
  readonly workers: readonly number[];
  /** By `connectionKey`. */
  readonly workerOfKey: ReadonlyMap<string, number>;
}

interface Summary {
  readonly series: readonly Series[];
  readonly unseen: number;
}

/** From each moment of a command to its change being live, in milliseconds. */
interface Latencies {
  readonly afterCommit: number;
  readonly afterCall: number;
  readonly afterAnswer: number;
}

const WEIR = { name: 'weir' } as const;

/** What was observed as series of milliseconds, and how many changes say nothing because one worker took none of their probes. */
export function summariseChanges({ names, ports, workers, workerOfKey }: Observations): Summary {
  const recorder = new Recorder();
  let unseen = 0;
  const latenciesOf = ({ asked, command, probes }: ObservedChange): Latencies | null => {
    const workerOf = ({ clientPort }: Probe) => workerOfKey.get(connectionKey(asked, clientPort)) ?? null;
    const liveAt = liveOnAll(probes, workers, workerOf);
    if (liveAt === null) unseen += 1;
    return liveAt === null
      ? null
      : {
          afterCommit: liveAt - command.recordedAt,
          afterCall: liveAt - command.calledAt,
          afterAnswer: liveAt - command.doneAt,
        };
  };
  for (const name of names) {
    const latencies = latenciesOf(name);
    if (latencies === null) continue;
    recorder.add(WEIR, {
      'name-live': latencies.afterCommit,
      'name-live-after-call': latencies.afterCall,
      'name-live-after-answer': latencies.afterAnswer,
    });
  }
  for (const port of ports) {
    recorder.add(WEIR, { 'port-gone': port.goneMs });
    const latencies = latenciesOf(port);
    if (latencies === null) continue;
    recorder.add(WEIR, {
      'port-live': latencies.afterCommit,
      'port-live-after-call': latencies.afterCall,
      'port-live-after-answer': latencies.afterAnswer,
    });
  }
  return { series: recorder.series, unseen };
}
