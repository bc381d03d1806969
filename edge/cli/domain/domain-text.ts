import type { DomainView } from '../../../routing/control/views.ts';

type Challenge = NonNullable<DomainView['challenge']>;

const TTL_SECONDS = 300;

/** Whose a domain is and why, as a clause: `acme holds example.com: proved by its record in the DNS`. */
export function holdingText({ domain, org, proof, isPlatform }: DomainView): string {
  const text = `${org} holds ${domain}: ${REASONS[proof]}`;
  return isPlatform ? `${text}; names below it go to the org that routes them first` : text;
}

/** How to prove a claim: the record to publish, and the command that comes after it. */
export function proofSteps({
  domain,
  org,
  challenge,
}: Pick<DomainView, 'domain' | 'org' | 'challenge'>): readonly string[] {
  if (challenge === null)
    return ['No record can prove it: the operator has to vouch for it, with --trusted.'];
  return [`  ${recordLine(challenge)}`, 'then', `  weir domain verify ${shellWord(domain)} --org ${org}`];
}

const REASONS: Readonly<Record<DomainView['proof'], string>> = {
  none: 'not proved',
  dns: 'proved by its record in the DNS',
  trusted: 'the operator vouches for it',
  platform: 'it came first, below a platform domain',
};

/** In master file format (RFC 1035 §5.1). What a challenge is made of needs no escape. */
function recordLine({ name, value }: Challenge): string {
  return `${name}. ${TTL_SECONDS} IN TXT "${value}"`;
}

/** A shell would put file names in the place of a star. */
function shellWord(domain: string): string {
  return domain === '*' ? "'*'" : domain;
}
