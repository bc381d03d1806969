import type net from 'node:net';

/** What a backend learns from a PROXY v2 header. */
export interface ProxyFacts {
  readonly address: string;
  readonly port: number;
  /** The name that the client asked for (PP2_TYPE_AUTHORITY), null where it is not there. */
  readonly authority: string | null;
}

const SIGNATURE = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const FIXED_BYTES = 16;
const PP2_TYPE_AUTHORITY = 0x02;

/**
 * Reads the header off the front of a connection, as a backend behind a PROXY route has to before anything else, and puts
 * back what came after it. Rejects where there is none. PROXY protocol specification §2.2.
 */
export async function readProxyHeader(socket: net.Socket): Promise<ProxyFacts> {
  const fixed = await readExactly(socket, FIXED_BYTES);
  if (!fixed.subarray(0, SIGNATURE.length).equals(SIGNATURE))
    throw new Error('the connection does not start with a PROXY v2 header');
  const rest = await readExactly(socket, fixed.readUInt16BE(14));
  const isIpv6 = (fixed[13] ?? 0) >> 4 === 2;
  const [addressBytes, tlvsAt] = isIpv6 ? [16, 36] : [4, 12];
  return {
    address: isIpv6 ? ipv6Text(rest.subarray(0, addressBytes)) : rest.subarray(0, addressBytes).join('.'),
    port: rest.readUInt16BE(addressBytes * 2),
    authority: findAuthority(rest.subarray(tlvsAt)),
  };
}

async function readExactly(socket: net.Socket, length: number): Promise<Buffer> {
  if (length === 0) return Buffer.alloc(0);
  for (;;) {
    const got: Buffer | null = socket.read(length);
    if (got !== null && got.length === length) return got;
    if (socket.readableEnded || socket.destroyed)
      throw new Error('the connection ended within its PROXY header');
    await new Promise<void>((resolve) => {
      const wake = () => {
        socket.off('readable', wake).off('end', wake).off('close', wake);
        resolve();
      };
      socket.on('readable', wake).on('end', wake).on('close', wake);
    });
  }
}

function ipv6Text(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(group * 2).toString(16));
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function findAuthority(tlvs: Buffer): string | null {
  for (let at = 0; at + 3 <= tlvs.length; at += 3 + tlvs.readUInt16BE(at + 1)) {
    if (tlvs[at] !== PP2_TYPE_AUTHORITY) continue;
    return tlvs.toString('utf8', at + 3, at + 3 + tlvs.readUInt16BE(at + 1));
  }
  return null;
}
