import test from 'ava';
import pino from 'pino';
import type { WorkerSettings } from '../../../edge/process/ipc.ts';
import { WorkerPool } from '../../../edge/process/worker-pool.ts';

const SETTINGS: WorkerSettings = {
  node: 'test',
  engine: 'node',
  listeners: [],
  limits: {
    helloTimeoutMs: 1000,
    proxyHeaderTimeoutMs: 1000,
    maxHelloBytes: 1000,
    lingerMs: 1000,
    maxConnections: 0,
    pending: { connections: 0, perAddress: 0, perSubnet: 0, bytes: 0, graceMs: 0 },
  },
  timeouts: { dialMs: 1000, idleMs: 1000, halfClosedMs: 1000 },
  log: { level: 'silent', format: 'json', access: false, ja4: false },
  drainMs: 0,
};

const NODE = process.execPath;

test.serial.afterEach.always(() => {
  process.execPath = NODE;
});

test.serial('a worker that could not be started is tried again', async (t) => {
  const exited = Promise.withResolvers<number>();
  const started = Promise.withResolvers<number>();
  process.execPath = '/nonexistent/node';
  const pool = new WorkerPool({
    size: 1,
    settings: SETTINGS,
    log: pino({ level: 'silent' }),
    introduction: () => [],
    onMessage: (worker, { kind }) => {
      if (kind === 'started') started.resolve(worker);
    },
    onExit: exited.resolve,
  });
  t.teardown(() => pool.stop());
  const failed = await exited.promise;
  t.deepEqual(pool.status(), []);
  process.execPath = NODE;
  t.not(await started.promise, failed);
  t.is(pool.restarts, 1);
});

test.serial('a pool stops although a worker could not be started', async (t) => {
  process.execPath = '/nonexistent/node';
  const pool = new WorkerPool({
    size: 2,
    settings: SETTINGS,
    log: pino({ level: 'silent' }),
    introduction: () => [],
    onMessage: () => {},
    onExit: () => {},
  });
  await pool.stop();
  t.deepEqual(pool.status(), []);
});
