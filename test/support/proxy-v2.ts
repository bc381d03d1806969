import type net from 'node:net';
import { readBytes } from './tcp.ts';

/** A version 2 header, put together from its parts whether they fit or not (PROXY protocol §2.2). */
export function proxyV2(parts: {
  /** @default 0x21: version 2, PROXY */
  readonly command?: number;
  /** @default 0x11: TCP over IPv4 */
  readonly family?: number;
  /** @default 192.0.2.1:51000 to 198.51.100.1:443 */
  readonly addresses?: Uint8Array;
  readonly tlvs?: readonly Uint8Array[];
  /** What the length field claims. @default the truth */
  readonly length?: number;
}): Buffer {
  const body = Buffer.concat([parts.addresses ?? V4_ADDRESSES, ...(parts.tlvs ?? [])]);
  const fixed = Buffer.from('0d0a0d0a000d0a515549540a00000000', 'hex');
  fixed[12] = parts.command ?? 0x21;
  fixed[13] = parts.family ?? 0x11;
  fixed.writeUInt16BE(parts.length ?? body.length, 14);
  return Buffer.concat([fixed, body]);
}

export const V4_ADDRESSES: Buffer = Buffer.from('c0000201c6336401c73801bb', 'hex');
export const V6_ADDRESSES: Buffer = Buffer.from(
  '20010db800000000000000000000000120010db8000000000000000000000002c73801bb',
  'hex',
);

/** One TLV. */
export function tlv(type: number, value: Uint8Array | string, length?: number): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value;
  const header = Buffer.from([type, 0, 0]);
  header.writeUInt16BE(length ?? bytes.length, 1);
  return Buffer.concat([header, bytes]);
}

/** Reads a version 2 header off the front of a connection: sixteen bytes, the last two of which say how many follow. */
export async function takeProxyV2(socket: net.Socket): Promise<Buffer> {
  const fixed = await readBytes(socket, 16);
  return Buffer.concat([fixed, await readBytes(socket, fixed.readUInt16BE(14))]);
}
