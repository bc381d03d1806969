import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { connect, readAll, startTestServer } from '../../../support/tcp.ts';
import { until } from '../../../support/until.ts';
import { addonForTests } from '../addon.ts';
import { ANSWER } from '../harness.ts';

const DESCRIPTORS = 64;
const TOO_MANY = 80;

const ifBuilt = addonForTests().kind === 'loaded' ? test : test.skip;

ifBuilt(
  'where descriptors run out clients are turned away with an answer, and served again when there are some',
  async (t) => {
    const backend = await startTestServer(t, { onConnection: (socket) => socket.pipe(socket) });
    const edge = await startWithFewDescriptors(t, backend.port);
    const place = { address: '127.0.0.1', port: edge.port };
    const clients = [];
    for (let count = 0; count < TOO_MANY; count += 1) {
      const client = await connect(t, place);
      client.write('x');
      clients.push(client);
    }
    const turnedAway = await until(
      'a client that is turned away',
      () => edge.said.filter(({ reason }) => reason === 'overloaded').length > 0,
    );
    t.true(turnedAway);
    t.true(edge.said.some(({ problem }) => problem === 'EMFILE'));
    t.true(edge.said.filter(({ problem }) => problem === 'EMFILE').length < 10, 'it is not said for each');
    const last = clients.at(-1);
    if (last !== undefined) t.deepEqual(await readAll(last), ANSWER);

    for (const client of clients) client.destroy();
    await until(
      'all of them',
      () => edge.said.filter(({ reason }) => reason !== undefined).length === TOO_MANY,
    );
    for (let count = 0; count < 5; count += 1) {
      const client = await connect(t, place);
      client.end('still there');
      t.is((await readAll(client)).toString(), 'still there');
    }
  },
);

interface Said {
  readonly port?: number;
  readonly reason?: string;
  readonly problem?: string;
}

async function startWithFewDescriptors(t: ExecutionContext, backendPort: number) {
  const script = join(import.meta.dirname, 'few-descriptors.ts');
  const command = `ulimit -n ${DESCRIPTORS} && exec "$0" "$1" "$2"`;
  const child = spawn('sh', ['-c', command, process.execPath, script, String(backendPort)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const said: Said[] = [];
  createInterface(child.stdout).on('line', (line) => said.push(JSON.parse(line)));
  const port = await until('its port', () => said.find((one) => one.port !== undefined)?.port);
  return { said, port };
}
