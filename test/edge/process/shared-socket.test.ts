import test from 'ava';
import { bindSharedSocket } from '../../../edge/process/shared-socket.ts';
import { startTestServer } from '../../support/tcp.ts';

test('binds a free port and says which', (t) => {
  const bound = bindSharedSocket({ address: '::1', port: 0, ipv6Only: false });
  if (bound.kind === 'failed') return t.fail(bound.code);
  t.true(bound.port > 0);
  t.true(bound.socket.fd >= 0);
  bound.socket.close();
  t.pass();
});

test('says that another program listens on the port', async (t) => {
  const taken = await startTestServer(t);
  const bound = bindSharedSocket({ address: '127.0.0.1', port: taken.port, ipv6Only: false });
  t.deepEqual(bound, { kind: 'failed', code: 'EADDRINUSE' });
});

test('says that the machine does not have the address', (t) => {
  const bound = bindSharedSocket({ address: '198.51.100.1', port: 0, ipv6Only: false });
  t.deepEqual(bound, { kind: 'failed', code: 'EADDRNOTAVAIL' });
});
