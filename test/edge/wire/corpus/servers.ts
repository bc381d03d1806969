import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { freePorts } from '../../../support/free-ports.ts';
import { testCertificate } from '../../../support/tls.ts';

/** Behind the tap, so that a client gets as far as a ticket. */
interface Server {
  readonly port: number;
  close(): void;
}

/** Long enough for a ticket to arrive, which clients take before anything else. */
const GOODBYE_MS = 200;

/** Takes every version that OpenSSL has, says a word and leaves. */
export async function startNodeServer(): Promise<Server> {
  const server = tls.createServer({
    ...(await testCertificate()),
    minVersion: 'TLSv1',
    ciphers: 'ALL:@SECLEVEL=0',
    ALPNProtocols: ['http/1.1', 'acme-tls/1'],
  });
  server.on('tlsClientError', () => {});
  server.on('secureConnection', (socket) => {
    socket.on('error', () => {});
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    setTimeout(() => socket.end(), GOODBYE_MS);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** OpenSSL's own, which takes 0-RTT data. */
export async function startEarlyDataServer(): Promise<Server> {
  const dir = mkdtempSync(join(tmpdir(), 'weir-corpus-server-'));
  const { cert, key } = await testCertificate();
  writeFileSync(join(dir, 'cert.pem'), cert);
  writeFileSync(join(dir, 'key.pem'), key);
  const port = await freePorts(1);
  const args = ['-accept', String(port), '-cert', join(dir, 'cert.pem'), '-key', join(dir, 'key.pem')];
  const server = spawn('openssl', ['s_server', ...args, '-early_data'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(server.stdout, 'data'); // it says that it accepts
  return {
    port,
    close: () => {
      server.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
