import type { PortView } from '../../../routing/control/views.ts';
import { proxyText } from '../../../routing/model/proxy-tlv.ts';
import { backendsText } from '../backends-text.ts';

/** `port 20000 → acme/shop/production/db port 5432, PROXY v2`, or `port 443 of 203.0.113.7 → …`. */
export function portText(port: PortView): string {
  const proxy = port.proxyProtocol === 'none' ? '' : `, ${proxyText(port)}`;
  const address = port.address === null ? '' : ` of ${port.address}`;
  return `port ${port.port}${address} → ${backendsText(port)}${proxy}`;
}
