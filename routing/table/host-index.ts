import type { Hostname } from '../model/hostname.ts';

const DEFAULT = '*';

/**
 * One listener's hostnames: exact name → longest wildcard → default.
 *
 * All three kinds share one map. A wildcard `*.example.com` stands under `.example.com`, which no hostname can be equal
 * to, so that a lookup cuts the name at its dots and never builds a string. Patterns are those of `HostPattern`.
 */
export class HostIndex<Value> {
  readonly #values = new Map<string, Value>();
  #wildcards = 0;

  get size(): number {
    return this.#values.size;
  }

  get(pattern: string): Value | undefined {
    return this.#values.get(cellOf(pattern));
  }

  set(pattern: string, value: Value): void {
    const cell = cellOf(pattern);
    const before = this.#values.size;
    this.#values.set(cell, value);
    if (this.#values.size > before && isWildcard(cell)) this.#wildcards += 1;
  }

  delete(pattern: string): void {
    const cell = cellOf(pattern);
    if (this.#values.delete(cell) && isWildcard(cell)) this.#wildcards -= 1;
  }

  /** At most one map lookup for each label of `name`; null asks for the default alone. */
  find(name: Hostname | null): Value | undefined {
    if (name === null) return this.#values.get(DEFAULT);
    const exact = this.#values.get(name);
    if (exact !== undefined) return exact;
    if (this.#wildcards > 0) {
      for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
        const wildcard = this.#values.get(name.slice(dot));
        if (wildcard !== undefined) return wildcard;
      }
    }
    return this.#values.get(DEFAULT);
  }

  values(): Iterable<Value> {
    return this.#values.values();
  }
}

function cellOf(pattern: string): string {
  return pattern.startsWith('*.') ? pattern.slice(1) : pattern;
}

function isWildcard(cell: string): boolean {
  return cell.startsWith('.');
}
