import { z } from 'zod';
import type { Wanted } from '../control/wanted.ts';
import { parseHostPattern } from '../model/hostname.ts';
import type { Desired } from './desired.ts';
import type { ManifestDocument, ManifestProblem } from './document.ts';
import { type Interpreted, type ManifestContext, type PlainKind, plainKind } from './document-kind.ts';
import { fieldPath } from './field-path.ts';
import { name, PROXY_PROTOCOL, port, TAGGED } from './fields.ts';
import { orgOf } from './org-of.ts';
import { orList } from './plain-words.ts';
import { problemAt } from './validate.ts';

const EXPOSURES = ['public-http', 'public-tls', 'public-tcp', 'internal'] as const;
type Exposure = (typeof EXPOSURES)[number];

/** What a workload is taken to listen on where it does not say. */
const DEFAULT_PORTS: Readonly<Record<Exposure, number>> = {
  'public-http': 8080,
  'public-tls': 8443,
  'public-tcp': 8080,
  internal: 8080,
};

const SCHEMA = z.strictObject({
  apiVersion: z.literal('zave.io/v1'),
  kind: z.literal('Workload'),
  metadata: z.strictObject({
    name: name('The app, and the first label of its hostname.'),
    namespace: name('The org. May be left out where `weir apply --org` names it.').optional(),
    ...TAGGED,
  }),
  spec: z.strictObject({
    runtime: z
      .string()
      .regex(/\S/, { error: 'is empty' })
      .describe('What runs it; weir takes no notice of which one it is.'),
    exposure: z
      .enum(EXPOSURES)
      .describe(
        'Who reaches it: anybody by HTTP, by TLS (which it terminates itself), or on a TCP port of its own; or nobody from outside.',
      ),
    env: name('The env.').default('production'),
    process: name('The process type.').default('web'),
    port: port(
      'The port that it listens on: 8080 unless written, 8443 where it is exposed by TLS.',
    ).optional(),
    proxyProtocol: PROXY_PROTOCOL,
  }),
});

type Workload = z.output<typeof SCHEMA>;

/** The tenant contract: an app by its name and how it is exposed, and everything else by convention. */
export const WORKLOAD: PlainKind = plainKind(
  {
    apiVersion: 'zave.io/v1',
    kind: 'Workload',
    about: 'Exposes an app under the platform domain, by convention.',
    schema: SCHEMA,
  },
  (workload, document, context) => {
    const of = orgOf({
      written: workload.metadata.namespace,
      path: ['metadata', 'namespace'],
      document,
      context,
    });
    if (of.kind === 'invalid') return { desired: [], problems: [of.problem] };
    return exposed(workload, of.org, { document, context });
  },
);

interface Around {
  readonly document: ManifestDocument;
  readonly context: ManifestContext;
}

function exposed(workload: Workload, org: string, { document, context }: Around): Interpreted {
  const { metadata, spec } = workload;
  const target = {
    org,
    app: metadata.name,
    env: spec.env,
    process: spec.process,
    backendPort: spec.port ?? DEFAULT_PORTS[spec.exposure],
  };
  const { proxyProtocol } = spec;
  switch (spec.exposure) {
    case 'internal':
      return { desired: [], problems: [] };
    case 'public-tcp':
      return wants([{ kind: 'port', input: { ...target, proxyProtocol } }], document);
    case 'public-http':
    case 'public-tls': {
      const composed = hostnameOf(workload, org, { document, context });
      if (composed.kind === 'invalid') return { desired: [], problems: [composed.problem] };
      const { hostname } = composed;
      if (spec.exposure === 'public-http') {
        const input = { ...target, hostname, listener: 'http', proxyProtocol };
        return wants([{ kind: 'route', input }], document);
      }
      const redirect = { ...target, hostname, listener: 'http', redirectToHttps: true };
      return wants(
        [
          { kind: 'route', input: { ...target, hostname, listener: 'tls', proxyProtocol } },
          { kind: 'route', input: redirect },
        ],
        document,
      );
    }
    default:
      return spec.exposure satisfies never;
  }
}

type Composed =
  | { readonly kind: 'ok'; readonly hostname: string }
  | { readonly kind: 'invalid'; readonly problem: ManifestProblem };

function hostnameOf({ metadata, spec }: Workload, org: string, { document, context }: Around): Composed {
  const { platformChoices = [] } = context;
  if (context.platformDomain === null && platformChoices.length > 0) {
    const problem = `is ${spec.exposure}, and there are several platform domains (${orList(platformChoices, 'and')}); say which with --platform-domain`;
    return { kind: 'invalid', problem: problemAt(document, ['spec', 'exposure'], problem) };
  }
  if (context.platformDomain === null) {
    const problem = `is ${spec.exposure}, and there is no platform domain to be reached under; make one: weir domain claim DOMAIN --org ORG --trusted --platform`;
    return { kind: 'invalid', problem: problemAt(document, ['spec', 'exposure'], problem) };
  }
  const hostname = `${metadata.name}.${org}.${context.platformDomain}`;
  const parsed = parseHostPattern(hostname);
  if (parsed.kind === 'ok') return { kind: 'ok', hostname };
  const problem = `makes the hostname ${hostname}, which ${parsed.problem}`;
  return { kind: 'invalid', problem: problemAt(document, ['metadata', 'name'], problem) };
}

function wants(all: readonly Wanted[], document: ManifestDocument): Interpreted {
  const pathOf = fieldPath({
    hostname: ['metadata', 'name'],
    app: ['metadata', 'name'],
    org: ['metadata', 'namespace'],
    listener: ['spec', 'exposure'],
    redirectToHttps: ['spec', 'exposure'],
    address: ['spec', 'exposure'],
    backendPort: ['spec', 'port'],
  });
  return { desired: all.map((wanted): Desired => ({ wanted, document, pathOf })), problems: [] };
}
