import type { z } from 'zod';
import type { Desired } from './desired.ts';
import type { ManifestDocument, ManifestProblem } from './document.ts';
import { validate } from './validate.ts';

/** What documents mean beside what they say. */
export interface ManifestContext {
  /** The org that this apply is for; documents may leave it out, and may not name another. Null: every org's. */
  readonly org: string | null;
  /** Where names of workloads lie; null where no platform domain is claimed. */
  readonly platformDomain: string | null;
  /** Where several are claimed and none of them is said to be meant: all of them. @default none */
  readonly platformChoices?: readonly string[] | undefined;
}

/** A kind of document that apply takes. */
export interface DocumentKind {
  readonly apiVersion: string;
  readonly kind: string;
  /** One sentence, for editors. */
  readonly about: string;
  /** Of the whole document, `apiVersion` and `kind` included. */
  readonly schema: z.ZodType;
}

/** What documents want; those that are not valid want nothing. */
export interface Interpreted {
  readonly desired: readonly Desired[];
  readonly problems: readonly ManifestProblem[];
}

/** A kind whose documents each mean something by themselves. */
export interface PlainKind extends DocumentKind {
  interpret(document: ManifestDocument, context: ManifestContext): Interpreted;
}

/** Puts a kind together from its schema and from what a valid document of it means. */
export function plainKind<Schema extends z.ZodType>(
  kind: DocumentKind & { readonly schema: Schema },
  meaning: (value: z.output<Schema>, document: ManifestDocument, context: ManifestContext) => Interpreted,
): PlainKind {
  return {
    ...kind,
    interpret: (document, context) => {
      const valid = validate(document, kind.schema);
      if (valid.kind === 'invalid') return { desired: [], problems: valid.problems };
      return meaning(valid.value, document, context);
    },
  };
}
