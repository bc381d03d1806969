import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';
import tls from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { peekProxyHeader } from '../../edge/wire/proxy-header.ts';
import { ControlPlane } from '../support/control-plane.ts';
import { startEdge, type TestEdge } from '../support/edge.ts';
import { freePorts } from '../support/free-ports.ts';
import { findProgram, isReadable, makeFolder, startPeer } from '../support/peer-proxy.ts';
import { startTestPostgres } from '../support/postgres.ts';
import { takeProxyV2 } from '../support/proxy-v2.ts';
import { fileScope, testScope } from '../support/scope.ts';
import { connect, readAll, startTestServer } from '../support/tcp.ts';
import { connectTls, exchange, startTlsBackend, testCertificate } from '../support/tls.ts';
import { within } from '../support/until.ts';

/** `npm run bench:peers` and `apt-get install nginx libnginx-mod-stream` bring them; without, their tests are skipped. */
const HAPROXY = findProgram('haproxy');
const NGINX = findProgram('nginx');
const NGINX_STREAM = '/usr/lib/nginx/modules/ngx_stream_module.so';

const ifHaproxy = HAPROXY === null ? test.skip : test;
const ifNginx = NGINX === null || !isReadable(NGINX_STREAM) ? test.skip : test;

const scope = fileScope(test);
let edge: TestEdge;
let plane: ControlPlane;
/** The first of the ports that can be allocated: HAProxy has it for a server. */
let tcpPort: number;
/** Each a port on loopback. */
let haproxy: {
  v1: number;
  v2: number;
  v1OverIpv6: number;
  v2OverIpv6: number;
  options: number;
  terminating: number;
  checking: number;
  receiving: number;
};
let nginx: { sending: number; sendingOverIpv6: number; receiving: number; receivingRaw: number };

const LOOPBACK = ['127.0.0.0/8', '::1'];
const TCP_PORTS = 4;

test.before(async () => {
  if (HAPROXY === null && NGINX === null) return;
  const postgres = await startTestPostgres({ after: scope.teardown });
  const { controlUrl, edgeUrl } = await postgres.createDatabase();
  plane = await ControlPlane.open(scope, controlUrl);
  tcpPort = await freePorts(TCP_PORTS);
  edge = await startEdge(scope, {
    databaseUrl: edgeUrl,
    settings: {
      listeners: [
        { name: 'tls', kind: 'tls', address: '[::]:0', proxy_protocol: 'required', trusted: LOOPBACK },
        { name: 'http', kind: 'http', address: '[::]:0' },
        {
          name: 'tcp',
          kind: 'tcp',
          address: '::',
          ports: `${tcpPort}-${tcpPort + TCP_PORTS - 1}`,
          proxy_protocol: 'required',
          trusted: LOOPBACK,
        },
      ],
    },
  });
  await plane.definePool(tcpPort, TCP_PORTS);
  const backend = await startTlsBackend(scope);
  await edge.applied(await plane.serve('echo.system.test', { process: 'echo', backendPort: backend.port }));
  await startHaproxy();
  await startNginx();
});

async function startHaproxy(): Promise<void> {
  if (HAPROXY === null) return;
  const first = await freePorts(8);
  haproxy = {
    v1: first,
    v2: first + 1,
    v1OverIpv6: first + 2,
    v2OverIpv6: first + 3,
    options: first + 4,
    terminating: first + 5,
    checking: first + 6,
    receiving: first + 7,
  };
  const folder = makeFolder(scope);
  const file = join(folder, 'haproxy.cfg');
  const pem = join(folder, 'peer.pem');
  const { cert, key } = await testCertificate();
  writeFileSync(pem, `${cert}\n${key}\n`);
  const toTls = `server edge 127.0.0.1:${edge.tlsPort}`;
  const listens: readonly (readonly [string, string, readonly string[]])[] = [
    ['v1', `127.0.0.1:${haproxy.v1}`, [`${toTls} send-proxy`]],
    ['v2', `127.0.0.1:${haproxy.v2}`, [`${toTls} send-proxy-v2`]],
    ['v1-v6', `[::1]:${haproxy.v1OverIpv6}`, [`${toTls} send-proxy`]],
    ['v2-v6', `[::1]:${haproxy.v2OverIpv6}`, [`${toTls} send-proxy-v2`]],
    [
      'options',
      `127.0.0.1:${haproxy.options}`,
      ['unique-id-format haproxy-%ci:%cp', `${toTls} send-proxy-v2 proxy-v2-options crc32c,unique-id`],
    ],
    [
      'terminating',
      `127.0.0.1:${haproxy.terminating} ssl crt ${pem} alpn h2`,
      [
        'unique-id-format haproxy-%ci:%cp',
        `server edge 127.0.0.1:${tcpPort} send-proxy-v2 proxy-v2-options ssl,cert-cn,ssl-cipher,cert-sig,cert-key,authority,crc32c,unique-id`,
      ],
    ],
    [
      'checking',
      `127.0.0.1:${haproxy.checking}`,
      [`${toTls} send-proxy-v2 check check-send-proxy inter 200ms`],
    ],
  ];
  const configuration = [
    'defaults',
    '  mode tcp',
    '  timeout connect 5s',
    '  timeout client 1m',
    '  timeout server 1m',
    ...listens.flatMap(([name, bind, lines]) => [
      `listen ${name}`,
      `  bind ${bind}`,
      ...lines.map((line) => `  ${line}`),
    ]),
    'frontend receiving',
    '  mode http',
    `  bind 127.0.0.1:${haproxy.receiving} accept-proxy`,
    '  http-request return status 200 content-type text/plain lf-string "%[src] %[src_port] %[dst] %[dst_port] %[fc_pp_authority]"',
    '',
  ].join('\n');
  await startPeer(scope, {
    program: HAPROXY,
    file,
    configuration,
    args: ['-db', '-f', file],
    port: haproxy.v1,
  });
}

async function startNginx(): Promise<void> {
  if (NGINX === null || !isReadable(NGINX_STREAM)) return;
  const first = await freePorts(4);
  nginx = { sending: first, sendingOverIpv6: first + 1, receiving: first + 2, receivingRaw: first + 3 };
  const folder = makeFolder(scope);
  const file = join(folder, 'nginx.conf');
  const said =
    '$proxy_protocol_addr $proxy_protocol_port $proxy_protocol_server_addr $proxy_protocol_server_port';
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `  ${kind}_temp_path ${join(folder, kind)};`,
  );
  const configuration = [
    `load_module ${NGINX_STREAM};`,
    'daemon off;',
    'master_process off;',
    `pid ${join(folder, 'nginx.pid')};`,
    'error_log stderr;',
    'events {}',
    'stream {',
    '  proxy_protocol on;',
    // Else it closes with the backend's goodbye unread, which is a reset.
    '  proxy_half_close on;',
    `  server { listen 127.0.0.1:${nginx.sending}; proxy_pass 127.0.0.1:${edge.tlsPort}; }`,
    `  server { listen [::1]:${nginx.sendingOverIpv6}; proxy_pass 127.0.0.1:${edge.tlsPort}; }`,
    `  server { listen 127.0.0.1:${nginx.receivingRaw} proxy_protocol; return "${said}"; }`,
    '}',
    'http {',
    '  access_log off;',
    ...temporary,
    `  server { listen 127.0.0.1:${nginx.receiving} proxy_protocol; location / { return 200 "${said}"; } }`,
    '}',
    '',
  ].join('\n');
  const args = ['-p', folder, '-e', 'stderr', '-c', file];
  await startPeer(scope, { program: NGINX, file, configuration, args, port: nginx.sending });
}

for (const [what, port, address] of [
  ['send-proxy', () => haproxy.v1, '127.0.0.1'],
  ['send-proxy-v2', () => haproxy.v2, '127.0.0.1'],
  ['send-proxy over IPv6', () => haproxy.v1OverIpv6, '::1'],
  ['send-proxy-v2 over IPv6', () => haproxy.v2OverIpv6, '::1'],
] as const) {
  ifHaproxy(`HAProxy's ${what} tells the edge who the client is`, (t) => comesThrough(t, port(), address));
}

ifNginx("nginx's proxy_protocol tells the edge who the client is", (t) =>
  comesThrough(t, nginx.sending, '127.0.0.1'),
);

ifNginx("nginx's proxy_protocol over IPv6 tells the edge who the client is", (t) =>
  comesThrough(t, nginx.sendingOverIpv6, '::1'),
);

ifHaproxy("HAProxy's checksum is found right, and its unique id is in the access log", async (t) => {
  const client = await connectTls(testScope(t), {
    port: haproxy.options,
    address: '127.0.0.1',
    serverName: 'echo.system.test',
  });
  const { localPort } = client;
  await exchange(client, 'hello');
  client.end();
  t.like(await edge.access(localPort), { reason: 'completed', unique_id: `haproxy-127.0.0.1:${localPort}` });
});

ifHaproxy(
  'of TLS that HAProxy ends, the name and the ALPN reach the instance, and its SSL TLVs do no harm',
  async (t) => {
    const backend = await startTestServer(t);
    await plane.reportEndpoint('plain', '127.0.0.1');
    const target = {
      process: 'plain',
      backendPort: backend.port,
      proxyProtocol: 'v2',
      proxyTlvs: ['alpn', 'unique-id', 'crc32c'],
    } as const;
    const { port, revision } = await plane.allocatePort(target, tcpPort);
    await edge.applied(revision);
    await edge.until(`port ${port} is open`, ({ listeners }) =>
      listeners.some((each) => each.port === port && each.state === 'open'),
    );
    const client = tls.connect({
      host: '127.0.0.1',
      port: haproxy.terminating,
      ca: (await testCertificate()).cert,
      servername: 'raw.system.test',
      ALPNProtocols: ['h2'],
    });
    t.teardown(() => client.destroy());
    await within('a handshake', once(client, 'secureConnect'));
    const { localPort } = client;
    const inside = await within('a connection to the instance', backend.accept());
    t.like(peekProxyHeader(await takeProxyV2(inside)), {
      ends: {
        source: { address: '127.0.0.1', port: localPort },
        destination: { address: '127.0.0.1', port: haproxy.terminating },
      },
      tlvs: { authority: 'raw.system.test', alpn: 'h2', uniqueId: `haproxy-127.0.0.1:${localPort}` },
    });
    inside.end('220 ready');
    t.is((await readAll(client)).toString(), '220 ready');
    client.end();
    t.like(await edge.access(localPort), { unique_id: `haproxy-127.0.0.1:${localPort}`, listener: 'tcp' });
  },
);

ifHaproxy("HAProxy's health checks are LOCAL, and keep the connection's own address", async (t) => {
  const line = await edge.weir.entry(
    (entry) =>
      entry['reason'] === 'client-left' &&
      entry['listener'] === 'tls' &&
      entry['peer'] === '127.0.0.1' &&
      entry['peer_port'] === entry['client_port'],
  );
  t.is(line['bytes_from_client'], 16);
});

ifHaproxy("HAProxy's accept-proxy reads what the edge writes", async (t) => {
  const target = {
    process: 'haproxy',
    backendPort: haproxy.receiving,
    proxyProtocol: 'v2',
    proxyTlvs: ['unique-id', 'crc32c', 'org', 'app', 'env'],
  } as const;
  await isToldTheClient(t, 'haproxy.system.test', target, (hostname) => ` ${hostname}`);
});

ifNginx("nginx's proxy_protocol listener reads what the edge writes", async (t) => {
  const target = { process: 'nginx', backendPort: nginx.receiving, proxyProtocol: 'v2' } as const;
  await isToldTheClient(t, 'nginx.system.test', target, () => '');
});

ifNginx("nginx's stream listener reads what one edge passes on of another's header", async (t) => {
  await plane.reportEndpoint('nginx-raw', '127.0.0.1');
  const target = { process: 'nginx-raw', backendPort: nginx.receivingRaw, proxyProtocol: 'v2' } as const;
  const { port, revision } = await plane.allocatePort(target, tcpPort + 1);
  await edge.applied(revision);
  await edge.until(`port ${port} is open`, ({ listeners }) =>
    listeners.some((each) => each.port === port && each.state === 'open'),
  );
  for (const [header, said] of [
    ['PROXY TCP4 203.0.113.9 198.51.100.1 51000 443\r\n', '203.0.113.9 51000 198.51.100.1 443'],
    ['PROXY TCP6 2001:db8::9 2001:db8::1 51000 443\r\n', '2001:db8::9 51000 2001:db8::1 443'],
  ] as const) {
    const client = await connect(t, { address: '127.0.0.1', port });
    client.write(header);
    t.is((await readAll(client)).toString(), said);
    client.end();
  }
});

/** A TLS session through a peer that sends a header, and its line in the access log. */
async function comesThrough(t: ExecutionContext, port: number, address: string): Promise<void> {
  const client = await connectTls(testScope(t), { port, address, serverName: 'echo.system.test' });
  const { localPort } = client;
  await exchange(client, 'hello');
  client.end();
  t.like(await edge.access(localPort), {
    reason: 'completed',
    client: address,
    peer: '127.0.0.1',
    server_name: 'echo.system.test',
  });
}

/** A request to a peer behind the edge, which answers with the addresses that it was told. */
async function isToldTheClient(
  t: ExecutionContext,
  hostname: string,
  target: Parameters<ControlPlane['createRoute']>[1],
  more: (hostname: string) => string,
): Promise<void> {
  await plane.createRoute(hostname, target, { listener: 'http' });
  await edge.applied(await plane.reportEndpoint(target.process, '127.0.0.1'));
  for (const address of ['127.0.0.1', '::1']) {
    const asked = http.request({
      host: address,
      port: edge.httpPort,
      agent: false,
      headers: { host: hostname },
    });
    asked.end();
    const [response] = (await within('an answer', once(asked, 'response'))) as [http.IncomingMessage];
    const localPort = asked.socket?.localPort;
    const said = Buffer.concat(await response.toArray()).toString();
    t.is(said, `${address} ${localPort} ${address} ${edge.httpPort}${more(hostname)}`);
  }
}
