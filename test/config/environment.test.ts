import test from 'ava';
import { KEYS } from '../../config/keys.ts';
import { configOf, directoryWith, linesOf } from './loading.ts';

test('every key outside of a list has a variable, and no two share one', (t) => {
  const variables = KEYS.flatMap(({ path, variable }) => (path.includes('[]') ? [] : [variable]));
  t.false(variables.includes(null));
  t.is(new Set(variables).size, variables.length);
  t.false(variables.some((variable) => variable?.endsWith('_FILE')));
});

test('every variable arrives in the configuration', async (t) => {
  const config = await configOf(t, {
    env: {
      WEIR_NODE: 'edge-9',
      WEIR_ENGINE: 'node',
      WEIR_WORKERS: '7',
      WEIR_STATE_DIR: '/state',
      WEIR_DATABASE_URL: 'postgres://db/weir',
      WEIR_STREAM_POLL_INTERVAL: '1s',
      WEIR_STREAM_CONNECT_TIMEOUT: '2s',
      WEIR_STREAM_QUERY_TIMEOUT: '3s',
      WEIR_STREAM_HEARTBEAT_INTERVAL: '4s',
      WEIR_LISTENERS:
        '[{"name": "raw", "kind": "tcp", "address": "[::]", "ports": "20000-20001", "ipv6_only": true}]',
      WEIR_PUBLIC_ADDRESSES: '["203.0.113.1", "2001:db8::1"]',
      WEIR_ADMIN_ADDRESS: '[::1]:9000',
      WEIR_TIMEOUTS_HELLO: '1s',
      WEIR_TIMEOUTS_PROXY_HEADER: '7s',
      WEIR_TIMEOUTS_DIAL: '2s',
      WEIR_TIMEOUTS_IDLE: '0',
      WEIR_TIMEOUTS_HALF_CLOSED: '4s',
      WEIR_TIMEOUTS_LINGER: '5s',
      WEIR_TIMEOUTS_DRAIN: '6s',
      WEIR_LIMITS_HELLO_SIZE: '4KiB',
      WEIR_LIMITS_CONNECTIONS: '99',
      WEIR_LIMITS_PENDING_CONNECTIONS: '77',
      WEIR_LIMITS_PENDING_PER_ADDRESS: '7',
      WEIR_LIMITS_PENDING_PER_SUBNET: '8',
      WEIR_LIMITS_PENDING_SIZE: '9MiB',
      WEIR_LOG_LEVEL: 'debug',
      WEIR_LOG_FORMAT: 'pretty',
      WEIR_LOG_ACCESS: 'false',
      WEIR_LOG_JA4: 'true',
      PATH: '/bin',
    },
  });
  t.deepEqual(config, {
    node: 'edge-9',
    engine: 'node',
    workers: 7,
    stateDir: '/state',
    database: { kind: 'url', url: 'postgres://db/weir' },
    stream: { pollIntervalMs: 1000, connectTimeoutMs: 2000, queryTimeoutMs: 3000, heartbeatIntervalMs: 4000 },
    listeners: [
      {
        kind: 'tcp',
        name: 'raw',
        address: '::',
        ports: { first: 20_000, last: 20_001 },
        dedicated: [],
        ipv6Only: true,
        proxyProtocol: 'off',
        trusted: [],
      },
    ],
    publicAddresses: ['203.0.113.1', '2001:db8::1'],
    admin: { address: '::1', port: 9000 },
    timeouts: {
      helloMs: 1000,
      proxyHeaderMs: 7000,
      dialMs: 2000,
      idleMs: 0,
      halfClosedMs: 4000,
      lingerMs: 5000,
      drainMs: 6000,
    },
    limits: {
      helloBytes: 4096,
      connections: 99,
      pending: { connections: 77, perAddress: 7, perSubnet: 8, bytes: 9 * 1024 * 1024 },
    },
    log: { level: 'debug', format: 'pretty', access: false, ja4: true },
  });
  const words = await configOf(t, { env: { WEIR_DATABASE: 'embedded', WEIR_ADMIN: 'off' } });
  t.deepEqual(words.database, { kind: 'embedded' });
  t.is(words.admin, null);
});

test('an empty variable is as good as none', async (t) => {
  const config = await configOf(t, {
    yaml: 'database: embedded\nworkers: 3\n',
    env: { WEIR_WORKERS: '', WEIR_WORKERS_FILE: '', WEIR_DATABASE_URL: '', WEIR_LISTENERS: '' },
  });
  t.is(config.workers, 3);
  t.is(config.listeners.length, 2);
});

test('problems of a variable name it, and the place in it where it holds a list', async (t) => {
  const env = {
    WEIR_DATABASE: 'embedded',
    WEIR_TIMEOUTS_IDLE: '5',
    WEIR_LISTENERS: '- name: tls\n  kind: tls\n  adress: "[::]:443"\n',
  };
  t.deepEqual(await linesOf(t, { env }), [
    'WEIR_LISTENERS:1:3 listeners[0].address: is missing; accepted: address:port, in quotes; for tcp the address alone',
    'WEIR_LISTENERS:3:3 listeners[0].adress: unknown key; did you mean "address"?',
    'WEIR_TIMEOUTS_IDLE timeouts.idle: "5" has no unit; write 5s (ms, s, m, h)',
  ]);
});

test('a list in a variable that is not YAML is refused with its place', async (t) => {
  const lines = await linesOf(t, { env: { WEIR_DATABASE: 'embedded', WEIR_LISTENERS: '[{"name": "tls"' } });
  t.is(lines.length, 1);
  t.regex(lines[0] ?? '', /^WEIR_LISTENERS:1:[0-9]+ listeners: /);
  t.deepEqual(await linesOf(t, { env: { WEIR_DATABASE: 'embedded', WEIR_LISTENERS: '# none' } }), [
    'WEIR_LISTENERS listeners: has no value; write a list of listeners, each a map with name, kind and address',
  ]);
});

test('an unknown variable is refused with the nearest known one', async (t) => {
  const lines = await linesOf(t, {
    yaml: 'database: embedded',
    env: {
      WEIR_WORKER: '1',
      WEIR_TIMEOUT_IDLE: '1s',
      WEIR_CERTIFICATE: 'x',
      WEIR_: '',
      WEIR_DATABASE_URL_FLIE: 'x',
    },
  });
  t.deepEqual(lines, [
    'WEIR_: unknown variable; no key has this name',
    'WEIR_CERTIFICATE: unknown variable; no key has this name',
    'WEIR_DATABASE_URL_FLIE: unknown variable; did you mean WEIR_DATABASE_URL_FILE?',
    'WEIR_TIMEOUT_IDLE: unknown variable; did you mean WEIR_TIMEOUTS_IDLE?',
    'WEIR_WORKER: unknown variable; did you mean WEIR_WORKERS?',
  ]);
});

test("the caller's own variables and service links of Kubernetes are left alone", async (t) => {
  const env = {
    WEIR_CONFIG: '/etc/weir.yaml',
    WEIR_SERVICE_HOST: '10.0.0.1',
    WEIR_SERVICE_PORT_HTTPS: '443',
    WEIR_PORT: 'tcp://10.0.0.1:443',
    WEIR_PORT_443_TCP: 'tcp://10.0.0.1:443',
    WEIR_PORT_443_TCP_ADDR: '10.0.0.1',
  };
  await t.notThrowsAsync(configOf(t, { yaml: 'database: embedded', env, otherVariables: ['WEIR_CONFIG'] }));
  t.is((await linesOf(t, { yaml: 'database: embedded', env: { WEIR_PORT: '443' } })).length, 1);
});

test('a variable with _FILE takes the value from a file, without the last line end', async (t) => {
  const workingDirectory = await directoryWith(t, {
    url: 'postgres://weir:pw@db/weir\n',
    workers: '2\r\n',
    listeners: '- { name: a, kind: http, address: "[::]:8080" }\n',
  });
  const config = await configOf(t, {
    workingDirectory,
    env: {
      WEIR_DATABASE_URL_FILE: 'url',
      WEIR_WORKERS_FILE: `${workingDirectory}/workers`,
      WEIR_LISTENERS_FILE: 'listeners',
    },
  });
  t.deepEqual(config.database, { kind: 'url', url: 'postgres://weir:pw@db/weir' });
  t.is(config.workers, 2);
  t.is(config.listeners[0]?.name, 'a');
});

test('a variable and its _FILE twin, or both ways to say one thing, are a conflict', async (t) => {
  const workingDirectory = await directoryWith(t, { 'weir.yaml': '', workers: '2' });
  const both = { WEIR_DATABASE: 'embedded', WEIR_WORKERS: '2', WEIR_WORKERS_FILE: 'workers' };
  t.deepEqual(await linesOf(t, { workingDirectory, env: both }), [
    'WEIR_WORKERS_FILE workers: WEIR_WORKERS is set too; set one of them',
  ]);
  t.deepEqual(
    await linesOf(t, {
      env: {
        WEIR_DATABASE: 'embedded',
        WEIR_DATABASE_URL: 'postgres://db/weir',
        WEIR_ADMIN: 'off',
        WEIR_ADMIN_ADDRESS: '[::1]:1',
      },
    }),
    [
      'WEIR_DATABASE_URL database.url: WEIR_DATABASE is set too; set one of them',
      'WEIR_ADMIN_ADDRESS admin.address: WEIR_ADMIN is set too; set one of them',
    ],
  );
});

test('a _FILE that cannot be read says why, and does not also ask for the value', async (t) => {
  t.deepEqual(await linesOf(t, { env: { WEIR_DATABASE_URL_FILE: '/nowhere/url' } }), [
    'WEIR_DATABASE_URL_FILE database.url: the file "/nowhere/url" does not exist',
  ]);
});
