import { findPeer, type Peer, type PeerSetup, startPeer } from './peer.ts';
import { type Contender, ROUTED_NAMES, SERVICES, type Service } from './proxy.ts';

const MAX_CONNECTIONS = 60_000;

/** Where it splices whatever it sees: left to its own judgement (`splice-auto`) it copies, at two to three times the CPU. */
const LONG: readonly Service[] = ['source', 'sink', 'duplex'];

/** HAProxy as it is fastest at this: one thread, splicing, nothing counted and nothing logged. */
export const haproxy: Contender = describe('haproxy', []);

/** The same with an access log, which is nearer to what weir does for each connection. */
export const haproxyLog: Contender = describe('haproxy-log', [
  '  log stdout format raw daemon',
  '  option tcplog',
]);

function describe(name: 'haproxy' | 'haproxy-log', logging: readonly string[]): Contender {
  const peer: Peer = {
    name,
    command: 'haproxy',
    arguments: (file) => ['-db', '-q', '-f', file],
    configuration: (setup) => configuration(setup, logging),
  };
  return {
    name,
    find: () => findPeer('haproxy', ['-v'], /version (\S+)/),
    start: (session, backends) => startPeer(peer, { session, backends }),
  };
}

function configuration({ port, backends, machine }: PeerSetup, logging: readonly string[]): string {
  // Two descriptors for each connection and two for each pipe, of which there may be a quarter as many.
  const maxConnections = Math.min(MAX_CONNECTIONS, Math.floor(machine.maxFiles / 3));
  return [
    'global',
    '  nbthread 1',
    `  maxconn ${maxConnections}`,
    'defaults',
    '  mode tcp',
    '  option splice-auto',
    '  timeout connect 5s',
    '  timeout client 5m',
    '  timeout server 5m',
    'frontend tls',
    `  bind 127.0.0.1:${port}`,
    ...logging,
    '  tcp-request inspect-delay 5s',
    '  tcp-request content accept if { req.ssl_hello_type 1 }',
    ...SERVICES.map((service) => `  use_backend ${service} if { req.ssl_sni -i ${ROUTED_NAMES[service]} }`),
    ...SERVICES.flatMap((service) => [
      `backend ${service}`,
      ...(LONG.includes(service) ? ['  option splice-request', '  option splice-response'] : []),
      `  server one 127.0.0.1:${backends[service]}`,
    ]),
    '',
  ].join('\n');
}
