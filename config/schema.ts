import { hostname } from 'node:os';
import { z } from 'zod';
import {
  BOOLEAN,
  choice,
  count,
  DATABASE_URL,
  duration,
  LISTEN_ADDRESS,
  NODE_NAME,
  PATH,
  PUBLIC_ADDRESS,
  size,
} from './form.ts';
import { KEY_FACTS, key, map, requiredKey, text, wrongShape } from './key.ts';
import { listeners } from './listeners.ts';

/**
 * Every key that an operator can set: its form, range, default, meaning of zero and description, once. The checks, the
 * environment variables and the reference all come from here.
 *
 * A map that has facts of its own can also be written as a word (`admin: off`); one without is only a group of keys.
 */
export const schema = map('a map of keys', {
  node: text(NODE_NAME).prefault(hostname).register(KEY_FACTS, {
    accepts: NODE_NAME.accepts,
    default: "the host's name",
    zero: null,
    about: "This edge's name in heartbeats, logs and metrics; no two edges may share one.",
  }),
  engine: key(choice('auto', 'node', 'splice'), {
    default: 'auto',
    about:
      'What moves the bytes: `splice`, in the kernel, on Linux where its addon was built; `node` everywhere. `auto` takes `splice` where it loads.',
  }),
  workers: key(count({ min: '0', max: '1024', zero: { means: 'one per available core' } }), {
    default: '0',
    about: 'Processes that take connections.',
  }),
  state_dir: key(PATH, {
    default: '.weir',
    about:
      'Directory for the snapshot of the routes and the embedded database; relative to the working directory.',
  }),
  database: z
    .union(
      [
        z.literal('embedded'),
        map('"embedded" or a map with url', {
          url: requiredKey(DATABASE_URL, {
            about: 'The PostgreSQL of the control plane; a secret, never shown.',
          }),
        }),
      ],
      {
        error: ({ input }) =>
          wrongShape(input, '"embedded" or { url: postgres://… } (as a variable: WEIR_DATABASE_URL)'),
      },
    )
    .optional()
    .register(KEY_FACTS, {
      accepts: 'embedded, or url below',
      default: null,
      zero: null,
      about: 'Where the routes are: `embedded` runs a PostgreSQL of its own in `state_dir`.',
    }),
  stream: map('a map of keys', {
    poll_interval: key(
      duration({
        min: '100ms',
        max: '1m',
        zero: { refused: 'polling is what finds changes whose notification was lost' },
      }),
      { default: '2s', about: 'How often changes are looked for when no notification says so.' },
    ),
    connect_timeout: key(
      duration({ min: '100ms', max: '1m', zero: { refused: 'a connection attempt has to end' } }),
      { default: '5s', about: 'How long a connection to the database may take to open.' },
    ),
    query_timeout: key(duration({ min: '100ms', max: '5m', zero: { refused: 'a query has to end' } }), {
      default: '10s',
      about: 'How long one query may take before its connection is given up.',
    }),
    heartbeat_interval: key(
      duration({ min: '500ms', max: '5m', zero: { refused: 'an edge without a heartbeat counts as gone' } }),
      { default: '10s', about: 'How often the edge reports what it runs to the database.' },
    ),
  }).prefault({}),
  listeners,
  public_addresses: z
    .array(text(PUBLIC_ADDRESS), {
      error: ({ input }) => wrongShape(input, 'a list of IP addresses, like ["203.0.113.1", "2001:db8::1"]'),
    })
    .prefault([])
    .register(KEY_FACTS, {
      accepts: 'list of IP addresses; in the variable as YAML or JSON',
      default: 'empty list',
      zero: 'empty list: this edge adds none',
      about:
        'Where clients reach this edge, which need not be addresses of the host: `weir dns` prints them.',
    }),
  admin: z
    .union(
      [
        z.literal('off'),
        map('"off" or a map with address', {
          address: key(
            { ...LISTEN_ADDRESS, accepts: 'address:port, in quotes' },
            {
              default: '127.0.0.1:9901',
              about: 'Where the admin server listens; it has no authentication, so keep it on loopback.',
            },
          ),
        }),
      ],
      { error: ({ input }) => wrongShape(input, '"off" or { address: "127.0.0.1:9901" }') },
    )
    .prefault({})
    .register(KEY_FACTS, {
      accepts: 'off, or address below',
      default: 'on',
      zero: null,
      about: 'The server for metrics, health and the route table.',
    }),
  timeouts: map('a map of keys', {
    hello: key(
      duration({
        min: '100ms',
        max: '1m',
        zero: { refused: 'a client that never sends its hello would stay for ever' },
      }),
      { default: '5s', about: 'From the accept until the name is known.' },
    ),
    proxy_header: key(
      duration({
        min: '100ms',
        max: '1m',
        zero: { refused: 'a load balancer that never sends its header would hold connections for ever' },
      }),
      {
        default: '3s',
        about:
          'From the accept until the PROXY header is there, where a listener expects one; within `hello`.',
      },
    ),
    dial: key(
      duration({
        min: '10ms',
        max: '1m',
        zero: { refused: 'a dial has to end for the next endpoint to be tried' },
      }),
      { default: '3s', about: 'How long each endpoint may take to accept.' },
    ),
    idle: key(duration({ min: '50ms', max: '168h', zero: { means: 'no limit' } }), {
      default: '10m',
      about: 'A connection ends after this long without a byte in either direction.',
    }),
    half_closed: key(duration({ min: '50ms', max: '168h', zero: { means: 'no limit' } }), {
      default: '30s',
      about: 'The same once one side has finished sending.',
    }),
    linger: key(
      duration({ min: '10ms', max: '30s', zero: { means: 'closed at once; the answer may be lost' } }),
      {
        default: '1s',
        about: 'How long a refused client may take to read its answer.',
      },
    ),
    drain: key(
      duration({ min: '10ms', max: '24h', zero: { means: 'live connections are closed at once' } }),
      {
        default: '30s',
        about: 'How long live connections may go on when the edge stops.',
      },
    ),
  }).prefault({}),
  limits: map('a map of keys', {
    hello_size: key(size({ min: '1KiB', max: '64KiB', zero: { refused: 'a hello needs room' } }), {
      default: '16KiB',
      about: 'Bytes read from a client before its name must be known.',
    }),
    connections: key(count({ min: '0', max: '10000000', zero: { means: 'no limit' } }), {
      default: '0',
      about: 'Connections at once, of all workers of this edge together.',
    }),
    pending: map('a map of keys', {
      connections: key(count({ min: '0', max: '10000000', zero: { means: 'no limit' } }), {
        default: '16384',
        about:
          'Connections at once of which it is not known yet where they go; past this the oldest is closed. Each worker has an equal share of this and of the next three.',
      }),
      per_address: key(count({ min: '0', max: '10000000', zero: { means: 'no limit' } }), {
        default: '1024',
        about:
          'The same of one client address. A load balancer whose PROXY header is believed is not a client, whom it names is.',
      }),
      per_subnet: key(count({ min: '0', max: '10000000', zero: { means: 'no limit' } }), {
        default: '2048',
        about: 'The same of one IPv6 /64.',
      }),
      size: key(size({ min: '1MiB', max: '64GiB', zero: { means: 'no limit' } }), {
        default: '64MiB',
        about: 'Memory for what they have sent; past this the one is closed that was first to need some.',
      }),
    }).prefault({}),
  }).prefault({}),
  log: map('a map of keys', {
    level: key(choice('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'), {
      default: 'info',
      about: 'The least severe lines that are written.',
    }),
    format: key(choice('auto', 'json', 'pretty'), {
      default: 'auto',
      about: '`auto` is `pretty` on a terminal and `json` elsewhere.',
    }),
    access: key(BOOLEAN, { default: 'true', about: 'Whether each connection gets a line at its close.' }),
    ja4: key(BOOLEAN, {
      default: 'false',
      about:
        "Whether that line has a TLS client's JA4 fingerprint, which takes some 4 µs of each connection.",
    }),
  }).prefault({}),
});

/** What the schema makes of a written configuration: decoded, and still in the file's names and shape. */
export type Settings = z.output<typeof schema>;

/** A configuration as it is written, every scalar as text. */
export type WrittenConfig = z.input<typeof schema>;
