import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findPeer, type Peer, type PeerSetup, startPeer } from './peer.ts';
import { type Contender, ROUTED_NAMES, SERVICES } from './proxy.ts';

const MAX_CONNECTIONS = 60_000;

/** Where Debian and its relatives put the module, which nginx.org's own packages have built in. */
const STREAM_MODULE = '/usr/lib/nginx/modules/ngx_stream_module.so';

/** nginx's stream module with ssl_preread: one worker beside its master, and no access log. */
export const nginx: Contender = {
  name: 'nginx',
  find() {
    const found = findPeer('nginx', ['-V'], /nginx\/(\S+)/);
    return found.kind === 'missing' || existsSync(STREAM_MODULE) || isBuiltIn()
      ? found
      : { kind: 'missing', remedy: 'it has no stream module; run: npm run bench:peers' };
  },
  start: (session, backends) => startPeer(PEER, { session, backends }),
};

function isBuiltIn(): boolean {
  return /--with-stream(?:\s|$)/.test(spawnSync('nginx', ['-V'], { encoding: 'utf8' }).stderr);
}

const PEER: Peer = {
  name: 'nginx',
  command: 'nginx',
  arguments: (file) => ['-c', file, '-e', 'stderr'],
  configuration,
};

function configuration({ port, backends, machine, path }: PeerSetup): string {
  // Each connection through it takes two of its own, and two descriptors.
  const connections = Math.min(2 * MAX_CONNECTIONS, machine.maxFiles) - 100;
  return [
    ...(existsSync(STREAM_MODULE) ? [`load_module ${STREAM_MODULE};`] : []),
    'daemon off;',
    'worker_processes 1;',
    `worker_rlimit_nofile ${Math.min(machine.maxFiles, 2 * MAX_CONNECTIONS)};`,
    `pid ${path('pid')};`,
    'error_log stderr error;',
    `events { worker_connections ${connections}; }`,
    'stream {',
    '  access_log off;',
    '  map $ssl_preread_server_name $service {',
    ...SERVICES.map((service) => `    ${ROUTED_NAMES[service]} ${service};`),
    '  }',
    ...SERVICES.map((service) => `  upstream ${service} { server 127.0.0.1:${backends[service]}; }`),
    '  server {',
    `    listen 127.0.0.1:${port} backlog=4096;`,
    '    ssl_preread on;',
    '    proxy_connect_timeout 5s;',
    '    proxy_timeout 5m;',
    '    proxy_pass $service;',
    '  }',
    '}',
    '',
  ].join('\n');
}
