import { findPeer, type Peer, type PeerSetup, startPeer } from './peer.ts';
import { type Contender, ROUTED_NAMES, SERVICES } from './proxy.ts';

/** sniproxy as its package builds it, without an access log. */
export const sniproxy: Contender = {
  name: 'sniproxy',
  find: () => findPeer('sniproxy', ['-V'], /sniproxy (\S+)/),
  start: (session, backends) => startPeer(PEER, { session, backends }),
};

const PEER: Peer = {
  name: 'sniproxy',
  command: 'sniproxy',
  arguments: (file) => ['-f', '-c', file],
  configuration,
};

function configuration({ port, backends, path }: PeerSetup): string {
  return [
    `pidfile ${path('pid')}`,
    'error_log {',
    `  filename ${path('errors')}`,
    '  priority error',
    '}',
    `listener 127.0.0.1:${port} {`,
    '  protocol tls',
    '  table services',
    '}',
    'table services {',
    // Its names are regular expressions.
    ...SERVICES.map(
      (service) => `  ^${ROUTED_NAMES[service].replaceAll('.', '\\\\.')}$ 127.0.0.1:${backends[service]}`,
    ),
    '}',
    '',
  ].join('\n');
}
