import type { Domain } from '../../model/domain.ts';
import { type Hostname, parseHostname } from '../../model/hostname.ts';
import { invalid, type Parsed } from '../../model/parsed.ts';

const LABEL = '_weir-challenge';
const KEY = 'weir-verify';

/** Where the TXT record that proves a domain belongs. A name that is too long to have one can only be trusted. */
export function challengeName(domain: string): Parsed<Hostname> {
  const name = parseHostname(`${LABEL}.${domain}`);
  return name.kind === 'ok'
    ? name
    : invalid(`is too long to be proved by a TXT record, which would be at ${LABEL}.${domain}`);
}

/** What the TXT record that proves a domain has to hold. */
export function challengeValue(token: string): string {
  return `${KEY}=${token}`;
}

/** The record that proves a claim; null where there is nothing to prove, or where the name cannot have one. */
export function challengeOf(
  domain: string,
  token: string,
): { readonly name: string; readonly value: string } | null {
  const name = token === '' ? null : challengeName(domain);
  return name?.kind === 'ok' ? { name: name.value, value: challengeValue(token) } : null;
}

/** The record that an org is asked to publish: `_weir-challenge.example.com TXT "weir-verify=…"`. */
export function challengeText(domain: Domain, token: string): string {
  const name = challengeName(domain);
  return `${name.kind === 'ok' ? name.value : domain} TXT "${challengeValue(token)}"`;
}

/** Whether one of a name's TXT records is the one that was asked for; others may stand beside it. */
export function isProvedBy(values: readonly string[], token: string): boolean {
  // A claim without a token is not one that a record can prove.
  return token !== '' && values.some((value) => value.trim() === challengeValue(token));
}

/** Whether a name is one that such a record is at. */
export function isChallengeName(name: string): boolean {
  return name.startsWith(`${LABEL}.`);
}
