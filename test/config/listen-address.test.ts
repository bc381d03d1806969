import { fc, testProp } from '@fast-check/ava';
import test from 'ava';
import { parseBindAddress, parseListenAddress, parsePortRange } from '../../config/listen-address.ts';

test('an address to listen on has one canonical form', (t) => {
  const accepted: readonly (readonly [string, string, number])[] = [
    ['[::]:443', '::', 443],
    ['[0:0:0:0:0:0:0:0]:443', '::', 443],
    ['[2001:DB8::0:1]:65535', '2001:db8::1', 65_535],
    ['[::1]:0', '::1', 0],
    ['[fe80::1%eth0]:80', 'fe80::1%eth0', 80],
    ['[::ffff:127.0.0.1]:80', '127.0.0.1', 80],
    ['[::ffff:7f00:1]:80', '127.0.0.1', 80],
    ['127.0.0.1:8080', '127.0.0.1', 8080],
    ['0.0.0.0:80', '0.0.0.0', 80],
  ];
  for (const [text, address, port] of accepted) {
    t.deepEqual(parseListenAddress(text), { kind: 'ok', value: { address, port } }, text);
  }
});

test('an address that lacks something is refused with what to write', (t) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['443', /has no address; write "\[::\]:443"/],
    [':443', /has no address; write "\[::\]:443"/],
    ['::1', /needs brackets and a port; write "\[::1\]:443"/],
    ['[::1]', /has no port; write "\[::1\]:443"/],
    ['127.0.0.1', /has no port; write "127.0.0.1:443"/],
    ['[::]:65536', /has a port above 65535/],
    ['[::]:', /must be an IP address and a port/],
    ['[::]:https', /must be an IP address and a port/],
    ['[127.0.0.1]:80', /must be an IP address and a port/],
    ['localhost:80', /must be an IP address and a port/],
    ['*:80', /must be an IP address and a port/],
    ['127.0.0.256:80', /must be an IP address and a port/],
    ['[::]:4 3', /must be an IP address and a port/],
    ['[]:443', /must be an IP address and a port/],
    ['', /must be an IP address and a port/],
  ];
  for (const [text, problem] of refused) {
    const parsed = parseListenAddress(text);
    t.regex(parsed.kind === 'invalid' ? parsed.problem : 'accepted', problem, text);
  }
});

test('an address without a port may have brackets or not', (t) => {
  t.deepEqual(parseBindAddress('[::]'), { kind: 'ok', value: '::' });
  t.deepEqual(parseBindAddress('::1'), { kind: 'ok', value: '::1' });
  t.deepEqual(parseBindAddress('127.0.0.1'), { kind: 'ok', value: '127.0.0.1' });
  t.like(parseBindAddress('[::]:443'), { problem: 'has a port; a tcp listener takes them from "ports"' });
  t.is(parseBindAddress('[127.0.0.1]').kind, 'invalid');
  t.is(parseBindAddress('example.com').kind, 'invalid');
});

test('a range of ports counts both of its ends', (t) => {
  t.deepEqual(parsePortRange('20000-29999'), { kind: 'ok', value: { first: 20_000, last: 29_999 } });
  t.deepEqual(parsePortRange('1-65535'), { kind: 'ok', value: { first: 1, last: 65_535 } });
  t.deepEqual(parsePortRange('25'), { kind: 'ok', value: { first: 25, last: 25 } });
  t.like(parsePortRange('30-20'), { problem: 'runs backwards; write 20-30' });
  for (const text of ['0-10', '0', '1-65536', '99999'])
    t.like(parsePortRange(text), { problem: 'must be within 1-65535' });
  for (const text of ['', '-', '1-', '-1', '1 - 2', '1..2', '1-2-3', 'http'])
    t.is(parsePortRange(text).kind, 'invalid', text);
});

testProp(
  'every IPv6 address and port is read, and its canonical form reads as itself',
  [fc.ipV6(), fc.nat(65_535)],
  (t, ip, port) => {
    const once = parseListenAddress(`[${ip}]:${port}`);
    if (once.kind === 'invalid') return t.fail(ip);
    const { address } = once.value;
    const again = parseListenAddress(address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`);
    t.deepEqual(again, once);
  },
);
