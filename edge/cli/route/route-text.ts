import type { RouteView } from '../../../routing/control/views.ts';
import { serviceText } from '../service-text.ts';

/** `tls www.example.com → acme/shop/production/web port 8443, PROXY v2`. */
export function routeText(route: RouteView): string {
  const traits = [`${serviceText(route)} port ${route.backendPort}`];
  if (route.proxyProtocol !== 'none') traits.push(`PROXY ${route.proxyProtocol}`);
  if (route.redirectToHttps) traits.push('redirects to https');
  return `${route.listener} ${route.hostname} → ${traits.join(', ')}`;
}
