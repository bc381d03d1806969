import test from 'ava';
import type { Finding } from '../../../bench/autopsy/dissect.ts';
import { renderAutopsy } from '../../../bench/autopsy/report.ts';
import type { ProxyName } from '../../../bench/proxies/proxy.ts';
import { stack } from './stack.ts';

test('calls are for each connection and times are shares of the unobserved time', (t) => {
  const report = render([
    finding('weir', {
      cpu: 40,
      calls: new Map([
        ['close', 200],
        ['others', 10],
      ]),
    }),
    finding('haproxy', {
      cpu: 50,
      calls: new Map([
        ['close', 200],
        ['fcntl', 100],
      ]),
    }),
  ]);
  t.regex(
    report,
    /\| close +\| 2\.00 +\| 2\.00 +\|\n\| fcntl +\| +\| 1\.00 +\|\n\| others +\| 0\.10 +\| +\|/,
  );
  t.regex(report, /\| all +\| 2\.10 +\| 3\.00 +\|/);
  t.regex(report, /\| close\(\) +\| 30\.0 \(75 %\) +\| 37\.5 \(75 %\) +\|/);
  t.regex(report, /!\[weir: short connections\]\(flame-short-weir\.svg\)/);
});

test('what could not be looked into is left out, and said', (t) => {
  const report = render([finding('weir', { calls: null, stacks: null })], ['perf is not installed']);
  t.notRegex(report, /System calls|flame-|NaN/);
  t.regex(report, /## Notes\n\n- perf is not installed/);
});

function render(findings: readonly Finding[], notes: readonly string[] = []): string {
  return renderAutopsy({
    at: '2026-01-01T00:00:00.000Z',
    command: 'node bench/autopsy.ts',
    machine: {
      cores: 2,
      kernel: 'Linux 6',
      node: 'v24',
      congestionControl: 'cubic',
      pinning: null,
      maxFiles: 1024,
    },
    versions: {},
    findings,
    notes,
  });
}

function finding(proxy: ProxyName, given: Partial<Finding>): Finding {
  const inClose = Array.from({ length: 3 }, () => stack('libc:close', 'kernel:close()', 'kernel:tcp_close'));
  return {
    proxy,
    load: 'short',
    cpu: 40,
    cpuWhileCounted: 41,
    cpuWhileSampled: 42,
    calls: new Map(),
    units: 100,
    stacks: [...inClose, stack('addon:peek')],
    ...given,
  };
}
