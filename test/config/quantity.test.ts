import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { formatDuration, parseDuration } from '../../config/duration.ts';
import { formatSize, parseSize } from '../../config/size.ts';

const DURATIONS: readonly (readonly [string, number])[] = [
  ['0', 0],
  ['0s', 0],
  ['250ms', 250],
  ['5s', 5000],
  ['10m', 600_000],
  ['1h', 3_600_000],
  ['007s', 7000],
];

const SIZES: readonly (readonly [string, number])[] = [
  ['0', 0],
  ['512B', 512],
  ['64KiB', 65_536],
  ['1MiB', 1_048_576],
  ['2GiB', 2_147_483_648],
];

test('a duration is a whole number and its unit', (t) => {
  for (const [text, ms] of DURATIONS) t.deepEqual(parseDuration(text), { kind: 'ok', value: ms }, text);
});

test('a size is a whole number and its binary unit', (t) => {
  for (const [text, bytes] of SIZES) t.deepEqual(parseSize(text), { kind: 'ok', value: bytes }, text);
});

test('what is not a duration is refused with what to write instead', (t) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['5', /has no unit; write 5s \(ms, s, m, h\)/],
    ['00', /has no unit/],
    ['10M', /has an unknown unit; write 10m /],
    ['10min', /has an unknown unit; use one of \(ms, s, m, h\)/],
    ['5 s', /is not a duration; write a whole number and its unit, like 5s/],
    ['1.5s', /is not a duration/],
    ['-5s', /is not a duration/],
    ['+5s', /is not a duration/],
    ['1e3s', /is not a duration/],
    ['1h30m', /is not a duration/],
    ['', /is not a duration/],
    ['soon', /is not a duration/],
    ['٥s', /is not a duration/],
    ['9999999999999999h', /is too large for a duration/],
    ['99999999999999999s', /is not a duration/],
  ];
  for (const [text, problem] of refused) {
    const parsed = parseDuration(text);
    t.regex(parsed.kind === 'invalid' ? parsed.problem : 'accepted', problem, text);
  }
});

test('a size in decimal or shortened units is refused with the binary unit to write', (t) => {
  for (const text of ['16KB', '16kb', '16K', '16k', '16kib']) {
    const parsed = parseSize(text);
    t.is(
      parsed.kind === 'invalid' && parsed.problem,
      'has an unknown unit; write 16KiB (B, KiB, MiB, GiB)',
      text,
    );
  }
  t.deepEqual(parseSize('4096'), {
    kind: 'invalid',
    problem: 'has no unit; write 4096B (B, KiB, MiB, GiB)',
  });
});

testProp('a duration that was written is read back as the same', [fc.nat(2 ** 48)], (t, ms) => {
  t.deepEqual(parseDuration(formatDuration(ms)), { kind: 'ok', value: ms });
});

testProp('a size that was written is read back as the same', [fc.nat(2 ** 48)], (t, bytes) => {
  t.deepEqual(parseSize(formatSize(bytes)), { kind: 'ok', value: bytes });
});

testProp('any text is either read or refused, and never throws', [fc.string()], (t, text) => {
  t.notThrows(() => parseDuration(text));
  t.notThrows(() => parseSize(text));
});
