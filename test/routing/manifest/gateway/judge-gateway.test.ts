import test from 'ava';
import { isAccepted } from '../../../../routing/manifest/gateway/status.ts';
import {
  bound,
  gateway,
  message,
  resolveObjects,
  tcpListener,
  tlsListener,
  tlsRoute,
  verdict,
} from './sample-resources.ts';

const LISTENERS: ReadonlyArray<{
  readonly title: string;
  readonly listener: Readonly<Record<string, unknown>>;
  readonly verdict: string;
  readonly says: RegExp;
}> = [
  {
    title: 'TLS passthrough',
    listener: tlsListener('one'),
    verdict: 'True Accepted',
    says: /whichever port that is/,
  },
  {
    title: 'TLS passthrough in small letters',
    listener: tlsListener('one', { protocol: 'tls' }),
    verdict: 'True Accepted',
    says: /edges listen for TLS/,
  },
  {
    title: 'TLS passthrough with certificates, which the standard says to ignore',
    listener: tlsListener('one', { tls: { mode: 'Passthrough', certificateRefs: [{ name: 'cert' }] } }),
    verdict: 'True Accepted',
    says: /edges listen for TLS/,
  },
  { title: 'TCP', listener: tcpListener('one', 5432), verdict: 'True Accepted', says: /Port 5432 is bound/ },
  {
    title: 'TLS that is terminated',
    listener: tlsListener('one', { tls: { mode: 'Terminate', certificateRefs: [{ name: 'cert' }] } }),
    verdict: 'False UnsupportedValue',
    says: /never terminates TLS; write Passthrough/,
  },
  {
    title: 'TLS without a mode, which is Terminate',
    listener: tlsListener('one', { tls: {} }),
    verdict: 'False UnsupportedValue',
    says: /Terminate/,
  },
  {
    title: 'TLS with options',
    listener: tlsListener('one', {
      tls: { mode: 'Passthrough', options: { 'example.com/min-version': '1.3' } },
    }),
    verdict: 'False UnsupportedValue',
    says: /min-version/,
  },
  {
    title: 'HTTP',
    listener: { name: 'one', port: 80, protocol: 'HTTP' },
    verdict: 'False UnsupportedProtocol',
    says: /weir serves TLS and TCP/,
  },
  {
    title: 'HTTPS',
    listener: { name: 'one', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'cert' }] } },
    verdict: 'False UnsupportedProtocol',
    says: /protocol HTTPS/,
  },
  {
    title: 'UDP',
    listener: { name: 'one', port: 53, protocol: 'UDP' },
    verdict: 'False UnsupportedProtocol',
    says: /protocol UDP/,
  },
  {
    title: 'a protocol of somebody else',
    listener: { name: 'one', port: 1, protocol: 'example.com/quic' },
    verdict: 'False UnsupportedProtocol',
    says: /example\.com\/quic/,
  },
];

for (const { title, listener, verdict: expected, says } of LISTENERS) {
  test(`judges a listener for ${title}: ${expected}`, (t) => {
    const resolved = resolveObjects([gateway([listener])]);
    t.deepEqual(resolved.problems, []);
    t.is(verdict(resolved, 'Listener', 'one'), expected);
    t.regex(message(resolved, 'Listener', 'one'), says);
    const isServed = expected.startsWith('True');
    t.is(verdict(resolved, 'Listener', 'one', 'Programmed'), isServed ? 'True Programmed' : 'False Invalid');
    t.is(verdict(resolved, 'Gateway', 'edge'), isServed ? 'True Accepted' : 'False ListenersNotValid');
    t.is(isAccepted(resolved.statuses), isServed);
  });
}

test('accepts a Gateway that has a listener of another protocol beside one that it can serve', (t) => {
  const resolved = resolveObjects([
    gateway([{ name: 'http', port: 80, protocol: 'HTTP' }, tlsListener('tls')]),
    tlsRoute({ hostnames: ['www.example.com'] }),
  ]);
  t.is(verdict(resolved, 'Gateway', 'edge'), 'True ListenersNotValid');
  t.is(message(resolved, 'Gateway', 'edge'), 'not accepted: listener http');
  t.is(verdict(resolved, 'Listener', 'http'), 'False UnsupportedProtocol');
  t.deepEqual(bound(resolved), ['www.example.com → shop']);
  t.true(isAccepted(resolved.statuses));
});

const CONFLICTS: ReadonlyArray<{
  readonly title: string;
  readonly listeners: readonly Readonly<Record<string, unknown>>[];
  /** Of `one` and `two`. */
  readonly conflicted: string;
  readonly accepted: string;
}> = [
  {
    title: 'one hostname on one port',
    listeners: [
      tlsListener('one', { hostname: 'a.example.com' }),
      tlsListener('two', { hostname: 'a.example.com' }),
    ],
    conflicted: 'True HostnameConflict',
    accepted: 'False HostnameConflict',
  },
  {
    title: 'no hostname, twice, on one port',
    listeners: [tlsListener('one'), tlsListener('two', { hostname: '' })],
    conflicted: 'True HostnameConflict',
    accepted: 'False HostnameConflict',
  },
  {
    title: 'one TCP port',
    listeners: [tcpListener('one', 5432), tcpListener('two', 5432)],
    conflicted: 'True HostnameConflict',
    accepted: 'False HostnameConflict',
  },
  {
    title: 'TCP and TLS on one port',
    listeners: [tcpListener('one', 443), tlsListener('two', { hostname: 'a.example.com' })],
    conflicted: 'True ProtocolConflict',
    accepted: 'False Invalid',
  },
  {
    title: 'HTTPS and TLS on one port',
    listeners: [
      { name: 'one', port: 443, protocol: 'HTTPS', tls: { certificateRefs: [{ name: 'cert' }] } },
      tlsListener('two'),
    ],
    conflicted: 'True ProtocolConflict',
    accepted: 'False Invalid',
  },
  {
    title: 'Terminate and Passthrough on one port',
    listeners: [
      tlsListener('one', { hostname: 'a.example.com', tls: { certificateRefs: [{ name: 'cert' }] } }),
      tlsListener('two', { hostname: 'b.example.com' }),
    ],
    conflicted: 'True ProtocolConflict',
    accepted: 'False ProtocolConflict',
  },
];

for (const { title, listeners, conflicted, accepted } of CONFLICTS) {
  test(`accepts none of two listeners with ${title}, whatever their order`, (t) => {
    for (const ordered of [listeners, listeners.toReversed()]) {
      const resolved = resolveObjects([gateway([...ordered, tlsListener('other', { port: 8443 })])]);
      for (const name of ['one', 'two']) {
        t.is(verdict(resolved, 'Listener', name, 'Conflicted'), conflicted);
        t.is(verdict(resolved, 'Listener', name), accepted);
      }
      t.is(verdict(resolved, 'Listener', 'other'), 'True Accepted');
      t.is(verdict(resolved, 'Listener', 'other', 'Conflicted'), 'False NoConflicts');
      t.is(verdict(resolved, 'Gateway', 'edge'), 'True ListenersNotValid');
    }
  });
}

const NO_CONFLICTS: ReadonlyArray<{
  readonly title: string;
  readonly listeners: readonly Readonly<Record<string, unknown>>[];
}> = [
  {
    title: 'intersecting hostnames on one port',
    listeners: [
      tlsListener('one', { hostname: 'app.example.com' }),
      tlsListener('two', { hostname: '*.example.com' }),
    ],
  },
  { title: 'one hostname on two ports', listeners: [tlsListener('one'), tlsListener('two', { port: 8443 })] },
  { title: 'two TCP ports', listeners: [tcpListener('one', 5432), tcpListener('two', 5433)] },
  {
    title: 'TCP and UDP on one port',
    listeners: [tcpListener('one', 53), { name: 'two', port: 53, protocol: 'UDP' }],
  },
];

for (const { title, listeners } of NO_CONFLICTS) {
  test(`sees no conflict between ${title}`, (t) => {
    const resolved = resolveObjects([gateway(listeners)]);
    t.is(verdict(resolved, 'Listener', 'one'), 'True Accepted');
    t.is(verdict(resolved, 'Listener', 'one', 'Conflicted'), 'False NoConflicts');
    t.is(verdict(resolved, 'Listener', 'two', 'Conflicted'), 'False NoConflicts');
  });
}

test('a route of a listener in conflict is not accepted', (t) => {
  const resolved = resolveObjects([
    gateway([
      tlsListener('one', { hostname: 'a.example.com' }),
      tlsListener('two', { hostname: 'a.example.com' }),
    ]),
    tlsRoute({ hostnames: ['a.example.com'] }),
  ]);
  t.is(verdict(resolved, 'TLSRoute', 'shop'), 'False NotAllowedByListeners');
  t.regex(
    message(resolved, 'TLSRoute', 'shop'),
    /listener one: port 443 with a\.example\.com is listener two's too/,
  );
  t.deepEqual(resolved.desired, []);
  t.false(isAccepted(resolved.statuses));
});

const GATEWAYS: ReadonlyArray<{
  readonly title: string;
  readonly spec: Readonly<Record<string, unknown>>;
  readonly verdict: string;
}> = [
  {
    title: 'a hostname for an address',
    spec: { addresses: [{ type: 'Hostname', value: 'lb.example.com' }] },
    verdict: 'False UnsupportedAddress',
  },
  {
    title: 'an address without a value',
    spec: { addresses: [{ type: 'IPAddress' }] },
    verdict: 'False UnsupportedAddress',
  },
  {
    title: 'an address for TLS',
    spec: { addresses: [{ value: '203.0.113.7' }] },
    verdict: 'False UnsupportedAddress',
  },
  {
    title: 'parameters',
    spec: { infrastructure: { parametersRef: { group: 'example.com', kind: 'Config', name: 'one' } } },
    verdict: 'False InvalidParameters',
  },
  {
    title: 'certificates to check clients with',
    spec: { tls: { frontend: { default: { validation: { caCertificateRefs: [] } } } } },
    verdict: 'False Invalid',
  },
];

for (const { title, spec, verdict: expected } of GATEWAYS) {
  test(`does not accept a Gateway with ${title}, nor its routes`, (t) => {
    const resolved = resolveObjects([
      gateway([tlsListener('tls')], spec),
      tlsRoute({ hostnames: ['a.net'] }),
    ]);
    t.deepEqual(resolved.problems, []);
    t.is(verdict(resolved, 'Gateway', 'edge'), expected);
    t.is(verdict(resolved, 'Listener', 'tls'), expected);
    t.is(verdict(resolved, 'TLSRoute', 'shop'), 'False NotAllowedByListeners');
    t.deepEqual(resolved.desired, []);
    t.false(isAccepted(resolved.statuses));
  });
}

test('says which fields of a Gateway are without effect', (t) => {
  const resolved = resolveObjects([
    gateway([tlsListener('tls')], {
      infrastructure: { labels: { team: 'edge' } },
      allowedListeners: { namespaces: { from: 'Same' } },
    }),
  ]);
  t.is(verdict(resolved, 'Gateway', 'edge'), 'True Accepted');
  t.regex(message(resolved, 'Gateway', 'edge'), /without effect here: infrastructure, allowedListeners$/);
});

test('names the kinds of route that a listener cannot serve, and serves the others', (t) => {
  const resolved = resolveObjects([
    gateway([
      tlsListener('tls', { allowedRoutes: { kinds: [{ kind: 'HTTPRoute' }, { kind: 'TLSRoute' }] } }),
    ]),
    tlsRoute({ hostnames: ['a.net'] }),
  ]);
  t.is(verdict(resolved, 'Listener', 'tls', 'ResolvedRefs'), 'False InvalidRouteKinds');
  t.is(message(resolved, 'Listener', 'tls', 'ResolvedRefs'), 'cannot serve HTTPRoute with TLS');
  t.is(verdict(resolved, 'TLSRoute', 'shop'), 'True Accepted');
});
