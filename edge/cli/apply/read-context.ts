import type { Control, FieldProblem } from '../../../routing/control/control.ts';
import type { ManifestContext } from '../../../routing/manifest/document-kind.ts';
import {
  GATEWAY_GROUP,
  GATEWAY_KINDS,
  isGatewayDocument,
} from '../../../routing/manifest/gateway/read-resources.ts';
import { resolveGateway } from '../../../routing/manifest/gateway/resolve-gateway.ts';
import type { RouteStatus } from '../../../routing/manifest/gateway/status.ts';
import {
  type GatewayReader,
  type ManifestFile,
  type ReadManifests,
  readManifests,
} from '../../../routing/manifest/read-manifests.ts';
import { parseDomain } from '../../../routing/model/domain.ts';
import { parseName } from '../../../routing/model/name.ts';

/** How the files are meant, as it was typed. */
export interface ReadingOptions {
  readonly org?: string;
  readonly platformDomain?: string;
}

/** What the files want, or which options are wrong. */
export type InContext =
  | { readonly kind: 'ok'; readonly value: ReadManifests<RouteStatus> }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] };

/** Reads files with what the database knows: where workloads lie, and which services there are. */
export async function readInContext(
  control: Control,
  files: readonly ManifestFile[],
  options: ReadingOptions,
): Promise<InContext> {
  const platforms = await platformDomains(control);
  const context = contextOf(options, platforms);
  if (context.kind === 'invalid') return context;

  const isForGateway = files.some(({ text }) => text.includes(GATEWAY_GROUP));
  const gateway = gatewayReader(isForGateway ? await control.listEndpoints({ org: options.org }) : []);
  const value = readManifests(files, context.value, gateway);
  const { platformDomain } = context.value;
  if (platformDomain === null || platforms.includes(platformDomain)) return { kind: 'ok', value };
  const isClaimed = value.desired.some(
    ({ wanted }) =>
      wanted.kind === 'domain' &&
      wanted.input.isPlatform === true &&
      normal(wanted.input.domain) === platformDomain,
  );
  if (isClaimed) return { kind: 'ok', value };
  const known = platforms.length === 0 ? 'there is none' : `there is ${platforms.join(', ')}`;
  const problem = `is ${platformDomain}, which is no platform domain; ${known}`;
  return { kind: 'invalid', problems: [{ field: 'platformDomain', problem }] };
}

async function platformDomains(control: Control): Promise<readonly string[]> {
  const domains = await control.listDomains({});
  return domains
    .filter(({ isPlatform, state }) => isPlatform && state === 'held')
    .map(({ domain }) => domain);
}

type ParsedContext =
  | { readonly kind: 'ok'; readonly value: ManifestContext }
  | { readonly kind: 'invalid'; readonly problems: readonly FieldProblem[] };

function contextOf({ org, platformDomain }: ReadingOptions, platforms: readonly string[]): ParsedContext {
  const problems: FieldProblem[] = [];
  const name = org === undefined ? null : parseName(org);
  if (name?.kind === 'invalid') problems.push({ field: 'org', problem: name.problem });
  const domain = platformDomain === undefined ? null : parseDomain(platformDomain);
  if (domain?.kind === 'invalid') problems.push({ field: 'platformDomain', problem: domain.problem });
  if (problems.length > 0) return { kind: 'invalid', problems };

  const chosen = domain?.kind === 'ok' ? domain.value : null;
  const [only = null] = platforms.length === 1 ? platforms : [];
  const platformChoices = chosen === null && platforms.length > 1 ? platforms : [];
  return { kind: 'ok', value: { org: org ?? null, platformDomain: chosen ?? only, platformChoices } };
}

function normal(domain: string): string {
  const parsed = parseDomain(domain);
  return parsed.kind === 'ok' ? parsed.value : domain;
}

interface KnownService {
  readonly org: string;
  readonly app: string;
  readonly env: string;
  readonly process: string;
}

/** A service is known where an endpoint of it is, or is among the documents. */
function gatewayReader(endpoints: readonly KnownService[]): GatewayReader<RouteStatus> {
  return {
    kinds: GATEWAY_KINDS,
    isGatewayDocument,
    resolveGateway: (documents, { org }, others) => {
      const wanted = others.flatMap((each) => (each.wanted.kind === 'endpoint' ? [each.wanted.input] : []));
      const known = new Set([...endpoints, ...wanted].map(keyOf));
      const hasService = (ofOrg: string, app: string, env: string, process: string) =>
        known.has(keyOf({ org: ofOrg, app, env, process }));
      return resolveGateway(documents, { org, hasService });
    },
  };
}

function keyOf({ org, app, env, process }: KnownService): string {
  return `${org}/${app}/${env}/${process}`;
}
