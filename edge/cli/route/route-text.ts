import type { RouteView } from '../../../routing/control/views.ts';
import { alpnSuffix } from '../../../routing/model/alpn.ts';
import { proxyText } from '../../../routing/model/proxy-tlv.ts';
import { backendsText } from '../backends-text.ts';

/** `tls www.example.com → acme/shop/production/web port 8443, PROXY v2`, or `tls www.example.com alpn h2 → …`. */
export function routeText(route: RouteView): string {
  const traits = [backendsText(route)];
  if (route.proxyProtocol !== 'none') traits.push(proxyText(route));
  if (route.redirectToHttps) traits.push('redirects to https');
  return `${route.listener} ${route.hostname}${alpnSuffix(route.alpn)} → ${traits.join(', ')}`;
}
