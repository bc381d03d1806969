import type { Brand } from './brand.ts';
import { type HostPattern, parseHostPattern } from './hostname.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** What an org can hold: a `Hostname` with every name below it, or `*`, the listeners' default alone. */
export type Domain = Brand<string, 'Domain'>;

/** What takes every name that no other route takes; it has nothing above or below it. */
export const DEFAULT_DOMAIN = '*' as Domain;

/** Reads what a person typed: as a hostname, U-labels too, or `*`. */
export function parseDomain(text: string): Parsed<Domain> {
  if (text.startsWith('*.')) return invalid('is a wildcard; a domain has all names below it anyway');
  const pattern = parseHostPattern(text);
  return pattern.kind === 'ok' ? ok(domainOf(pattern.value)) : pattern;
}

/** The domain that a route's name stands for: `example.com` for `example.com` and for `*.example.com`. */
export function domainOf(pattern: HostPattern): Domain {
  return (pattern.startsWith('*.') ? pattern.slice(2) : pattern) as string as Domain;
}

/** The domain itself and those above it, nearest first: `a.example.com`, `example.com`, `com`. */
export function domainAndAbove(domain: Domain): readonly Domain[] {
  const domains = [domain];
  for (let dot = domain.indexOf('.'); dot !== -1; dot = domain.indexOf('.', dot + 1)) {
    domains.push(domain.slice(dot + 1) as Domain);
  }
  return domains;
}

/** Whether the one is strictly below the other. */
export function isBelow(domain: Domain, above: Domain): boolean {
  return domain.endsWith(`.${above}`);
}

/** The domain directly below `above` that `domain`, which is below it, is or lies in. */
export function childOf(above: Domain, domain: Domain): Domain {
  const labels = domain.slice(0, -above.length - 1);
  return `${labels.slice(labels.lastIndexOf('.') + 1)}.${above}` as Domain;
}

/** Whether it has one label only, as `com` has. */
export function isTopLevel(domain: Domain): boolean {
  return domain !== DEFAULT_DOMAIN && !domain.includes('.');
}
