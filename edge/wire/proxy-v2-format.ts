/**
 * The numbers of the PROXY protocol's binary header, §2.2:
 *
 *     signature (12) | version, command (1) | family, transport (1) | length of what follows (2) | addresses | TLVs
 *
 * and of a TLV: type (1), length of the value (2), value.
 */
export const SIGNATURE: Uint8Array = Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10);
export const FIXED_BYTES = 16;

/** The high half is the version. */
export const VERSION_2_LOCAL = 0x20;
export const VERSION_2_PROXY = 0x21;

/** The high half is the address family, the low one the transport. */
export const UNSPECIFIED = 0x00;
export const STREAM_OVER_INET = 0x11;
export const STREAM_OVER_INET6 = 0x21;
export const STREAM_OVER_UNIX = 0x31;

/** Two addresses, and two ports where the family has them. */
export const INET_BYTES = 2 * 4 + 2 * 2;
export const INET6_BYTES = 2 * 16 + 2 * 2;
export const UNIX_BYTES = 2 * 108;

/** §2.2.1 to §2.2.6. */
export const TLV_ALPN = 0x01;
export const TLV_AUTHORITY = 0x02;
export const TLV_CRC32C = 0x03;
export const TLV_UNIQUE_ID = 0x05;
export const TLV_SSL = 0x20;

/** §2.2.8: 0xE0 to 0xEF are for applications. Load balancers of the large clouds have taken these. */
export const TLV_GCP = 0xe0;
export const TLV_AWS = 0xea;
export const TLV_AZURE = 0xee;

/** And these are weir's own, beside them. */
export const TLV_ORG = 0xe4;
export const TLV_APP = 0xe5;
export const TLV_ENV = 0xe6;

export const TLV_HEADER_BYTES = 3;
export const CHECKSUM_BYTES = 4;
export const MAX_UNIQUE_ID_BYTES = 128;
