import test from 'ava';
import { explainListenError } from '../../../edge/process/listen-error.ts';
import { portSockets, type SocketConfig } from '../../../edge/process/port-sockets.ts';
import { parseIpv4Address } from '../../../routing/model/address.ts';
import { parsePort } from '../../../routing/model/port.ts';
import { must } from '../../routing/table/sample-rows.ts';

const RANGE = { first: 20_000, last: 20_009 };
const NO_PROXY = { proxyProtocol: 'off', trusted: [] } as const;
const BLOCK = { address: '203.0.113.0', prefix: 24 };

function tcp(name: string, address: string, dedicated = [BLOCK], ipv6Only = false) {
  return { kind: 'tcp', name, address, ports: RANGE, dedicated, ipv6Only, ...NO_PROXY } as const;
}

function tls(address: string, ipv6Only = false) {
  return { kind: 'tls', name: 'tls', address, port: 443, ipv6Only, defersAccept: true, ...NO_PROXY } as const;
}

function sockets(place: string, config: Partial<SocketConfig>) {
  const [port, address] = place.split(' of ');
  return portSockets(
    {
      address: address === undefined ? null : must(parseIpv4Address(address)),
      port: must(parsePort(port ?? '')),
    },
    { listeners: [], admin: null, ...config },
  );
}

test('a shared port is opened on each tcp listener whose range has it', (t) => {
  const listeners = [tls('::'), tcp('v4', '198.51.100.1'), tcp('v6', '::', [], true)];
  t.deepEqual(sockets('20009', { listeners }), [
    {
      name: 'v4',
      place: { address: '198.51.100.1', port: 20_009, ipv6Only: false, owner: null },
      inbound: NO_PROXY,
    },
    { name: 'v6', place: { address: '::', port: 20_009, ipv6Only: true, owner: null }, inbound: NO_PROXY },
  ]);
  t.deepEqual(sockets('20010', { listeners }), []);
});

test('a port of a dedicated address is opened there, whatever its number, by one listener that serves it', (t) => {
  const listeners = [tcp('none', '198.51.100.1', []), tcp('one', '198.51.100.2'), tcp('two', '198.51.100.3')];
  for (const port of [1, 443, 20_000, 65_535]) {
    t.deepEqual(sockets(`${port} of 203.0.113.7`, { listeners }), [
      {
        name: 'one',
        place: { address: '203.0.113.7', port, ipv6Only: false, owner: null },
        inbound: NO_PROXY,
      },
    ]);
  }
  t.deepEqual(sockets('443 of 203.0.114.7', { listeners }), []);
});

test('a raw TCP port wants the PROXY header that its listener wants', (t) => {
  const inbound = {
    proxyProtocol: 'required',
    trusted: [{ family: 'ipv4', address: '10.0.0.0', prefix: 8 }],
  } as const;
  const listeners = [{ ...tcp('raw', '::'), ...inbound }];
  t.deepEqual(sockets('20000', { listeners })[0]?.inbound, inbound);
  t.deepEqual(sockets('443 of 203.0.113.7', { listeners })[0]?.inbound, inbound);
});

test('what the configuration has on all addresses, or on this one, comes before a dedicated port', (t) => {
  const raw = tcp('raw', '198.51.100.1');
  const admin = { address: '0.0.0.0', port: 9901 };
  for (const [place, config, owner] of [
    ['443 of 203.0.113.7', { listeners: [tls('::'), raw] }, 'listener "tls" ([::]:443)'],
    ['443 of 203.0.113.7', { listeners: [tls('::', true), raw] }, null],
    ['443 of 203.0.113.7', { listeners: [tls('0.0.0.0'), raw] }, 'listener "tls" (0.0.0.0:443)'],
    ['443 of 203.0.113.7', { listeners: [tls('203.0.113.7'), raw] }, 'listener "tls" (203.0.113.7:443)'],
    ['443 of 203.0.113.8', { listeners: [tls('203.0.113.7'), raw] }, null],
    ['444 of 203.0.113.7', { listeners: [tls('::'), raw] }, null],
    ['20000 of 203.0.113.7', { listeners: [tcp('raw', '::')] }, 'listener "raw" ([::]:20000-20009)'],
    ['20010 of 203.0.113.7', { listeners: [tcp('raw', '::')] }, null],
    ['9901 of 203.0.113.7', { listeners: [raw], admin }, 'the admin server (0.0.0.0:9901)'],
  ] as const) {
    t.is(sockets(place, config)[0]?.place.owner, owner, place);
  }
});

test('says which listener is in the way, and what to do', (t) => {
  const place = { address: '203.0.113.7', port: 443, owner: 'listener "tls" ([::]:443)' };
  t.is(
    explainListenError(place, 'EADDRINUSE'),
    'cannot listen on 203.0.113.7:443: listener "tls" ([::]:443) has this port there too; give it addresses of its own instead of all, or for [::] set ipv6_only',
  );
  t.regex(explainListenError({ ...place, owner: null }, 'EADDRINUSE'), /another program has the port/);
});
