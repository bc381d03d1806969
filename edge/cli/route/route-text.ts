import type { RouteView } from '../../../routing/control/views.ts';
import { backendsText } from '../backends-text.ts';

/** `tls www.example.com → acme/shop/production/web port 8443, PROXY v2`. */
export function routeText(route: RouteView): string {
  const traits = [backendsText(route)];
  if (route.proxyProtocol !== 'none') traits.push(`PROXY ${route.proxyProtocol}`);
  if (route.redirectToHttps) traits.push('redirects to https');
  return `${route.listener} ${route.hostname} → ${traits.join(', ')}`;
}
