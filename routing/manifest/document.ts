/** A place in a file; both count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The way to a value inside of a document: `['spec', 'listeners', 0, 'hostname']`. */
export type Path = readonly (string | number)[];

/** What is wrong in a file, where, and with which value; `problem` is a clause that goes after the path. */
export interface ManifestProblem extends Place {
  /** `spec.listeners[0].hostname`; empty for the document as a whole. */
  readonly path: string;
  readonly problem: string;
}

/** One document of a file, as YAML or JSON has it: an object with an `apiVersion` and a `kind`. */
export interface ManifestDocument {
  readonly apiVersion: string;
  readonly kind: string;
  /** Plain data: what YAML calls a map is an object. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Where the value at this path is (at its key, in a map), or the innermost one around it that is there. */
  place(path: Path): Place;
}
