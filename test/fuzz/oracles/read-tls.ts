import { Readable } from 'node:stream';
import { getExtensionData, readTlsClientHello } from 'read-tls-client-hello';
import type { Oracle } from './oracle.ts';

/** read-tls-client-hello: lenient, and only for a hello in one record. */
export function readTlsOracle(): Oracle {
  return {
    async ask(bytes) {
      const stream = Readable.from([bytes], { objectMode: false });
      stream.on('error', () => {});
      try {
        const hello = await readTlsClientHello(stream);
        return {
          kind: 'hello',
          serverName: getExtensionData(hello, 'server_name')?.serverName ?? null,
          alpn: getExtensionData(hello, 'alpn')?.protocols ?? [],
        };
      } catch (error) {
        return {
          kind: 'refused',
          code: error instanceof Error ? error.message.replaceAll(/\d+/g, 'N') : String(error),
        };
      }
    },
    spelledName: withoutHighestBits,
    spelledProtocol: withoutHighestBits,
    close() {},
  };
}

/** It reads ASCII, which has seven bits for each byte. */
function withoutHighestBits(text: string): string {
  return Buffer.from(text, 'latin1').toString('ascii');
}
