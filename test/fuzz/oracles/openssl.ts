import { Duplex } from 'node:stream';
import tls from 'node:tls';
import { testCertificate } from '../../support/tls.ts';
import type { Oracle, OracleAnswer } from './oracle.ts';

const HANDSHAKE = 22;
const SERVER_HELLO = 2;

/** A client that only says goodbye gets no word. */
const SILENCE_MS = 500;

/** RFC 8446 §4.1.3: the random of a ServerHello that only asks for another ClientHello. */
const RETRY = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');

/** OpenSSL by way of Node's server: what it has read by the time that it answers with a ServerHello or an alert. */
export async function opensslOracle(): Promise<Oracle> {
  const heard = {
    serverName: undefined as string | undefined,
    alpn: undefined as readonly string[] | undefined,
  };
  const secureContext = tls.createSecureContext({
    ...(await testCertificate()),
    minVersion: 'TLSv1',
    ciphers: 'ALL:@SECLEVEL=0',
  });
  const options: tls.TLSSocketOptions = {
    isServer: true,
    secureContext,
    SNICallback: (name, done) => {
      heard.serverName = name;
      done(null);
    },
    ALPNCallback: ({ protocols }) => {
      heard.alpn = protocols;
      return protocols[0];
    },
  };

  return {
    ask(bytes) {
      heard.serverName = undefined;
      heard.alpn = undefined;
      return new Promise<OracleAnswer>((resolve) => {
        const wire = new Duplex({
          read() {},
          write(chunk: Buffer, _encoding, done) {
            done();
            if (chunk[0] === HANDSHAKE && chunk[5] === SERVER_HELLO) finish(answered(chunk));
            // An alert is followed by its error, which has a name.
          },
        });
        const silence = setTimeout(() => finish({ kind: 'refused', code: 'silence' }), SILENCE_MS);
        const finish = (answer: OracleAnswer) => {
          clearTimeout(silence);
          resolve(answer);
          // Both, or OpenSSL's own memory stays.
          socket.destroy();
          wire.destroy();
        };
        const answered = (chunk: Buffer): OracleAnswer => {
          if (chunk.subarray(11, 43).equals(RETRY)) return { kind: 'refused', code: 'HelloRetryRequest' };
          return { kind: 'hello', serverName: heard.serverName ?? null, alpn: heard.alpn ?? [] };
        };
        const fail = (code: string) => {
          // The handshake may fail for what a mutation did to the keys, after the names were read.
          const { serverName, alpn } = heard;
          if (serverName === undefined && alpn === undefined) finish({ kind: 'refused', code });
          else finish({ kind: 'hello', serverName, alpn });
        };
        wire.on('error', () => {});
        const socket = new tls.TLSSocket(wire, options);
        socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
        wire.push(bytes);
        wire.push(null);
      });
    },
    // Node makes text of what OpenSSL says: a name byte for byte, protocols without the highest bit of each byte.
    spelledName: (name) => name,
    spelledProtocol: (protocol) => Buffer.from(protocol, 'latin1').toString('ascii'),
    close: () => {},
  };
}
