import { hostname } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { configOf, directoryWith, load } from './loading.ts';

const NO_PROXY = { proxyProtocol: 'off', trusted: [] } as const;

test('only the database has to be said; everything else has a default', async (t) => {
  const workingDirectory = await directoryWith(t, { 'weir.yaml': 'database: embedded\n' });
  t.deepEqual(await configOf(t, { yaml: '', workingDirectory }), {
    node: hostname(),
    engine: 'auto',
    workers: 0,
    stateDir: join(workingDirectory, '.weir'),
    database: { kind: 'embedded' },
    stream: {
      pollIntervalMs: 2000,
      connectTimeoutMs: 5000,
      queryTimeoutMs: 10_000,
      heartbeatIntervalMs: 10_000,
    },
    listeners: [
      {
        kind: 'tls',
        name: 'tls',
        address: '::',
        port: 443,
        ipv6Only: false,
        defersAccept: true,
        ...NO_PROXY,
      },
      {
        kind: 'http',
        name: 'http',
        address: '::',
        port: 80,
        ipv6Only: false,
        defersAccept: true,
        httpsPort: 443,
        ...NO_PROXY,
      },
    ],
    publicAddresses: [],
    admin: { address: '127.0.0.1', port: 9901 },
    timeouts: {
      helloMs: 5000,
      proxyHeaderMs: 3000,
      dialMs: 3000,
      idleMs: 600_000,
      halfClosedMs: 30_000,
      lingerMs: 1000,
      drainMs: 30_000,
    },
    limits: {
      helloBytes: 16_384,
      connections: 0,
      pending: { connections: 16_384, perAddress: 1024, perSubnet: 2048, bytes: 64 * 1024 * 1024 },
    },
    log: { level: 'info', format: 'auto', access: true, ja4: false },
  });
});

test('every key of a file arrives in the configuration', async (t) => {
  const yaml = `
node: edge-1
engine: node
workers: 4
state_dir: /var/lib/weir
database: { url: "postgres://weir_edge:s3cret@[fd00::1]:5432/weir?sslmode=require" }
stream: { poll_interval: 1s, connect_timeout: 2s, query_timeout: 3s, heartbeat_interval: 4s }
listeners:
  - name: tls
    kind: tls
    address: "[::1]:8443"
    ipv6_only: true
    defer_accept: false
    proxy_protocol: optional
    trusted: [10.0.0.0/8, "2001:DB8::/32", "::ffff:192.0.2.0/120", 198.51.100.1]
  - { name: raw, kind: tcp, address: "[::]", ports: 20000-20099 }
public_addresses: [203.0.113.1, "2001:DB8:0::1", "::ffff:203.0.113.1"]
admin: off
timeouts: { hello: 1s, proxy_header: 2s, dial: 20ms, idle: 0, half_closed: 0, linger: 0, drain: 0 }
limits:
  hello_size: 64KiB
  connections: 1000
  pending: { connections: 100, per_address: 10, per_subnet: 0, size: 1GiB }
log: { level: silent, format: json, access: false, ja4: true }
`;
  t.deepEqual(await configOf(t, { yaml }), {
    node: 'edge-1',
    engine: 'node',
    workers: 4,
    stateDir: '/var/lib/weir',
    database: { kind: 'url', url: 'postgres://weir_edge:s3cret@[fd00::1]:5432/weir?sslmode=require' },
    stream: { pollIntervalMs: 1000, connectTimeoutMs: 2000, queryTimeoutMs: 3000, heartbeatIntervalMs: 4000 },
    listeners: [
      {
        kind: 'tls',
        name: 'tls',
        address: '::1',
        port: 8443,
        ipv6Only: true,
        defersAccept: false,
        proxyProtocol: 'optional',
        trusted: [
          { family: 'ipv4', address: '10.0.0.0', prefix: 8 },
          { family: 'ipv6', address: '2001:db8::', prefix: 32 },
          { family: 'ipv4', address: '192.0.2.0', prefix: 24 },
          { family: 'ipv4', address: '198.51.100.1', prefix: 32 },
        ],
      },
      {
        kind: 'tcp',
        name: 'raw',
        address: '::',
        ports: { first: 20_000, last: 20_099 },
        dedicated: [],
        ipv6Only: false,
        ...NO_PROXY,
      },
    ],
    publicAddresses: ['203.0.113.1', '2001:db8::1'],
    admin: null,
    timeouts: {
      helloMs: 1000,
      proxyHeaderMs: 2000,
      dialMs: 20,
      idleMs: 0,
      halfClosedMs: 0,
      lingerMs: 0,
      drainMs: 0,
    },
    limits: {
      helloBytes: 65_536,
      connections: 1000,
      pending: { connections: 100, perAddress: 10, perSubnet: 0, bytes: 1024 ** 3 },
    },
    log: { level: 'silent', format: 'json', access: false, ja4: true },
  });
});

test('a byte order mark, Windows line ends and groups without keys are no problem', async (t) => {
  const config = await configOf(t, {
    yaml: '\ufeffdatabase: embedded\r\nnode: edge-1\r\ntimeouts:\r\n  # idle: 5s\r\nlimits:\r\n  pending:\r\nlog: ~\r\n',
  });
  t.is(config.node, 'edge-1');
  t.is(config.timeouts.idleMs, 600_000);
});

test('JSON is a configuration too', async (t) => {
  const config = await configOf(t, {
    yaml: '{"database": "embedded", "workers": 3, "log": {"access": false}}',
  });
  t.is(config.workers, 3);
  t.false(config.log.access);
});

test('the command line beats the environment, which beats the file, which beats the default', async (t) => {
  const yaml = 'database: embedded\ntimeouts: { idle: 1m, dial: 1s, hello: 1s }\n';
  const env = { WEIR_TIMEOUTS_IDLE: '2m', WEIR_TIMEOUTS_DIAL: '2s' };
  const loaded = await load(t, { yaml, env, overrides: { timeouts: { idle: '3m', drain: undefined } } });
  if (loaded.kind === 'invalid') return t.fail();
  t.like(loaded.config.timeouts, { idleMs: 180_000, dialMs: 2000, helloMs: 1000, halfClosedMs: 30_000 });
  t.deepEqual(
    [...loaded.sources].map(([path, { kind }]) => [path, kind]),
    [
      ['database', 'file'],
      ['timeouts.hello', 'file'],
      ['timeouts.dial', 'environment'],
      ['timeouts.idle', 'command-line'],
    ],
  );
});

test('a word and a map replace each other between the layers', async (t) => {
  const url = 'postgresql://db/weir';
  const fromUrl = await configOf(t, {
    yaml: `database: { url: "${url}" }\nadmin: off\n`,
    env: { WEIR_ADMIN_ADDRESS: '[::1]:0' },
  });
  t.deepEqual(fromUrl.admin, { address: '::1', port: 0 });
  const overridden = await configOf(t, {
    env: { WEIR_DATABASE_URL: url },
    overrides: { database: 'embedded', admin: 'off' },
  });
  t.deepEqual(overridden.database, { kind: 'embedded' });
  t.is(overridden.admin, null);
  t.deepEqual((await configOf(t, { yaml: 'database: embedded', env: { WEIR_DATABASE_URL: url } })).database, {
    kind: 'url',
    url,
  });
});

test('a list replaces the list below it as a whole', async (t) => {
  const listeners = [{ name: 'only', kind: 'tcp' as const, address: '[::1]', ports: '7000-7001' }];
  const config = await configOf(t, { yaml: 'database: embedded', overrides: { listeners } });
  t.deepEqual(config.listeners, [
    {
      kind: 'tcp',
      name: 'only',
      address: '::1',
      ports: { first: 7000, last: 7001 },
      dedicated: [],
      ipv6Only: false,
      ...NO_PROXY,
    },
  ]);
  t.deepEqual((await configOf(t, { yaml: 'database: embedded\nlisteners: []' })).listeners, []);
});
