import { peekProxyHeader } from '../edge/wire/proxy-header.ts';
import { encodeProxyV2, type ProxyV2Header } from '../edge/wire/proxy-v2.ts';
import { describeMachine } from './measure/machine.ts';
import { median } from './measure/statistics.ts';

/**
 * What a PROXY header costs, in nanoseconds: encoded for a backend, and read from a load balancer.
 *
 *     node bench/proxy-header.ts
 */

const ROUNDS = 15;
const CALLS = 200_000;

/** Of every encoding, in nanoseconds. */
const GOAL_NS = 500;

const IPV4: ProxyV2Header = {
  source: { address: '203.0.113.195', port: 51_234 },
  destination: { address: '198.51.100.7', port: 443 },
  authority: 'shop.customer.example.com',
};
const IPV6: ProxyV2Header = {
  source: { address: '2001:db8:85a3::8a2e:370:7334', port: 51_234 },
  destination: { address: '2001:db8::1', port: 443 },
  authority: 'shop.customer.example.com',
};
const UNIQUE_ID = '0b5f9a4e-6c1d-4f6e-9a3b-2d7c8e1f4a5b';
const LINE = Buffer.from('PROXY TCP4 203.0.113.195 198.51.100.7 51234 443\r\n');

const encodings: Readonly<Record<string, ProxyV2Header>> = {
  'IPv4, authority': IPV4,
  'IPv4, authority, ALPN, CRC32C': { ...IPV4, alpn: 'h2', hasChecksum: true },
  'IPv4, every TLV': { ...IPV4, ...everyTlv() },
  'IPv6, authority': IPV6,
  'IPv6, authority, ALPN, CRC32C': { ...IPV6, alpn: 'h2', hasChecksum: true },
  'IPv6, every TLV': { ...IPV6, ...everyTlv() },
};

const { kernel, node, cores } = describeMachine();
process.stdout.write(`${kernel}, Node ${node}, ${cores} cores; ${ROUNDS} rounds of ${CALLS} calls\n\n`);
process.stdout.write('| | ns, median | best | goal |\n|---|---|---|---|\n');
for (const [name, header] of Object.entries(encodings)) {
  printRow(`encode ${name}`, () => encodeProxyV2(header).length, GOAL_NS);
}
const header = encodeProxyV2({ ...IPV4, alpn: 'h2', hasChecksum: true });
printRow('read version 1', () => peekProxyHeader(LINE).kind.length, null);
printRow('read version 2 with three TLVs', () => peekProxyHeader(header).kind.length, null);

function everyTlv(): Partial<ProxyV2Header> {
  return { alpn: 'h2', uniqueId: UNIQUE_ID, org: 'acme', app: 'shop', env: 'production', hasChecksum: true };
}

function printRow(name: string, call: () => number, goalNs: number | null): void {
  const samples = Array.from({ length: ROUNDS + 2 }, () => nanoseconds(call)).slice(2);
  const typical = median(samples);
  const verdict = goalNs === null ? '–' : `≤ ${goalNs}: ${typical <= goalNs ? 'met' : 'missed'}`;
  process.stdout.write(
    `| ${name} | ${typical.toFixed(0)} | ${Math.min(...samples).toFixed(0)} | ${verdict} |\n`,
  );
}

/** Of one call, on average. */
function nanoseconds(call: () => number): number {
  let sum = 0;
  const { user: before } = process.cpuUsage();
  for (let calls = 0; calls < CALLS; calls += 1) sum += call();
  const { user: after } = process.cpuUsage();
  if (sum === 0) throw new Error('nothing was done');
  return ((after - before) * 1000) / CALLS;
}
