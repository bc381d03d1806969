import type { PortView } from '../../../routing/control/views.ts';
import { serviceText } from '../service-text.ts';

/** `port 20000 → acme/shop/production/db port 5432, PROXY v2`. */
export function portText(port: PortView): string {
  const proxy = port.proxyProtocol === 'none' ? '' : `, PROXY ${port.proxyProtocol}`;
  return `port ${port.port} → ${serviceText(port)} port ${port.backendPort}${proxy}`;
}
