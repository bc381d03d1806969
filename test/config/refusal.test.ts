import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { loadConfig } from '../../config/load.ts';
import { directoryWith, linesOf } from './loading.ts';

test('a configuration without a database says what to write', async (t) => {
  for (const yaml of ['', '# nothing yet\n', 'node: edge-1\n']) {
    const [line, ...rest] = await linesOf(t, { yaml });
    t.regex(
      line ?? '',
      /^weir\.yaml database: is not set; write "database: embedded" .* or set WEIR_DATABASE/,
    );
    t.deepEqual(rest, []);
  }
  t.regex((await linesOf(t, {}))[0] ?? '', /^default database: is not set/);
});

test('all problems come at once, from top to bottom, each with its line', async (t) => {
  const yaml = `nod: edge-1
workers: 2000
database: embedded
timeouts:
  idle: 5
  dail: 3s
  hello: 0
log:
  level: loud
listeners:
  - { name: TLS, kind: tls, address: "443", prots: 1-2 }
  - { name: raw, kind: tcp, address: "[::]" }
`;
  t.deepEqual(await linesOf(t, { yaml, env: { WEIR_LOG_ACCESS: 'yes' } }), [
    'weir.yaml:1:1 nod: unknown key; did you mean "node"?',
    'weir.yaml:2:1 workers: "2000" is more than 1024; write 0 to 1024',
    'weir.yaml:5:3 timeouts.idle: "5" has no unit; write 5s (ms, s, m, h)',
    'weir.yaml:6:3 timeouts.dail: unknown key; did you mean "dial"?',
    'weir.yaml:7:3 timeouts.hello: "0" is refused: a client that never sends its hello would stay for ever; write 100ms to 1m',
    'weir.yaml:9:3 log.level: "loud" is not one of trace, debug, info, warn, error, fatal, silent',
    'weir.yaml:11:7 listeners[0].name: "TLS" must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last',
    'weir.yaml:11:29 listeners[0].address: "443" has no address; write "[::]:443" for all of them',
    'weir.yaml:11:45 listeners[0].prots: unknown key; did you mean "ports"?',
    'weir.yaml:12:5 listeners[1].ports: is missing; accepted: first-last, or one port, within 1-65535',
    'WEIR_LOG_ACCESS log.access: "yes" is neither true nor false',
  ]);
});

const TLS = 'name: a, kind: tls, address: "[::]:1"';

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['timeouts: { idle: 10ms }', /timeouts\.idle: "10ms" is less than 50ms; write 50ms to 168h/],
  ['timeouts: { idle: 169h }', /is more than 168h/],
  ['timeouts: { idle: }', /timeouts\.idle: has no value/],
  ['timeouts: { idle: [5s] }', /timeouts\.idle: is a list where one value belongs/],
  ['timeouts: { idle: { s: 5 } }', /timeouts\.idle: is a map where one value belongs/],
  ['timeouts: 5s', /timeouts: must be a map of keys/],
  ['timeouts: []', /timeouts: must be a map of keys/],
  ['stream: { poll_interval: 0 }', /"0" is refused: polling is what finds/],
  ['limits: { hello_size: 512B }', /is less than 1KiB/],
  ['limits: { hello_size: 65KiB }', /is more than 64KiB/],
  ['limits: { hello_size: 16KB }', /write 16KiB/],
  ['limits: { hello_size: 0 }', /"0" is refused/],
  ['limits: { pending: { size: 512KiB } }', /is less than 1MiB/],
  ['limits: { pending: { per_addres: 1 } }', /per_address/],
  ['limits: { pending: 5 }', /limits\.pending/],
  ['limits: { connections: -1 }', /"-1" is not a whole number/],
  ['workers: 1.5', /"1\.5" is not a whole number/],
  ['workers: 4 # then more\nengine: nodes', /engine: "nodes" is not one of auto, node, splice/],
  ['node: "two words"', /node: "two words" must be 1 to 253 characters/],
  ['node: -edge', /with a letter or digit first/],
  ['state_dir: ""', /state_dir: "" is empty/],
  ['state_dir: ~/weir', /starts with "~", which only a shell expands/],
  ['log: { access: 1 }', /"1" is neither true nor false/],
  ['admin:', /admin: has no value; write "off" or/],
  ['admin: on', /admin: must be "off" or/],
  ['admin: { address: 9901 }', /admin\.address: "9901" has no address; write "\[::\]:9901"/],
  ['admin: { adress: "[::1]:1" }', /admin\.adress: unknown key; did you mean "address"\?/],
  ['listeners:', /listeners: has no value; write a list of listeners/],
  ['listeners: { name: tls }', /listeners: must be a list of listeners/],
  ['listeners: [tls]', /listeners\[0\]: must be a map with name, kind and address/],
  ['listeners: [{ name: tls }]', /listeners\[0\]\.kind: is missing; write tls, http or tcp/],
  ['listeners: [{ name: a, kind: udp }]', /listeners\[0\]\.kind: "udp" is not one of tls, http, tcp/],
  ['listeners: [{ kind: tls, address: "[::]:1" }]', /listeners\[0\]\.name: is missing/],
  [
    'listeners: [{ name: a, kind: tls, address: "[::]:1", ports: 1-2 }]',
    /ports: does not belong to a listener of this kind/,
  ],
  ['listeners: [{ name: a, kind: tcp, address: "[::]:1", ports: 1-2 }]', /address: "\[::\]:1" has a port/],
  ['listeners: [{ name: a, kind: tcp, address: "[::]", ports: 9-2 }]', /ports: "9-2" runs backwards/],
  [
    `listeners: [{ ${TLS}, proxy_protocol: on }]`,
    /proxy_protocol: "on" is not one of off, optional, required/,
  ],
  [
    `listeners: [{ ${TLS}, trusted: 10.0.0.0/8 }]`,
    /trusted: must be a list of IP addresses and blocks, like/,
  ],
  [
    `listeners: [{ ${TLS}, proxy_protocol: required, trusted: [10.0.0.1/8] }]`,
    /trusted\[0\]: "10\.0\.0\.1\/8" has bits beyond its first 8; write 10\.0\.0\.0\/8/,
  ],
  [
    `listeners: [{ ${TLS}, proxy_protocol: required, trusted: [lb.internal] }]`,
    /trusted\[0\]: "lb\.internal" must be an IP address or a block of them/,
  ],
  [`listeners: [{ ${TLS}, proxy_protocol: required }]`, /proxy_protocol: is required, and nobody's header/],
  [`listeners: [{ ${TLS}, proxy_protocol: optional, trusted: [] }]`, /is optional, and nobody's header/],
  [`listeners: [{ ${TLS}, trusted: ["::/0"] }]`, /trusted: has no use while "proxy_protocol" is off/],
  [
    'listeners: [{ name: a, kind: tcp, address: "[::]", ports: 1-2, proxy_protocol: optional, trusted: ["::1"] }]',
    /proxy_protocol: cannot be optional on a tcp listener, .*; write required/,
  ],
  ['public_addresses: 203.0.113.1', /public_addresses: must be a list of IP addresses, like/],
  ['public_addresses:', /public_addresses: has no value; write a list of IP addresses/],
  [
    'public_addresses: [edge.example.net]',
    /public_addresses\[0\]: "edge\.example\.net" must be an IP address/,
  ],
  [
    'public_addresses: [203.0.113.1, "203.0.113.2:443"]',
    /public_addresses\[1\]: .* must be an IP address alone/,
  ],
  ['public_addresses: ["fe80::1%eth0"]', /public_addresses\[0\]: "fe80::1%eth0" has a zone/],
  ['public_addresses: ["::"]', /public_addresses\[0\]: "::" is no address that clients can connect to/],
  ['idle: 5s', /idle: unknown key; did you mean timeouts\.idle\?/],
  ['idle_timeout: 5s', /idle_timeout: unknown key; did you mean timeouts\.idle\?/],
  ['databse_url: x', /databse_url: unknown key; did you mean database\.url\?/],
  ['certificates: []', /certificates: unknown key; the keys here are node, engine, /],
  ['__proto__: x', /__proto__: unknown key/],
  ['constructor: x', /constructor: unknown key/],
  ['log: { toString: x }', /log\.toString: unknown key/],
  ['? [a]\n: b', /^weir\.yaml:2:3: a key must be one word/],
];

test('each wrong value is refused with what is wrong and what is accepted', async (t) => {
  for (const [yaml, expected] of REFUSED) {
    const lines = await linesOf(t, { yaml: `database: embedded\n${yaml}\n` });
    t.is(lines.length, 1, yaml);
    t.regex(lines[0] ?? '', expected, yaml);
  }
});

test('what cannot be read as YAML is refused with its line and column', async (t) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['node: "edge\n', /^weir\.yaml:2:1: a quote, bracket, colon or comma is missing/],
    ['node: edge\n\tworkers: 1\n', /^weir\.yaml:2:1: a tab is used for indentation/],
    ['node edge\nworkers: 1\n', /^weir\.yaml:1:1: this is not "key: value"/],
    ['node: a: b\n', /^weir\.yaml:1:7: a second "key: value"/],
    ['admin: { address: [::1]:9901 }\n', /^weir\.yaml:1:24: .*need quotes/],
    ['admin:\n  address: [::1]:9901\n', /^weir\.yaml:2:17: .*in quotes/],
    ['node: *name\n', /^weir\.yaml:1:7: aliases/],
    ['node: !env NODE\n', /^weir\.yaml:1:7: tags/],
    ['node: a\n---\nnode: b\n', /^weir\.yaml:2:1: a second document/],
    ['- node\n', /^weir\.yaml: the file must be a map of keys/],
    ['node\n', /^weir\.yaml: the file must be a map of keys/],
    ['['.repeat(50_000), /^weir\.yaml:1:[0-9]+: this is nested too deeply/],
  ];
  for (const [yaml, expected] of refused) {
    const lines = await linesOf(t, { yaml });
    t.is(lines.length, 1, yaml.slice(0, 80));
    t.regex(lines[0] ?? '', expected, yaml.slice(0, 80));
  }
});

test('a key that is written twice is refused at its second place, beside what else is wrong', async (t) => {
  t.deepEqual(
    await linesOf(t, { yaml: 'database: embedded\nlog:\n  level: info\n  level: warn\nworkers: x\n' }),
    [
      'weir.yaml:4:3 log.level: is written twice; keep one',
      'weir.yaml:5:1 workers: "x" is not a whole number',
    ],
  );
});

test('a file that cannot be read is one problem that says why', async (t) => {
  const workingDirectory = await directoryWith(t, {
    'latin1.yaml': Buffer.from('node: caf\xe9\n', 'latin1'),
    'huge.yaml': `#${'x'.repeat(1024 * 1024)}`,
  });
  const lineFor = async (file: string) => {
    const loaded = await loadConfig({ file, env: {}, workingDirectory });
    return loaded.kind === 'invalid' ? loaded.problems.map(({ code, message }) => [code, message]) : [];
  };
  t.deepEqual(await lineFor('absent.yaml'), [['unreadable', 'the file does not exist']]);
  t.deepEqual(await lineFor('.'), [['unreadable', 'the file is a directory']]);
  t.deepEqual(await lineFor('latin1.yaml'), [['unreadable', 'the file is not UTF-8 text']]);
  t.deepEqual(await lineFor('huge.yaml'), [
    ['unreadable', 'the file is longer than 1MiB; is it the right file?'],
  ]);
  t.deepEqual(await lineFor('/dev/zero'), [
    ['unreadable', 'the file is longer than 1MiB; is it the right file?'],
  ]);
});

test('a wrong value is reported even where another source beats it', async (t) => {
  const lines = await linesOf(t, {
    yaml: 'database: embedded\nworkers: many',
    env: { WEIR_WORKERS: '2' },
    overrides: { workers: '3' },
  });
  t.deepEqual(lines, ['weir.yaml:2:1 workers: "many" is not a whole number']);
  t.deepEqual(await linesOf(t, { yaml: 'database: embedded', overrides: { workers: 'x' } }), [
    'command line workers: "x" is not a whole number',
  ]);
});

const YAML_PIECES = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  ',',
  '- ',
  '\n',
  '  ',
  '"',
  "'",
  '#',
  '|',
  '>',
  '&a',
  '*a',
  '!',
  '%',
  '?',
  '~',
];
const YAML_WORDS = [
  'name',
  'kind',
  'tls',
  'tcp',
  'address',
  '[::]:1',
  'ports',
  '1-2',
  'ipv6_only',
  '__proto__',
  '\u0000',
  '\ud800',
];

testProp(
  'any text in place of a list is either read or refused, and never throws',
  [fc.array(fc.constantFrom(...YAML_PIECES, ...YAML_WORDS), { maxLength: 30 })],
  async (t, pieces) => {
    const env = { WEIR_DATABASE: 'embedded', WEIR_LISTENERS: pieces.join('') };
    const loaded = await loadConfig({ file: null, env, workingDirectory: '/' });
    t.true(loaded.kind === 'ok' || loaded.problems.length > 0);
  },
  { numRuns: 300 },
);
