import { PROXY_TLVS } from '../../routing/model/proxy-tlv.ts';

/** What `--proxy-tlv` says of itself. */
export const PROXY_TLV_HELP = `with v2, what its header says beside the addresses and the name: a list of ${PROXY_TLVS.join(', ')}; or none`;

/** The option is of one or several, the field is of all. */
export const PROXY_TLV_LABELS = { proxyTlvs: '--proxy-tlv' } as const;

/** Reads `alpn,crc32c`, or `none`; what the words may be is for the control plane to judge. */
export function proxyTlvsOf(text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  return text === 'none' ? [] : text.split(',').map((name) => name.trim());
}
