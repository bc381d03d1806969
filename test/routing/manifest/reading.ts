import type { Wanted } from '../../../routing/control/wanted.ts';
import type { ManifestProblem } from '../../../routing/manifest/document.ts';
import type { ManifestContext } from '../../../routing/manifest/document-kind.ts';
import { isGatewayDocument } from '../../../routing/manifest/gateway/read-resources.ts';
import { resolveGateway } from '../../../routing/manifest/gateway/resolve-gateway.ts';
import type { RouteStatus } from '../../../routing/manifest/gateway/status.ts';
import {
  type GatewayReader,
  type ManifestFile,
  type ReadManifests,
  readManifests,
} from '../../../routing/manifest/read-manifests.ts';

/** The Gateway API as it is taken. */
export const GATEWAY: GatewayReader<RouteStatus> = {
  kinds: [{ apiVersion: 'gateway.networking.k8s.io/v1', kind: 'TLSRoute' }],
  isGatewayDocument,
  resolveGateway,
};

/** Reads files of a context that is empty but for what is given. */
export function readFiles(
  files: readonly ManifestFile[],
  context: Partial<ManifestContext> = {},
): ReadManifests<RouteStatus> {
  return readManifests(files, { org: null, platformDomain: null, ...context }, GATEWAY);
}

/** The problems of one file `a.yaml`, as a user sees them. */
export function problemsIn(text: string, context: Partial<ManifestContext> = {}): readonly string[] {
  return linesOf(readFiles([{ name: 'a.yaml', text }], context).problems);
}

/** What one file without problems wants. */
export function wantedIn(text: string, context: Partial<ManifestContext> = {}): readonly Wanted[] {
  const { desired, problems } = readFiles([{ name: 'a.yaml', text }], context);
  if (problems.length > 0) throw new Error(linesOf(problems).join('\n'));
  return desired.map(({ wanted }) => wanted);
}

/** `a.yaml:3:5 spec.hostname is required`. */
export function linesOf(problems: readonly ManifestProblem[]): readonly string[] {
  return problems.map(({ file, line, column, path, problem }) =>
    [`${file}:${line}:${column}`, path, problem].filter((part) => part !== '').join(' '),
  );
}
