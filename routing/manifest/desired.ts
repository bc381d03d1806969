import type { Wanted } from '../control/wanted.ts';
import type { ManifestDocument, Path } from './document.ts';

/** A wanted thing and where it was said. */
export interface Desired {
  readonly wanted: Wanted;
  readonly document: ManifestDocument;
  /** Which value of the document an input's field came from, for messages about it. */
  pathOf(field: string): Path;
}
