import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { emptySnapshot } from '../../../edge/observe/counters.ts';
import { decodeFromWorker, type FromWorker } from '../../../edge/process/ipc.ts';

const MESSAGES: readonly FromWorker[] = [
  { kind: 'started' },
  { kind: 'applied', revision: 7 },
  { kind: 'listening', id: 1 },
  { kind: 'listen-failed', id: 2, code: 'EADDRINUSE' },
  { kind: 'report', counters: emptySnapshot(2), liveConnections: 3, droppedLogLines: 0 },
  { kind: 'problem', code: 'EMFILE', message: 'accept EMFILE' },
];

test('every message of a worker arrives as it was sent', (t) => {
  for (const message of MESSAGES)
    t.deepEqual(decodeFromWorker(JSON.parse(JSON.stringify(message)), 2), message);
});

test('a message with a field of another type is none', (t) => {
  t.is(decodeFromWorker({ kind: 'applied', revision: '7' }, 2), null);
  t.is(decodeFromWorker({ kind: 'applied', revision: -1 }, 2), null);
  t.is(decodeFromWorker({ kind: 'listening' }, 2), null);
  t.is(
    decodeFromWorker(
      { kind: 'report', counters: emptySnapshot(1), liveConnections: 0, droppedLogLines: 0 },
      2,
    ),
    null,
  );
  t.is(decodeFromWorker({ kind: 'of another version' }, 2), null);
});

testProp('nothing that can be sent makes the primary throw', [fc.anything()], (t, message) => {
  t.notThrows(() => decodeFromWorker(message, 2));
});
