/** Big-endian, as in TLS and the PROXY protocol. The caller has checked that `at` is inside. */
export function uint8(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}

/** Big-endian. The caller has checked that both bytes are inside. */
export function uint16(bytes: Uint8Array, at: number): number {
  return (uint8(bytes, at) << 8) | uint8(bytes, at + 1);
}
