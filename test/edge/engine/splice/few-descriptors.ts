import { createSpliceEngine } from '../../../../edge/engine/splice/engine.ts';
import { bindSharedSocket } from '../../../../edge/process/shared-socket.ts';
import { addonForTests } from '../addon.ts';
import { ANSWER, forward } from '../harness.ts';

// A process of its own, since it is started with few descriptors. Tells its parent where it listens, and then all it has
// to say of connections.
const addon = addonForTests();
if (addon.kind === 'unavailable') throw new Error(addon.reason);
const backendPort = Number(process.argv[2]);
const tell = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`);

const engine = createSpliceEngine(addon.native)(
  {
    decide: () => forward([{ address: '127.0.0.1', port: backendPort }]),
    isTrusted: () => false,
    answerFor: () => ANSWER,
    report: ({ reason, backend }) => tell({ reason, backend }),
    warn: ({ code }) => tell({ problem: code }),
  },
  {
    helloTimeoutMs: 60_000,
    proxyHeaderTimeoutMs: 60_000,
    maxHelloBytes: 4096,
    lingerMs: 60_000,
    maxConnections: 0,
    pending: { connections: 0, perAddress: 0, perSubnet: 0, bytes: 0, graceMs: 250 },
  },
);
const bound = bindSharedSocket({ address: '127.0.0.1', port: 0, ipv6Only: false });
if (bound.kind === 'failed') throw new Error(bound.code);
await engine.listen(bound.socket, {
  name: 'test',
  peek: 'tls',
  port: bound.port,
  binding: null,
  httpsPort: 443,
  inbound: { proxyProtocol: 'off', trusted: [] },
  defersAccept: false,
});
tell({ port: bound.port });
