import test from 'ava';
import { isAccepted } from '../../../../routing/manifest/gateway/status.ts';
import {
  bound,
  gateway,
  message,
  resolveObjects,
  tcpListener,
  tcpRoute,
  tlsListener,
  tlsRoute,
  verdict,
} from './sample-resources.ts';

test('accepts the route that lost its hostname, as the standard says, and tells who has it', (t) => {
  const resolved = resolveObjects([
    gateway([tlsListener('tls')]),
    tlsRoute({ name: 'younger', hostnames: ['a.net', 'b.net'], created: '2024-01-01T00:00:00Z' }),
    tlsRoute({ name: 'older', hostnames: ['a.net'], created: '2020-01-01T00:00:00Z' }),
  ]);
  t.is(verdict(resolved, 'TLSRoute', 'younger'), 'True Accepted');
  t.is(verdict(resolved, 'TLSRoute', 'younger', 'Conflicted'), 'True HostnameConflict');
  t.is(message(resolved, 'TLSRoute', 'younger', 'Conflicted'), 'a.net goes to acme/older, which is older');
  t.is(verdict(resolved, 'TLSRoute', 'older', 'Conflicted'), 'False NoConflicts');
  t.deepEqual(bound(resolved), ['a.net → older', 'b.net → younger']);
  t.true(isAccepted(resolved.statuses));
});

test('compares times and not their texts', (t) => {
  const resolved = resolveObjects([
    gateway([tlsListener('tls')]),
    tlsRoute({ name: 'one', hostnames: ['a.net'], created: '2024-01-01T12:00:00+14:00' }),
    tlsRoute({ name: 'two', hostnames: ['a.net'], created: '2024-01-01T00:00:00Z' }),
  ]);
  t.deepEqual(bound(resolved), ['a.net → one']);
});

test('gives a TCP port to the older of two routes and accepts both', (t) => {
  const resolved = resolveObjects([
    gateway([tcpListener('tcp', 5432)]),
    tcpRoute({ name: 'younger', created: '2024-01-01T00:00:00Z' }),
    tcpRoute({ name: 'older', created: '2020-01-01T00:00:00Z' }),
  ]);
  t.deepEqual(bound(resolved), ['5432 → older']);
  t.is(verdict(resolved, 'TCPRoute', 'younger'), 'True Accepted');
  t.is(verdict(resolved, 'TCPRoute', 'younger', 'Conflicted'), 'True PortConflict');
  t.is(message(resolved, 'TCPRoute', 'younger', 'Conflicted'), '5432 goes to acme/older, which is older');
});

test('gives a TCP port that two Gateways have to one route', (t) => {
  const resolved = resolveObjects([
    gateway([tcpListener('tcp', 5432)]),
    gateway([tcpListener('tcp', 5432)], { name: 'second' }),
    tcpRoute({ name: 'b' }),
    tcpRoute({ name: 'a', parentRefs: [{ name: 'second' }] }),
  ]);
  t.deepEqual(bound(resolved), ['5432 → a']);
  t.is(
    message(resolved, 'TCPRoute', 'b', 'Conflicted'),
    '5432 goes to acme/a, whose name is first in the alphabet',
  );
});

test('tells why a more specific listener or hostname goes first', (t) => {
  const resolved = resolveObjects([
    gateway([
      tlsListener('exact', { hostname: 'a.example.com' }),
      tlsListener('wild', { hostname: '*.example.com' }),
    ]),
    tlsRoute({
      name: 'on-wild',
      hostnames: ['a.example.com'],
      parentRefs: [{ name: 'edge', sectionName: 'wild' }],
    }),
    tlsRoute({
      name: 'narrow',
      hostnames: ['*.example.com'],
      parentRefs: [{ name: 'edge', sectionName: 'exact' }],
    }),
    tlsRoute({ name: 'wide', hostnames: ['*.com'], parentRefs: [{ name: 'edge', sectionName: 'exact' }] }),
  ]);
  t.deepEqual(bound(resolved), ['a.example.com → narrow']);
  t.regex(message(resolved, 'TLSRoute', 'on-wild', 'Conflicted'), /whose listener is for a\.example\.com$/);
  t.regex(
    message(resolved, 'TLSRoute', 'wide', 'Conflicted'),
    /whose hostname \*\.example\.com is more specific$/,
  );
});

test('a route is in no conflict with itself', (t) => {
  const resolved = resolveObjects([
    gateway([tlsListener('one', { hostname: 'a.net' }), tlsListener('two')]),
    tlsRoute({ hostnames: ['a.net', '*.net', 'a.net'] }),
  ]);
  t.deepEqual(bound(resolved), ['*.net → shop', 'a.net → shop']);
  t.is(verdict(resolved, 'TLSRoute', 'shop', 'Conflicted'), 'False NoConflicts');
});

test('a hostname and a port are no conflict', (t) => {
  const resolved = resolveObjects([
    gateway([tlsListener('tls'), tcpListener('tcp', 5432)]),
    tlsRoute({ name: 'same', hostnames: ['a.net'] }),
    tcpRoute({ name: 'same' }),
  ]);
  t.deepEqual(bound(resolved), ['5432 → same', 'a.net → same']);
  t.true(isAccepted(resolved.statuses));
});

test('shows the first of many lost hostnames', (t) => {
  const hostnames = Array.from({ length: 20 }, (_, index) => `h${index}.example.com`);
  const resolved = resolveObjects([
    gateway([tlsListener('tls')]),
    tlsRoute({ name: 'a', hostnames }),
    tlsRoute({ name: 'b', hostnames }),
  ]);
  t.regex(message(resolved, 'TLSRoute', 'b', 'Conflicted'), / and 15 more$/);
});
