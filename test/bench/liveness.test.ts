import test from 'ava';
import type { Probe } from '../../bench/load/probe.ts';
import { liveOnAll, stableSince } from '../../bench/measure/liveness.ts';

const WORKERS = [101, 102];
const byClientPort = ({ clientPort }: Probe): number | null => (clientPort === 0 ? null : clientPort);

test('a change is live when the last worker has answered', (t) => {
  const probes = [probe(101, 0, 'ended'), probe(101, 10, 'answered'), probe(102, 20, 'answered')];
  t.is(liveOnAll(probes, WORKERS, byClientPort), 21);
});

test('an answer that the same worker took back does not count', (t) => {
  const probes = [
    probe(101, 0, 'answered'),
    probe(102, 1, 'answered'),
    probe(102, 5, 'ended'),
    probe(102, 9, 'answered'),
  ];
  t.is(liveOnAll(probes, WORKERS, byClientPort), 10);
});

test('a failure by an unknown worker counts against all of them', (t) => {
  const probes = [
    probe(101, 0, 'answered'),
    probe(102, 1, 'answered'),
    probe(0, 5, 'refused'),
    probe(101, 8, 'answered'),
    probe(102, 9, 'answered'),
  ];
  t.is(liveOnAll(probes, WORKERS, byClientPort), 10);
});

test('nothing is known of a change that one worker never answered', (t) => {
  t.is(liveOnAll([probe(101, 0, 'answered'), probe(101, 1, 'answered')], WORKERS, byClientPort), null);
});

test('a port is gone with the first of the refusals that last', (t) => {
  const probes = [
    probe(0, 0, 'refused'),
    probe(101, 3, 'answered'),
    probe(0, 6, 'refused'),
    probe(0, 8, 'refused'),
  ];
  t.is(stableSince(probes, 'refused'), 7);
});

function probe(clientPort: number, startedAt: number, result: Probe['result']): Probe {
  return { clientPort, startedAt, endedAt: startedAt + 1, result };
}
