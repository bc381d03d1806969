import { isIP } from 'node:net';
import { testProp } from '@fast-check/ava';
import test from 'ava';
import fc from 'fast-check';
import { parseAddress, parseIpv4Address } from '../../../routing/model/address.ts';
import { parseAlpnProtocol } from '../../../routing/model/alpn.ts';
import { endpointKey } from '../../../routing/model/endpoint.ts';
import { parseHostPattern } from '../../../routing/model/hostname.ts';
import { parseName } from '../../../routing/model/name.ts';
import type { Parsed } from '../../../routing/model/parsed.ts';
import { parsePort } from '../../../routing/model/port.ts';
import { parseRevision } from '../../../routing/model/revision.ts';
import { portKey, routeKey } from '../../../routing/model/route.ts';
import { parseServiceKey, serviceKey } from '../../../routing/model/service.ts';

function value<Value>(parsed: Parsed<Value>): Value {
  if (parsed.kind === 'invalid') throw new Error(parsed.problem);
  return parsed.value;
}

const valid = (parsed: Parsed<unknown>) => (parsed.kind === 'ok' ? parsed.value : null);

test('takes DNS labels as names', (t) => {
  for (const name of ['a', '0', 'a-b', 'a--b', '1a', 'a'.repeat(63)]) t.is(valid(parseName(name)), name);
  const refused = ['', 'A', 'a_b', 'a.b', '-a', 'a-', 'a b', 'a/b', 'ü', 'a\0', 'a\n', 'a'.repeat(64)];
  for (const name of refused) t.is(parseName(name).kind, 'invalid', JSON.stringify(name));
});

test('takes ports as numbers and as decimal text', (t) => {
  for (const port of [1, 80, 65_535]) {
    t.is(valid(parsePort(port)), port);
    t.is(valid(parsePort(String(port))), port);
  }
  t.is(valid(parsePort('00080')), 80);
  const refused = [0, 65_536, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY];
  for (const port of refused) t.is(parsePort(port).kind, 'invalid', String(port));
  for (const port of ['', '0', '65536', '-1', '+1', '1.5', '1e3', '0x10', ' 80', '80 ', '８０', '000080']) {
    t.is(parsePort(port).kind, 'invalid', JSON.stringify(port));
  }
});

test('takes addresses that mean the same everywhere', (t) => {
  for (const [text, address] of [
    ['192.0.2.1', '192.0.2.1'],
    ['::1', '::1'],
    ['FD00::A', 'fd00::a'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ] as const) {
    t.is(valid(parseAddress(text)), address);
  }
  const refused = [
    '',
    '0.0.0.0',
    '::',
    'fe80::1%eth0',
    '[::1]',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    'localhost',
  ];
  for (const text of [...refused, ' ::1', '::1\0', '192.0.2.1:80', '192.0.2.1/24']) {
    t.is(parseAddress(text).kind, 'invalid', JSON.stringify(text));
  }
});

test('takes the unspecified address in no spelling', (t) => {
  for (const text of ['0:0:0:0:0:0:0:0', '::0', '0::', '::0.0.0.0', '::ffff:0.0.0.0', '::FFFF:0:0']) {
    t.is(parseAddress(text).kind, 'invalid', text);
  }
});

test('takes revisions from numbers and from the text of a bigint', (t) => {
  for (const input of [0, 7, Number.MAX_SAFE_INTEGER]) {
    t.is(valid(parseRevision(input)), input);
    t.is(valid(parseRevision(String(input))), input);
  }
  for (const input of [
    -1,
    1.5,
    2 ** 53,
    '9007199254740993',
    '-1',
    '',
    '1.0',
    ' 1',
    null,
    undefined,
    {},
    [1],
    1n,
  ]) {
    t.is(parseRevision(input).kind, 'invalid', String(input));
  }
});

test('takes a service key of four names, and says which part is wrong', (t) => {
  const service = value(parseServiceKey('acme/shop/production/web'));
  t.deepEqual({ ...service } as unknown, { org: 'acme', app: 'shop', env: 'production', process: 'web' });
  for (const key of ['', 'a/b/c', 'a/b/c/d/e', 'a/b/c/d/', '/a/b/c/d']) {
    t.deepEqual(parseServiceKey(key), { kind: 'invalid', problem: 'must be ORG/APP/ENV/PROCESS' }, key);
  }
  for (const [key, part] of [
    ['A/b/c/d', 'org'],
    ['a//c/d', 'app'],
    ['a/b/c_/d', 'env'],
    ['a/b/c/d\0', 'process'],
  ] as const) {
    const parsed = parseServiceKey(key);
    t.true(parsed.kind === 'invalid' && parsed.problem.startsWith(`${part} must be`), key);
  }
});

test('gives each row a key of its own', (t) => {
  const pattern = value(parseHostPattern('*.example.com'));
  t.is(routeKey({ listener: 'tls', pattern, alpn: null }), 'tls/*.example.com');
  t.is(routeKey({ listener: 'http', pattern, alpn: null }), 'http/*.example.com');
  const alpn = value(parseAlpnProtocol('acme-tls/1'));
  t.is(routeKey({ listener: 'tls', pattern, alpn }), 'tls/*.example.com alpn acme-tls/1');
  const port = value(parsePort(25));
  t.is(portKey({ address: null, port }), 'port/25');
  t.is(portKey({ address: value(parseIpv4Address('203.0.113.7')), port }), 'port/203.0.113.7:25');
  const service = serviceKey(value(parseServiceKey('a/b/c/d')));
  t.is(endpointKey({ service, instance: value(parseName('i')) }), 'a/b/c/d/i');
});

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);

testProp('reads back every service key that it writes', [name, name, name, name], (t, ...parts) => {
  const [org, app, env, process] = parts.map((part) => value(parseName(part)));
  if (!org || !app || !env || !process) return;
  const service = { org, app, env, process };
  t.deepEqual(parseServiceKey(serviceKey(service)), { kind: 'ok', value: service });
});

testProp(
  'takes every port and no other number',
  [fc.oneof(fc.integer(), fc.integer({ min: -2, max: 65_540 }))],
  (t, port) => {
    const isPort = port >= 1 && port <= 65_535;
    t.is(valid(parsePort(port)), isPort ? port : null);
  },
);

testProp(
  'takes only what the system takes as an address',
  [fc.oneof(fc.ipV4(), fc.ipV6(), fc.string())],
  (t, text) => {
    const address = parseAddress(text);
    if (address.kind === 'ok') {
      t.not(isIP(address.value), 0);
      t.deepEqual(parseAddress(address.value), address);
    } else {
      t.true(isIP(text) === 0 || /^[0:.]+$|%/.test(text) || /^::ffff:[0:.]+$/i.test(text));
    }
  },
);

testProp('never throws on text', [fc.string({ unit: 'binary' })], (t, text) => {
  for (const parse of [
    parseName,
    parsePort,
    parseAddress,
    parseServiceKey,
    parseHostPattern,
    parseRevision,
  ]) {
    t.notThrows(() => parse(text));
  }
});
