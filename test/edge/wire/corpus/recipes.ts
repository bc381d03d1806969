import { join } from 'node:path';
import {
  CLIENTS,
  curl,
  gnutls,
  NAME,
  nodes,
  nss,
  openssl,
  opensslSession,
  ownClient,
  type Recipe,
} from './clients.ts';

const LONG_NAME = `${'abcdefghi.'.repeat(24)}example.com`;

/** Enough for a hello of more than 512 bytes. */
const MANY = Array.from({ length: 30 }, (_, at) => `protocol-${at}`);

export const RECIPES: readonly Recipe[] = [
  openssl('tls13', ['-tls1_3']),
  openssl('tls12', ['-tls1_2']),
  openssl('tls11', ['-tls1_1', '-cipher', 'ALL:@SECLEVEL=0']),
  openssl('tls10', ['-tls1', '-cipher', 'ALL:@SECLEVEL=0']),
  openssl('alpn', ['-alpn', 'h2,http/1.1'], { alpn: ['h2', 'http/1.1'] }),
  openssl('acme', ['-alpn', 'acme-tls/1'], { alpn: ['acme-tls/1'] }),
  openssl('odd-alpn', ['-alpn', 'spdy/3.1,imap,x'], { alpn: ['spdy/3.1', 'imap', 'x'] }),
  openssl('no-sni', ['-noservername'], { sni: null }),
  openssl('mixed-case', ['-servername', 'App.Example.COM'], { sni: 'App.Example.COM' }),
  openssl('trailing-dot', ['-servername', `${NAME}.`], { sni: `${NAME}.` }),
  openssl('underscore', ['-servername', '_app._tcp.example.com'], { sni: '_app._tcp.example.com' }),
  openssl('long-name', ['-servername', LONG_NAME], { sni: LONG_NAME }),
  openssl('address-as-name', ['-servername', '192.0.2.1'], { sni: '192.0.2.1' }),
  openssl(
    'small-fragments',
    ['-max_send_frag', '512', '-cipher', 'ALL:@SECLEVEL=0', '-alpn', MANY.join(',')],
    {
      alpn: MANY,
    },
  ),
  openssl('many-groups', ['-groups', 'X25519:P-256:P-384:P-521:X448:ffdhe2048:ffdhe8192']),
  openssl('ffdhe-share', ['-groups', 'ffdhe8192']),
  openssl('status-and-npn', ['-status', '-tls1_2', '-nextprotoneg', 'h2']),
  openssl('psk', ['-psk', '0123456789abcdef', '-psk_identity', 'weir', '-tls1_3']),
  {
    ...openssl('ticket-tls12', []),
    run: ({ port, dir }) => opensslSession(port, join(dir, 'session'), ['-tls1_2']),
  },
  {
    ...openssl('ticket-tls13', []),
    run: ({ port, dir }) => opensslSession(port, join(dir, 'session'), ['-tls1_3']),
  },
  {
    ...openssl('early-data', []),
    server: 'early-data',
    run: ({ port, dir }) => {
      const [first = [], second = []] = opensslSession(port, join(dir, 'session'), ['-tls1_3']);
      return [first, [...second, '-early_data', join(CLIENTS, 'client.py')]];
    },
  },
  ...[process.execPath, '/usr/bin/node'].flatMap((program, at) =>
    nodes(at === 0 ? 'node' : 'node-system', program),
  ),
  curl('curl', ['--http1.1'], ['http/1.1']),
  curl('curl-http2', ['--http2'], ['h2', 'http/1.1']),
  curl('curl-tls12', ['--tls-max', '1.2', '--no-alpn'], []),
  {
    name: 'wget',
    version: ['wget', '--version'],
    run: ({ port }) => [
      ['wget', '--no-check-certificate', '--tries=1', '-q', '-O', '/dev/null', `https://localhost:${port}/`],
    ],
    sni: 'localhost',
    alpn: [],
  },
  {
    name: 'git',
    version: ['git', '--version'],
    run: ({ port }) => [
      ['git', '-c', 'http.sslVerify=false', 'ls-remote', `https://localhost:${port}/a.git`],
    ],
    sni: 'localhost',
    alpn: ['h2', 'http/1.1'],
  },
  gnutls('gnutls', []),
  gnutls('gnutls-alpn', ['--alpn=h2', '--alpn=http/1.1'], ['h2', 'http/1.1']),
  gnutls('gnutls-tls12', ['--priority=NORMAL:-VERS-TLS1.3']),
  gnutls('gnutls-resumed', ['--priority=NORMAL:-VERS-TLS1.3', '--resume']),
  gnutls('gnutls-legacy', ['--priority=LEGACY:%COMPAT']),
  nss('nss', []),
  nss('nss-tls12', ['-V', 'tls1.0:tls1.2', '-u', '-T', '-U']),
  nss('nss-ech-grease', ['-V', 'tls1.3:tls1.3', '-i', '100']),
  nss('nss-psk', ['-V', 'tls1.3:tls1.3', '-z', '0xAAAAAAAABBBBBBBB:weir']),
  ownClient('python', ['python3'], 'client.py', [
    'python3',
    '-c',
    'import sys, ssl; print(sys.version.split()[0], ssl.OPENSSL_VERSION)',
  ]),
  ownClient('java', ['java'], 'Client.java', ['java', '--version']),
  ownClient('go', ['go', 'run'], 'client.go', ['go', 'version']),
  { ...ownClient('java-no-name', ['java'], 'Client.java', ['java', '--version'], []), sni: null, alpn: [] },
  {
    name: 'chromium',
    version: ['chromium', '--version'],
    run: ({ port, dir }) => [
      [
        'chromium',
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--ignore-certificate-errors',
        `--user-data-dir=${dir}`,
        `--host-resolver-rules=MAP ${NAME} 127.0.0.1, MAP * ~NOTFOUND`,
        '--dump-dom',
        `https://${NAME}:${port}/`,
      ],
    ],
    sni: NAME,
    alpn: ['h2', 'http/1.1'],
  },
  {
    name: 'firefox',
    version: ['firefox-esr', '--version'],
    run: ({ port, dir }) => [
      [
        'sh',
        '-c',
        `echo 'user_pref("network.dns.forceResolve", "127.0.0.1");' > "$1/user.js" && exec firefox-esr --headless --no-remote --profile "$1" --screenshot "$1/a.png" "$2"`,
        'sh',
        dir,
        `https://${NAME}:${port}/`,
      ],
    ],
    sni: NAME,
    alpn: ['h2', 'http/1.1'],
  },
];
