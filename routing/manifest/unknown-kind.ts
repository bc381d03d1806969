import { nearest } from '../../config/nearest.ts';
import { quote } from '../../config/quote.ts';
import type { ManifestDocument, ManifestProblem } from './document.ts';
import type { DocumentKind } from './document-kind.ts';
import { orList } from './plain-words.ts';
import { problemAt } from './validate.ts';

type Known = readonly Pick<DocumentKind, 'apiVersion' | 'kind'>[];

/** Says of a document that is of none of the known kinds what was probably meant, and else what there is. */
export function unknownKind(document: ManifestDocument, known: Known): ManifestProblem {
  const { apiVersion, kind } = document;
  const siblings = kindsOf(apiVersion, known);
  if (siblings.length === 0) return unknownVersion(document, known);
  const near = nearest(kind, siblings);
  const hint = near === null ? `known of ${apiVersion}: ${orList(siblings, 'and')}` : `did you mean ${near}?`;
  return problemAt(document, ['kind'], `${quote(kind)} is not known; ${hint}`);
}

function unknownVersion(document: ManifestDocument, known: Known): ManifestProblem {
  const { apiVersion, kind } = document;
  const versions = [...new Set(known.map((one) => one.apiVersion))];
  const same = known.filter((one) => one.kind === kind).map((one) => one.apiVersion);
  const near = nearest(apiVersion, versions);
  const all = versions.map((version) => `${version} (${orList(kindsOf(version, known), 'and')})`);
  const hint =
    same.length > 0
      ? `${kind} is of ${orList([...new Set(same)])}`
      : near === null
        ? `known: ${all.join('; ')}`
        : `did you mean ${near}?`;
  return problemAt(document, ['apiVersion'], `${quote(apiVersion)} is not known; ${hint}`);
}

function kindsOf(apiVersion: string, known: Known): readonly string[] {
  return known.filter((one) => one.apiVersion === apiVersion).map(({ kind }) => kind);
}
