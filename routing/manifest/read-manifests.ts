import type { Desired } from './desired.ts';
import type { ManifestDocument, ManifestProblem } from './document.ts';
import type { DocumentKind, Interpreted, ManifestContext, PlainKind } from './document-kind.ts';
import { readDocuments } from './read-documents.ts';
import { unknownKind } from './unknown-kind.ts';
import { inTextOrder } from './validate.ts';
import { WEIR_KINDS } from './weir-documents.ts';
import { WORKLOAD } from './workload-documents.ts';
import { wrongValues } from './wrong-values.ts';

/** A file's name, as it is to stand in messages, and its text. */
export interface ManifestFile {
  readonly name: string;
  readonly text: string;
}

/** Documents that mean something only together: those of the Gateway API. */
export interface GatewayReader<Status> {
  /** What it takes, to be named to whoever asks for something else. */
  readonly kinds: readonly Pick<DocumentKind, 'apiVersion' | 'kind'>[];
  /** Whether a document is for it, known to it or not. */
  isGatewayDocument(document: ManifestDocument): boolean;
  /** Takes all of them at once; `others` is what the documents of other kinds want. */
  resolveGateway(
    documents: readonly ManifestDocument[],
    context: ManifestContext,
    others: readonly Desired[],
  ): Interpreted & { readonly statuses: readonly Status[] };
}

/** What some files want. Where there are problems nothing may be applied, since not all is known that was meant. */
export interface ReadManifests<Status> extends Interpreted {
  /** How many documents there are, those that want nothing too. */
  readonly documents: number;
  /** Of the Gateway API's routes. */
  readonly statuses: readonly Status[];
  /** By file, in the order of the files, and by line. */
  readonly problems: readonly ManifestProblem[];
}

/** The kinds that need no others to be understood. */
export const PLAIN_KINDS: readonly PlainKind[] = [...WEIR_KINDS, WORKLOAD];

/**
 * Reads files into what they want, in the order in which they say it, with everything that is wrong with them at once.
 *
 * A platform domain that the files claim themselves is as good for workloads as one that is there already.
 */
export function readManifests<Status>(
  files: readonly ManifestFile[],
  context: ManifestContext,
  gateway: GatewayReader<Status>,
): ReadManifests<Status> {
  const reads = files.map(({ name, text }) => readDocuments(name, text));
  const documents = reads.flatMap((read) => read.documents);
  const forGateway = documents.filter((document) => gateway.isGatewayDocument(document));
  const forOthers = documents.filter((document) => !gateway.isGatewayDocument(document));

  const isOpen = context.platformDomain === null && (context.platformChoices ?? []).length === 0;
  const platformDomain = isOpen ? claimedPlatform(forOthers, context) : context.platformDomain;
  const wholeContext: ManifestContext = { ...context, platformDomain };
  const known = [...PLAIN_KINDS, ...gateway.kinds];
  const plain = forOthers.map((document): Interpreted => {
    const kind = kindOf(document);
    if (kind === undefined) return { desired: [], problems: [unknownKind(document, known)] };
    return kind.interpret(document, wholeContext);
  });
  const others = plain.flatMap((part) => part.desired);
  const resolved = gateway.resolveGateway(forGateway, wholeContext, others);
  const parts = [...plain, resolved];

  const desired = parts.flatMap((part) => part.desired);
  const problems = [...reads, ...parts].flatMap((part) => part.problems);
  return {
    documents: documents.length,
    desired,
    statuses: resolved.statuses,
    problems: byFile([...problems, ...wrongValues(desired)], files),
  };
}

function kindOf({ apiVersion, kind }: ManifestDocument): PlainKind | undefined {
  return PLAIN_KINDS.find((known) => known.apiVersion === apiVersion && known.kind === kind);
}

function claimedPlatform(documents: readonly ManifestDocument[], context: ManifestContext): string | null {
  const claims = documents.flatMap((document) => {
    const kind = kindOf(document);
    return kind?.kind === 'DomainClaim' ? kind.interpret(document, context).desired : [];
  });
  for (const { wanted } of claims) {
    if (wanted.kind === 'domain' && wanted.input.isPlatform === true) return wanted.input.domain;
  }
  return null;
}

/** One slip can be found in each of the things that a document wants; it is said once. */
function byFile(problems: readonly ManifestProblem[], files: readonly ManifestFile[]): ManifestProblem[] {
  const distinct = new Map(
    problems.map((one) => [JSON.stringify([one.file, one.line, one.column, one.path, one.problem]), one]),
  );
  const ofFile = Map.groupBy(distinct.values(), ({ file }) => file);
  return [...new Set(files.map(({ name }) => name))].flatMap((name) => inTextOrder(ofFile.get(name) ?? []));
}
