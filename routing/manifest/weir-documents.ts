import { z } from 'zod';
import { parseCoolDown, parseToken } from '../control/commands/parse-ownership.ts';
import type { Wanted } from '../control/wanted.ts';
import { parseAddress, parseIpv4Address } from '../model/address.ts';
import { parseAlpnProtocol } from '../model/alpn.ts';
import { parseDomain } from '../model/domain.ts';
import { parseHostPattern } from '../model/hostname.ts';
import { parseIpv4Range } from '../model/ipv4-range.ts';
import { parseQuota } from '../model/quota.ts';
import { ROUTE_LISTENERS } from '../model/route.ts';
import type { Desired } from './desired.ts';
import type { ManifestDocument, Path } from './document.ts';
import { type Interpreted, type PlainKind, plainKind } from './document-kind.ts';
import { fieldPath } from './field-path.ts';
import { checked, IPV4_PATTERN, name, ORG, port, TARGET, text, weirDocument } from './fields.ts';
import { type OrgPlace, orgOf } from './org-of.ts';

import { problemAt } from './validate.ts';

const apiVersion = 'weir/v1';

const ROUTE = plainKind(
  {
    apiVersion,
    kind: 'Route',
    about: 'Binds a hostname to a service.',
    schema: weirDocument('Route', {
      hostname: text(parseHostPattern, {
        description: 'A name, `*.` and a name for all names below it, or `*` for what no other route takes.',
        pattern: '^(\\*|(\\*\\.)?[^\\s*/:]+)$',
        examples: ['www.example.com', '*.example.com'],
      }),
      listener: z
        .enum(ROUTE_LISTENERS)
        .default('tls')
        .describe('Whether the name is taken from a TLS ClientHello or from an HTTP Host header.'),
      alpn: text(parseAlpnProtocol, {
        description:
          'On the listener tls: only for clients that offer this ALPN protocol, before the route of the same name without one.',
        pattern: '^[A-Za-z0-9._~+:/-]{1,255}$',
        examples: ['acme-tls/1', 'h2'],
      }).optional(),
      ...TARGET,
      redirectToHttps: z
        .boolean()
        .default(false)
        .describe('On the listener http: answer every request with a redirect to https.'),
    }),
  },
  ({ spec: { service, ...rest } }, document, context) =>
    withOrg({ written: service.org, path: ['spec', 'service', 'org'], document, context }, (org) =>
      one({ kind: 'route', input: { ...service, ...rest, org } }, document, IN_SERVICE),
    ),
);

const PORT = plainKind(
  {
    apiVersion,
    kind: 'Port',
    about: 'Binds a raw TCP port to a service.',
    schema: weirDocument('Port', {
      port: port('The port that clients connect to.'),
      address: text(parseIpv4Address, {
        description:
          'A dedicated IPv4 address that the org holds; without it, the addresses that all orgs share.',
        pattern: IPV4_PATTERN,
        examples: ['203.0.113.7'],
      }).optional(),
      ...TARGET,
    }),
  },
  ({ spec: { service, ...rest } }, document, context) =>
    withOrg({ written: service.org, path: ['spec', 'service', 'org'], document, context }, (org) =>
      one({ kind: 'port', input: { ...service, ...rest, org } }, document, IN_SERVICE),
    ),
);

const ENDPOINT = plainKind(
  {
    apiVersion,
    kind: 'Endpoint',
    about: 'Says where one instance of a service is, and whether it takes connections.',
    schema: weirDocument('Endpoint', {
      service: TARGET.service.describe('The service that it is an instance of.'),
      instance: name('The instance.'),
      address: text(parseAddress, {
        description: 'Its IP address.',
        pattern: '^[0-9A-Fa-f:.]+$',
        examples: ['fd00:1::17', '10.0.0.17'],
      }),
      state: z.enum(['ready', 'not-ready']).default('ready').describe('Whether it takes connections.'),
    }),
  },
  ({ spec: { service, ...rest } }, document, context) =>
    withOrg({ written: service.org, path: ['spec', 'service', 'org'], document, context }, (org) =>
      one({ kind: 'endpoint', input: { ...service, ...rest, org } }, document, IN_SERVICE),
    ),
);

const DOMAIN_CLAIM = plainKind(
  {
    apiVersion,
    kind: 'DomainClaim',
    about: 'Claims a domain, with all names below it, for an org.',
    schema: weirDocument('DomainClaim', {
      domain: text(parseDomain, {
        description: 'A name, or `*` for what no route takes.',
        pattern: '^(\\*|[^\\s*/:]+)$',
        examples: ['example.com'],
      }),
      org: ORG,
      platform: z
        .boolean()
        .default(false)
        .describe('Names below it are for all orgs, first come, first served; only where apply is trusted.'),
      token: text(parseToken, {
        description: 'What the TXT record has to hold; without it, what the claim has, or a new one.',
        pattern: '^[A-Za-z0-9_-]{16,64}$',
        examples: ['0123456789abcdef0123456789abcdef'],
      }).optional(),
      proof: z
        .enum(['none', 'dns', 'trusted'])
        .describe('How it was proved, where it is restored from an export; only where apply is trusted.')
        .optional(),
    }),
  },
  ({ spec: { platform, ...rest } }, document, context) =>
    withOrg({ written: rest.org, path: ['spec', 'org'], document, context }, (org) =>
      one({ kind: 'domain', input: { ...rest, org, isPlatform: platform } }, document, {
        isPlatform: ['spec', 'platform'],
      }),
    ),
);

const ADDRESS = plainKind(
  {
    apiVersion,
    kind: 'Address',
    about: 'Dedicates an IPv4 address to an org, which may bind every port on it.',
    schema: weirDocument('Address', {
      address: text(parseIpv4Address, {
        description: 'One of the address pool.',
        pattern: IPV4_PATTERN,
        examples: ['203.0.113.7'],
      }),
      org: ORG,
    }),
  },
  ({ spec }, document, context) =>
    withOrg({ written: spec.org, path: ['spec', 'org'], document, context }, (org) =>
      one({ kind: 'address', input: { ...spec, org } }, document),
    ),
);

const ADDRESS_POOL = plainKind(
  {
    apiVersion,
    kind: 'AddressPool',
    about: 'Says which IPv4 addresses may be dedicated to orgs.',
    schema: weirDocument('AddressPool', {
      ranges: z
        .array(
          text(parseIpv4Range, {
            description: 'An address, FIRST-LAST or a CIDR block.',
            pattern: '^[0-9][0-9./-]+$',
            examples: ['203.0.113.0/28'],
          }),
        )
        .describe('All of them.'),
    }),
  },
  ({ spec }, document) => one({ kind: 'address-pool', input: spec }, document),
);

const PORT_POOL = plainKind(
  {
    apiVersion,
    kind: 'PortPool',
    about: 'Says which raw TCP ports of the shared addresses may be allocated.',
    schema: weirDocument('PortPool', { first: port('The first of them.'), last: port('The last of them.') }),
  },
  ({ spec }, document) => one({ kind: 'port-pool', input: spec }, document),
);

const QUOTA = z.union([checked(z.int(), parseQuota), z.enum(['none', 'default'])]);

const POLICY = plainKind(
  {
    apiVersion,
    kind: 'Policy',
    about:
      'Says what orgs may take; with an org, what this one may take instead. What is left out stays as it is.',
    schema: weirDocument('Policy', {
      org: name('The org that it is for; without it, all that have none of their own.').optional(),
      portQuota: QUOTA.describe(
        'Shared raw TCP ports at once; `none` for no limit; `default`, of an org, for what all orgs have.',
      ).optional(),
      addressQuota: QUOTA.describe(
        'Dedicated addresses at once; `none` for no limit; `default`, of an org, for what all orgs have.',
      ).optional(),
      coolDown: text(parseCoolDown, {
        description:
          'How long a name or an address that was released is kept from other orgs; not with an org.',
        pattern: '^(0|[0-9]+(ms|s|m|h))$',
        examples: ['24h'],
      }).optional(),
    }),
  },
  ({ spec }, document, context) => {
    if (spec.org === undefined && context.org !== null) {
      const problem = `is required with --org: write ${context.org}, or apply what is for all orgs without --org`;
      return { desired: [], problems: [problemAt(document, ['spec', 'org'], problem)] };
    }
    const policy = () => one({ kind: 'policy', input: spec }, document);
    return spec.org === undefined
      ? policy()
      : withOrg({ written: spec.org, path: ['spec', 'org'], document, context }, policy);
  },
);

/** weir's own kinds of documents, `apiVersion: weir/v1`. */
export const WEIR_KINDS: readonly PlainKind[] = [
  ROUTE,
  PORT,
  ENDPOINT,
  DOMAIN_CLAIM,
  ADDRESS,
  ADDRESS_POOL,
  PORT_POOL,
  POLICY,
];

const IN_SERVICE: Readonly<Record<string, Path>> = {
  org: ['spec', 'service', 'org'],
  app: ['spec', 'service', 'app'],
  env: ['spec', 'service', 'env'],
  process: ['spec', 'service', 'process'],
};

function one(
  wanted: Wanted,
  document: ManifestDocument,
  elsewhere: Readonly<Record<string, Path>> = {},
): Interpreted {
  const desired: Desired = { wanted, document, pathOf: fieldPath(elsewhere) };
  return { desired: [desired], problems: [] };
}

function withOrg(place: OrgPlace, meaning: (org: string) => Interpreted): Interpreted {
  const of = orgOf(place);
  return of.kind === 'ok' ? meaning(of.org) : { desired: [], problems: [of.problem] };
}
