/**
 * The routes of one hostname, where some of them ask for an ALPN protocol. Only such hostnames have one, so that all others
 * cost what they would without.
 */
export class ProtocolChoice<Value> {
  readonly #asking = new Map<string, Value>();
  /** The one that asks for nothing. */
  plain: Value | undefined;

  constructor(plain: Value | undefined) {
    this.plain = plain;
  }

  /** How many of them ask for a protocol. */
  get size(): number {
    return this.#asking.size;
  }

  get(protocol: string): Value | undefined {
    return this.#asking.get(protocol);
  }

  set(protocol: string, value: Value): void {
    this.#asking.set(protocol, value);
  }

  delete(protocol: string): boolean {
    return this.#asking.delete(protocol);
  }

  /** The route that asks for the first of the offered protocols that any asks for, else the plain one. */
  find(offered: readonly string[]): Value | undefined {
    for (const protocol of offered) {
      const asking = this.#asking.get(protocol);
      if (asking !== undefined) return asking;
    }
    return this.plain;
  }

  *values(): Generator<Value, void, undefined> {
    if (this.plain !== undefined) yield this.plain;
    yield* this.#asking.values();
  }
}
