import test from 'ava';
import { holdOf, refusalToHold } from '../../../../routing/control/ownership/hold.ts';
import type { StandingClaim } from '../../../../routing/control/ownership/standing-claim.ts';
import { type Domain, parseDomain } from '../../../../routing/model/domain.ts';
import { parseHostPattern } from '../../../../routing/model/hostname.ts';
import { type Name, parseName } from '../../../../routing/model/name.ts';

const FREE_AT = new Date('2030-01-02T03:04:05.000Z');

/**
 * `example.com acme` is held, `?` before it is pending, `~` cooling, and `/` a platform domain; `+` comes between several.
 * An empty text is nobody's.
 */
function claims(text: string): readonly StandingClaim[] {
  return text === '' ? [] : text.split(' + ').map(claimFrom);
}

function claimFrom(text: string): StandingClaim {
  const [, sign, domain = '', org = ''] = /^([?~/]*)(\S+) (\S+)$/.exec(text) ?? [];
  const isPlatform = sign?.includes('/') === true;
  const state = sign?.includes('?') ? 'pending' : sign?.includes('~') ? 'cooling' : 'held';
  const proof = state === 'pending' ? 'none' : 'trusted';
  const claim = {
    domain: domainFrom(domain),
    org: nameFrom(org),
    token: `token-of-${org}`,
    proof,
    isPlatform,
  } as const;
  return { claim, state, freeAt: state === 'cooling' ? FREE_AT : null };
}

function domainFrom(text: string): Domain {
  const domain = parseDomain(text);
  if (domain.kind === 'invalid') throw new Error(`${text} ${domain.problem}`);
  return domain.value;
}

function nameFrom(text: string): Name {
  const name = parseName(text);
  if (name.kind === 'invalid') throw new Error(`${text} ${name.problem}`);
  return name.value;
}

function patternFrom(text: string) {
  const pattern = parseHostPattern(text);
  if (pattern.kind === 'invalid') throw new Error(`${text} ${pattern.problem}`);
  return pattern.value;
}

/** The name, the claims at it and above it, and what the org acme is told of it. */
const HOLDS = [
  ['www.example.com', 'example.com acme', 'held'],
  ['example.com', 'example.com acme', 'held'],
  ['*.example.com', 'example.com acme', 'held'],
  ['a.b.c.example.com', 'example.com acme', 'held'],
  ['*', '* acme', 'held'],
  ['*.com', 'com acme', 'held'],
  ['*', '* other', 'conflict'],
  ['www.example.com', '', 'not-allowed'],
  ['*', '', 'not-allowed'],
  ['www.example.com', 'example.com other', 'conflict'],
  ['*.example.com', 'example.com other', 'conflict'],
  ['www.example.com', '/com other + example.com acme', 'held'],
  ['www.example.com', 'com acme + example.com other', 'conflict'],
  ['www.example.com', '?example.com acme', 'not-allowed'],
  ['www.example.com', '?example.com other', 'not-allowed'],
  ['www.example.com', '?www.example.com other + example.com acme', 'held'],
  ['www.example.com', '~example.com other', 'not-allowed'],
  ['www.example.com', '~example.com acme', 'not-allowed'],
  ['www.example.com', '~example.com other + example.com acme', 'held'],
  ['www.apps.example', '/apps.example other', 'open www.apps.example'],
  ['*.www.apps.example', '/apps.example other', 'open www.apps.example'],
  ['a.b.www.apps.example', '/apps.example other', 'open www.apps.example'],
  ['www.apps.example', '/apps.example acme', 'open www.apps.example'],
  ['apps.example', '/apps.example acme', 'held'],
  ['*.apps.example', '/apps.example acme', 'held'],
  ['apps.example', '/apps.example other', 'conflict'],
  ['*.apps.example', '/apps.example other', 'conflict'],
  ['x.www.apps.example', '/apps.example other + www.apps.example acme', 'held'],
  ['x.www.apps.example', '/apps.example other + www.apps.example third', 'conflict'],
  ['x.www.apps.example', '/apps.example other + /www.apps.example third', 'open x.www.apps.example'],
  ['www.apps.example', '~/apps.example other', 'not-allowed'],
] as const;

for (const [name, standing, expected] of HOLDS) {
  test(`${name} where there is ${standing || 'nobody'}: ${expected}`, (t) => {
    const hold = holdOf(nameFrom('acme'), patternFrom(name), claims(standing));
    t.is(hold.kind === 'open' ? `open ${hold.domain}` : hold.kind, expected);
  });
}

/** What the org acme wants (`/` a platform domain), what stands around it, and who is in its way, if anybody. */
const WISHES = [
  ['example.com', '', null],
  ['example.com', 'example.org other', null],
  ['example.com', 'myexample.com other', null],
  // The same name.
  ['example.com', 'example.com other', 'example.com'],
  ['/example.com', 'example.com other', 'example.com'],
  ['example.com', '/example.com other', 'example.com'],
  ['example.com', '?example.com other', null],
  ['example.com', '?example.com acme', null],
  ['example.com', 'example.com acme', null],
  ['*', '* other', '*'],
  // Above, and a wildcard above, which is the same domain.
  ['www.example.com', 'example.com other', 'example.com'],
  ['a.b.example.com', 'com other', 'com'],
  ['www.example.com', 'example.com acme', null],
  ['www.example.com', '?example.com other', null],
  ['/www.example.com', 'example.com other', 'example.com'],
  // Below.
  ['example.com', 'www.example.com other', 'www.example.com'],
  ['com', 'a.b.example.com other', 'a.b.example.com'],
  ['example.com', 'www.example.com acme', null],
  ['example.com', '?www.example.com other', null],
  ['/example.com', 'www.example.com other', null],
  // A platform domain shields.
  ['www.apps.example', '/apps.example other', null],
  ['/www.apps.example', '/apps.example other', null],
  ['a.www.apps.example', '/apps.example other + www.apps.example third', 'www.apps.example'],
  ['a.www.apps.example', '/apps.example other + www.apps.example acme', null],
  ['www.apps.example', 'example other + /apps.example other', null],
  ['apps.example', 'example other + /x.apps.example other', 'example'],
  ['example', '/apps.example acme + www.apps.example other', null],
  ['example', '/apps.example other + www.apps.example other', 'apps.example'],
  ['apps.example', '/example third + /x.apps.example acme + y.x.apps.example other', null],
  // Closing one, and what has it already.
  ['apps.example', '/apps.example acme + www.apps.example other', 'www.apps.example'],
  ['apps.example', '/apps.example acme + ~www.apps.example other', 'www.apps.example'],
  ['apps.example', '/apps.example acme + www.apps.example acme', null],
  ['/apps.example', '/apps.example acme + www.apps.example other', null],
  ['/apps.example', 'apps.example acme', null],
  // What is cooling, in each relation.
  ['example.com', '~example.com other', 'example.com'],
  ['example.com', '~example.com acme', null],
  ['/example.com', '~example.com other', 'example.com'],
  ['example.com', '~/example.com other', 'example.com'],
  ['www.example.com', '~example.com other', 'example.com'],
  ['www.example.com', '~example.com acme', null],
  ['www.apps.example', '~/apps.example other', null],
  ['example.com', '~www.example.com other', 'www.example.com'],
  ['example.com', '~www.example.com acme', null],
  ['/example.com', '~www.example.com other', null],
  ['www.apps.example', '/apps.example third + ~www.apps.example other', 'www.apps.example'],
  ['a.www.apps.example', '/apps.example third + ~www.apps.example other', 'www.apps.example'],
  ['www.apps.example', '/apps.example third + ~a.www.apps.example other', 'a.www.apps.example'],
  ['*', '~* other', '*'],
  // What was given away before it had cooled down is whose it is now.
  ['example.com', '~example.com other + example.com acme', null],
  ['/example.com', '~example.com other + example.com acme', null],
  ['example.com', 'example.com acme + ~www.example.com other', null],
  ['example.com', '~com other + example.com acme', null],
  ['www.example.com', '~example.com other + example.com acme', null],
  ['www.example.com', '~com other + example.com acme', null],
  ['www.example.com', '~example.com other + com acme', 'example.com'],
  ['com', 'example.com acme + ~www.example.com other', null],
] as const;

for (const [wish, standing, rival] of WISHES) {
  test(`who wants ${wish} where there is ${standing || 'nobody'} is refused for ${rival ?? 'nothing'}`, (t) => {
    const wanted = { domain: domainFrom(wish.replace('/', '')), isPlatform: wish.startsWith('/') };
    const refusal = refusalToHold({ ...wanted, org: nameFrom('acme') }, claims(standing));
    t.is(refusal?.kind ?? null, rival === null ? null : 'conflict');
    if (refusal?.kind === 'conflict' && rival !== null)
      t.true(refusal.message.startsWith(rival), refusal.message);
  });
}

test('the order in which claims are found makes no difference', (t) => {
  for (const [wish, standing, rival] of WISHES) {
    const wanted = { domain: domainFrom(wish.replace('/', '')), isPlatform: wish.startsWith('/') };
    const refusal = refusalToHold({ ...wanted, org: nameFrom('acme') }, claims(standing).toReversed());
    t.is(refusal?.kind ?? null, rival === null ? null : 'conflict', `${wish} ${standing}`);
  }
});

test('says who has the name and what to do, and of what is cooling only until when', (t) => {
  const messageOf = (wish: string, standing: string) => {
    const wanted = { domain: domainFrom(wish), org: nameFrom('acme'), isPlatform: false };
    const refusal = refusalToHold(wanted, claims(standing));
    return refusal?.kind === 'conflict' ? refusal.message : refusal;
  };
  const next = 'choose another name, or have them release it';
  t.is(messageOf('example.com', 'example.com other'), `example.com is held by the org other; ${next}`);
  t.is(
    messageOf('www.example.com', 'example.com other'),
    `example.com, which has www.example.com in it, is held by the org other; ${next}`,
  );
  t.is(
    messageOf('example.com', 'www.example.com other'),
    `www.example.com, which lies in example.com, is held by the org other; ${next}`,
  );
  const cooling = messageOf('example.com', '~example.com other');
  t.regex(
    String(cooling),
    /^example\.com was released by another org .* until 2030-01-02T03:04:05\.000Z; try again then$/,
  );
  t.notRegex(String(messageOf('example.com', '~www.example.com other')), /\bother\b(?! org)/);
});

test('tells an org that has not proved its claim which record is missing', (t) => {
  const hold = holdOf(
    nameFrom('acme'),
    patternFrom('a.www.example.com'),
    claims('?example.com acme + ?com other'),
  );
  t.is(hold.kind, 'not-allowed');
  const message = hold.kind === 'not-allowed' ? hold.message : '';
  t.regex(message, /_weir-challenge\.example\.com TXT "weir-verify=token-of-acme"/);
  t.regex(message, /weir domain verify example\.com --org acme/);
  t.notRegex(message, /token-of-other/);
});
