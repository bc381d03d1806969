/** A name that a wildcard takes in weir and not in the DNS. */
export interface WildcardGap {
  readonly name: string;
  readonly wildcard: string;
}

export interface GapSearch {
  /** Every name that has a record, wildcards too. */
  readonly owners: Iterable<string>;
  /** Those of them that clients connect to. */
  readonly bound: ReadonlySet<string>;
  /** Whether nobody connects to a name or to what is below it. */
  readonly isService: (name: string) => boolean;
}

const MAX_NAME_OCTETS = 253;

/**
 * Finds what `*.example.com` takes in weir, which is every name below, and leaves out in the DNS, where only the wildcard
 * directly below the closest encloser counts, the nearest name that exists. A name exists too if all that it has are names
 * below it (RFC 4592 §2.2.2, §3.3.1).
 *
 * So where `a.b.example.com` has a record, `b.example.com` exists, and three names need records of their own:
 * `b.example.com`, `*.b.example.com` and `*.a.b.example.com`.
 */
export function wildcardGaps({ owners, bound, isService }: GapSearch): readonly WildcardGap[] {
  const gaps = new Map<string, WildcardGap>();
  for (const owner of owners) {
    const existing = selfAndAbove(owner.replace(/^\*\./, ''));
    for (const [at, name] of existing.entries()) {
      const wildcard = existing
        .slice(at + 1)
        .map((above) => `*.${above}`)
        .find((each) => bound.has(each));
      if (wildcard === undefined) break;
      if (isService(name)) continue;
      for (const missing of [name, `*.${name}`]) {
        if (!bound.has(missing) && missing.length <= MAX_NAME_OCTETS)
          gaps.set(missing, { name: missing, wildcard });
      }
    }
  }
  return [...gaps.values()];
}

/** `a.example.com`, `example.com`, `com`. */
function selfAndAbove(name: string): readonly string[] {
  const labels = name.split('.');
  return labels.map((_, at) => labels.slice(at).join('.'));
}
