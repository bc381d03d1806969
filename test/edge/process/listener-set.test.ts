import test from 'ava';
import pino from 'pino';
import { ListenerSet } from '../../../edge/process/listener-set.ts';
import type { Outgoing } from '../../../edge/process/pool-member.ts';
import type { WorkerPool } from '../../../edge/process/worker-pool.ts';

test('takes a port back from all workers when one of them could not listen', (t) => {
  const sent: Outgoing['message'][] = [];
  const pool: Pick<WorkerPool, 'broadcast'> = { broadcast: ({ message }) => sent.push(message) };
  const config = {
    name: 'tls',
    kind: 'tls',
    address: '127.0.0.1',
    port: 0,
    ipv6Only: false,
    defersAccept: true,
    proxyProtocol: 'off',
    trusted: [],
  } as const;
  const listeners = new ListenerSet({ listeners: [config], admin: null }, pino({ level: 'silent' }));
  t.teardown(() => listeners.close());
  listeners.bindConfigured();
  listeners.attach(pool as WorkerPool);
  listeners.begin();
  const [listen] = sent;
  if (listen?.kind !== 'listen') return t.fail('nothing was announced');
  listeners.accepted(listen.id, 1);
  listeners.rejected(listen.id, 'EADDRINUSE');
  t.deepEqual(sent.slice(1), [{ kind: 'unlisten', id: listen.id }]);
  t.is(listeners.status()[0]?.state, 'failed');
});
