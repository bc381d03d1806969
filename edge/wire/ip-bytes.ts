const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;

/** An IPv4 address in dotted form as 32 bits, -1 for other text. A leading zero, which some read as octal, is other text. */
export function ipv4Bits(text: string): number {
  let bits = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || dots === 3) return -1;
      bits = (bits << 8) | part;
      part = 0;
      digits = 0;
      dots += 1;
    } else {
      if (code < ZERO || code > NINE || (digits > 0 && part === 0)) return -1;
      part = part * 10 + (code - ZERO);
      digits += 1;
      if (part > 255) return -1;
    }
  }
  return dots === 3 && digits > 0 ? ((bits << 8) | part) >>> 0 : -1;
}

/** The 16 bytes of an IPv6 address as RFC 4291 §2.2 writes it, without a zone; null for other text. The caller's own. */
export function ipv6Bytes(text: string): Uint8Array | null {
  const bytes = new Uint8Array(16);
  return writeIpv6(bytes, 0, text) ? bytes : null;
}

/** Writes the same at `start`, where 16 bytes are; answers false for other text, and may have written something then. */
function writeIpv6(bytes: Uint8Array, start: number, text: string): boolean {
  const end = start + 16;
  let to = start;
  let gap = -1; // where `::` stands
  let at = 0;
  if (text.startsWith('::')) {
    gap = to;
    at = 2;
  }
  while (at < text.length) {
    const first = at;
    let group = 0;
    let code = 0;
    for (; at < text.length; at += 1) {
      code = text.charCodeAt(at);
      const digit = hexValue(code);
      if (digit < 0) break;
      group = (group << 4) | digit;
    }
    const isLast = at === text.length;
    if (!isLast && code === DOT) {
      const bits = ipv4Bits(text.slice(first));
      if (bits < 0 || to + 4 > end) return false;
      writeIpv4(bytes, to, bits);
      to += 4;
      break;
    }
    if (at === first || at - first > 4 || to === end) return false;
    bytes[to] = group >> 8;
    bytes[to + 1] = group & 0xff;
    to += 2;
    if (isLast) break;
    if (code !== COLON || at + 1 === text.length) return false;
    at += 1;
    if (text.charCodeAt(at) !== COLON) continue;
    if (gap >= 0) return false;
    gap = to;
    at += 1;
  }
  if (gap < 0) return to === end;
  // The gap stands for one group at least: with eight beside it nobody could say where it is.
  if (to === end) return false;
  fillGap(bytes, gap, to, end);
  return true;
}

/** Moves what stands from `gap` up to `to` on to `end`, and zeroes before it. By hand: a call into C++ costs more. */
function fillGap(bytes: Uint8Array, gap: number, to: number, end: number): void {
  let at = end;
  for (let from = to; from > gap; ) {
    from -= 1;
    at -= 1;
    bytes[at] = bytes[from] ?? 0;
  }
  while (at > gap) {
    at -= 1;
    bytes[at] = 0;
  }
}

/**
 * Writes an address of either family as 16 bytes: IPv4 as IPv4-mapped IPv6 (RFC 4291 §2.5.5.2), a zone left out. Answers
 * false for other text.
 */
export function writeMappedIp(bytes: Uint8Array, start: number, text: string): boolean {
  const bits = ipv4Bits(text);
  if (bits >= 0) {
    bytes.fill(0, start, start + 10).fill(0xff, start + 10, start + 12);
    writeIpv4(bytes, start + 12, bits);
    return true;
  }
  const zone = text.indexOf('%');
  return writeIpv6(bytes, start, zone < 0 ? text : text.slice(0, zone));
}

/** Whether 16 bytes from `start` on are an IPv4-mapped IPv6 address. The caller has checked that they are there. */
export function isMappedIpv4(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < start + 10; at += 1) if (bytes[at] !== 0) return false;
  return bytes[start + 10] === 0xff && bytes[start + 11] === 0xff;
}

/** Writes four bytes at `at`. */
export function writeIpv4(bytes: Uint8Array, at: number, bits: number): void {
  bytes[at] = bits >>> 24;
  bytes[at + 1] = (bits >>> 16) & 0xff;
  bytes[at + 2] = (bits >>> 8) & 0xff;
  bytes[at + 3] = bits & 0xff;
}

function hexValue(code: number): number {
  if (code >= ZERO && code <= NINE) return code - ZERO;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
