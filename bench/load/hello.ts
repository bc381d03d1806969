import { Duplex } from 'node:stream';
import { connect } from 'node:tls';

/**
 * A ClientHello for the name, in one TLS record of 300 to 400 bytes: what OpenSSL sends, taken from a client that
 * never gets an answer. The post-quantum key shares that Node offers by default would make it four times as long.
 */
export function captureHello(name: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const wire = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      resolve(Buffer.from(chunk));
      done();
    },
  });
  const client = connect({
    socket: wire,
    servername: name,
    ecdhCurve: 'X25519:P-256',
    ALPNProtocols: ['h2', 'http/1.1'],
  });
  client.on('error', reject);
  return promise.finally(() => client.destroy());
}

/** Bytes of the TLS record that `bytes` starts with, its 5 byte header included (RFC 8446 §5.1); null before the header is whole. */
export function recordLength(bytes: Buffer): number | null {
  return bytes.length < 5 ? null : 5 + bytes.readUInt16BE(3);
}
