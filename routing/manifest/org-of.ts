import type { ManifestDocument, ManifestProblem, Path } from './document.ts';
import type { ManifestContext } from './document-kind.ts';
import { problemAt } from './validate.ts';

/** The org of a document, or what is wrong with it. */
export type OrgOf =
  | { readonly kind: 'ok'; readonly org: string }
  | { readonly kind: 'invalid'; readonly problem: ManifestProblem };

/** Where a document may name its org. */
export interface OrgPlace {
  /** What it says there. */
  readonly written: string | undefined;
  readonly path: Path;
  readonly document: ManifestDocument;
  readonly context: ManifestContext;
}

/** Takes the org that a document names, or the one that the apply is for; where both are there they have to agree. */
export function orgOf({ written, path, document, context: { org } }: OrgPlace): OrgOf {
  if (written === undefined && org === null) {
    return { kind: 'invalid', problem: problemAt(document, path, 'is required; write it, or give --org') };
  }
  if (written !== undefined && org !== null && written !== org) {
    const problem = `is another org than ${org}, which --org names`;
    return { kind: 'invalid', problem: problemAt(document, path, problem) };
  }
  return { kind: 'ok', org: written ?? org ?? '' };
}
