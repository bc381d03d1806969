/** Whether a 16-bit code point is reserved to be ignored (RFC 8701 §2): 0x0a0a, 0x1a1a and so on to 0xfafa. */
export function isGrease(value: number): boolean {
  return (value & 0x0f0f) === 0x0a0a && value >> 8 === (value & 0xff);
}
