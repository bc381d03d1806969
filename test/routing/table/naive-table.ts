import type { Change } from '../../../routing/model/change.ts';
import type { Endpoint } from '../../../routing/model/endpoint.ts';
import type { PortBinding, Route, RouteListener } from '../../../routing/model/route.ts';

/** The oracle: a list of the latest row of each key, searched from end to end and by another rule of thumb each time. */
export class NaiveTable {
  rows: Change[] = [];

  apply(change: Change): void {
    this.rows = this.rows.filter((row) => row.kind !== change.kind || row.key !== change.key);
    if (change.value !== null) this.rows.push(change);
  }

  route(listener: RouteListener, name: string | null, offered: readonly string[]): Route | null {
    const matching = this.#ofName(listener, name).filter(
      ({ alpn }) => alpn === null || offered.includes(alpn),
    );
    matching.sort(
      (one, other) => rank(other.pattern) - rank(one.pattern) || turn(one, offered) - turn(other, offered),
    );
    return matching[0] ?? null;
  }

  isRouted(listener: RouteListener, name: string | null): boolean {
    return this.#ofName(listener, name).length > 0;
  }

  port(key: string): PortBinding | null {
    for (const row of this.rows) if (row.kind === 'port' && row.key === key) return row.value;
    return null;
  }

  ports(): string[] {
    return this.rows.flatMap((row) => (row.kind === 'port' && row.value !== null ? [row.key] : []));
  }

  ready(service: string): Endpoint[] {
    return this.#endpoints().filter((endpoint) => endpoint.service === service && endpoint.isReady);
  }

  sizes(): object {
    return {
      routes: this.#routes().length,
      ports: this.ports().length,
      endpoints: this.#endpoints().length,
      readyEndpoints: this.#endpoints().filter((endpoint) => endpoint.isReady).length,
      services: new Set(this.rows.flatMap(servicesOf)).size,
    };
  }

  #ofName(listener: RouteListener, name: string | null): Route[] {
    return this.#routes().filter((route) => route.listener === listener && matches(route.pattern, name));
  }

  #routes(): Route[] {
    return this.rows.flatMap((row) => (row.kind === 'route' && row.value !== null ? [row.value] : []));
  }

  #endpoints(): Endpoint[] {
    return this.rows.flatMap((row) => (row.kind === 'endpoint' && row.value !== null ? [row.value] : []));
  }
}

function servicesOf({ value }: Change): readonly string[] {
  if (value === null) return [];
  return 'others' in value ? [value, ...value.others].map(({ service }) => service) : [value.service];
}

function matches(pattern: string, name: string | null): boolean {
  if (pattern === '*') return true;
  if (name === null) return false;
  return pattern.startsWith('*.') ? name.endsWith(pattern.slice(1)) : pattern === name;
}

/** The client's order of preference, and after all that it offers the route that asks for nothing. */
function turn({ alpn }: Route, offered: readonly string[]): number {
  return alpn === null ? offered.length : offered.indexOf(alpn);
}

/** Exact before wildcards, the longer wildcard before the shorter, the default last. */
function rank(pattern: string): number {
  if (pattern === '*') return 0;
  return pattern.startsWith('*.') ? pattern.length : 1000;
}
