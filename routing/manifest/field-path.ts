import type { Path } from './document.ts';

/**
 * Says where a document has what became the field of an input: `others[0].app` → `['spec', 'others', 0, 'app']`.
 *
 * `elsewhere` has the fields that are not in `spec` under their own names.
 */
export function fieldPath(elsewhere: Readonly<Record<string, Path>>): (field: string) => Path {
  return (field) => {
    const [first = field, ...rest] = partsOf(field);
    const top = Object.hasOwn(elsewhere, first) ? elsewhere[first] : undefined;
    return [...(top ?? ['spec', first]), ...rest];
  };
}

function partsOf(field: string): readonly string[] | Path {
  return field
    .split(/[.[\]]+/)
    .filter((part) => part !== '')
    .map((part) => (/^[0-9]+$/.test(part) ? Number(part) : part));
}
