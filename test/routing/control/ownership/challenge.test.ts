import test from 'ava';
import {
  challengeName,
  challengeValue,
  isChallengeName,
  isProvedBy,
} from '../../../../routing/control/ownership/challenge.ts';
import { type Hostname, parseHostname } from '../../../../routing/model/hostname.ts';

test('the record of a claim is below the domain, and its value has the token', (t) => {
  const name = challengeName(hostname('example.com'));
  t.deepEqual(name, { kind: 'ok', value: hostname('_weir-challenge.example.com') });
  t.is(challengeValue('t0ken'), 'weir-verify=t0ken');
  t.true(isChallengeName('_weir-challenge.example.com'));
  t.false(isChallengeName('weir-challenge.example.com'));
});

test('a domain that leaves no room for the record cannot have one', (t) => {
  const label = 'a'.repeat(59);
  const longest = hostname([label, label, label, 'b'.repeat(57)].join('.'));
  t.is(longest.length, 237);
  t.is(challengeName(longest).kind, 'ok');
  const tooLong = challengeName(hostname(`c${longest}`));
  t.is(tooLong.kind, 'invalid');
  if (tooLong.kind === 'invalid') t.regex(tooLong.problem, /^is too long to be proved/);
});

test('a claim is proved by its own token, whatever else stands there', (t) => {
  t.true(isProvedBy(['v=spf1 -all', 'weir-verify=other', ' weir-verify=mine '], 'mine'));
  t.false(isProvedBy([], 'mine'));
  t.false(isProvedBy(['mine', 'weir-verify=', 'weir-verify=min', 'weir-verify=minee'], 'mine'));
  t.false(isProvedBy(['WEIR-VERIFY=mine', 'weir-verify=MINE'], 'mine'));
});

test('nothing proves a claim that has no token', (t) => {
  t.false(isProvedBy(['weir-verify=', ''], ''));
});

function hostname(text: string): Hostname {
  const parsed = parseHostname(text);
  if (parsed.kind === 'invalid') throw new Error(`${text} ${parsed.problem}`);
  return parsed.value;
}
