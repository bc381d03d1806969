import type { Hostname } from '../model/hostname.ts';
import { ProtocolChoice } from './protocol-choice.ts';

const DEFAULT = '*';

const NOTHING_OFFERED: readonly string[] = [];

/**
 * One listener's hostnames: exact name → longest wildcard → default; and of one hostname the value that asks for a protocol
 * which the client offers, by the client's own order, before the one that asks for none. A hostname of which nothing is for
 * the client is passed over.
 *
 * All three kinds share one map. A wildcard `*.example.com` stands under `.example.com`, which no hostname can be equal
 * to, so that a lookup cuts the name at its dots and never builds a string. Patterns are those of `HostPattern`.
 */
export class HostIndex<Value> {
  readonly #cells = new Map<string, Value | ProtocolChoice<Value>>();
  #size = 0;
  #wildcards = 0;

  /** Values, of which a pattern may have several. */
  get size(): number {
    return this.#size;
  }

  get(pattern: string, alpn: string | null = null): Value | undefined {
    const cell = this.#cells.get(cellOf(pattern));
    if (cell instanceof ProtocolChoice) return alpn === null ? cell.plain : cell.get(alpn);
    return alpn === null ? cell : undefined;
  }

  set(pattern: string, value: Value, alpn: string | null = null): void {
    if (this.get(pattern, alpn) === undefined) this.#size += 1;
    const name = cellOf(pattern);
    const cell = this.#cells.get(name);
    if (cell === undefined && isWildcard(name)) this.#wildcards += 1;
    if (alpn === null) {
      if (cell instanceof ProtocolChoice) cell.plain = value;
      else this.#cells.set(name, value);
    } else {
      const choice = cell instanceof ProtocolChoice ? cell : new ProtocolChoice<Value>(cell);
      choice.set(alpn, value);
      this.#cells.set(name, choice);
    }
  }

  delete(pattern: string, alpn: string | null = null): void {
    if (this.get(pattern, alpn) === undefined) return;
    this.#size -= 1;
    const name = cellOf(pattern);
    const cell = this.#cells.get(name);
    if (cell instanceof ProtocolChoice) {
      if (alpn === null) cell.plain = undefined;
      else cell.delete(alpn);
      if (cell.size > 0) return;
      if (cell.plain !== undefined) {
        this.#cells.set(name, cell.plain);
        return;
      }
    }
    this.#cells.delete(name);
    if (isWildcard(name)) this.#wildcards -= 1;
  }

  /**
   * At most one map lookup for each label of `name`, and where protocols are asked for one more for each of `offered`; a null
   * name asks for the default alone.
   */
  find(name: Hostname | null, offered: readonly string[] = NOTHING_OFFERED): Value | undefined {
    if (name === null) return this.#findAt(DEFAULT, offered);
    const exact = this.#findAt(name, offered);
    if (exact !== undefined) return exact;
    if (this.#wildcards > 0) {
      for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
        const wildcard = this.#findAt(name.slice(dot), offered);
        if (wildcard !== undefined) return wildcard;
      }
    }
    return this.#findAt(DEFAULT, offered);
  }

  /** Whether there is anything for a name, whatever it asks for. */
  has(name: Hostname | null): boolean {
    if (this.#cells.has(DEFAULT)) return true;
    if (name === null) return false;
    if (this.#cells.has(name)) return true;
    for (let dot = name.indexOf('.'); dot !== -1; dot = name.indexOf('.', dot + 1)) {
      if (this.#cells.has(name.slice(dot))) return true;
    }
    return false;
  }

  *values(): Generator<Value, void, undefined> {
    for (const cell of this.#cells.values()) {
      if (cell instanceof ProtocolChoice) yield* cell.values();
      else yield cell;
    }
  }

  #findAt(name: string, offered: readonly string[]): Value | undefined {
    const cell = this.#cells.get(name);
    return cell instanceof ProtocolChoice ? cell.find(offered) : cell;
  }
}

function cellOf(pattern: string): string {
  return pattern.startsWith('*.') ? pattern.slice(1) : pattern;
}

function isWildcard(cell: string): boolean {
  return cell.startsWith('.');
}
