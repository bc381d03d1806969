import test from 'ava';
import { countedEvents, parseCounts, parseStraceSummary } from '../../../bench/autopsy/calls.ts';

test('calls that perf counted by name and those that it counted only together', (t) => {
  const calls = parseCounts(
    [
      '# started on a day',
      '',
      '70,,raw_syscalls:sys_enter,923873,100.00,,',
      '40,,syscalls:sys_enter_close,923873,100.00,,',
      '20,,syscalls:sys_enter_accept4,923873,100.00,,',
      '0,,syscalls:sys_enter_poll,923873,100.00,,',
      '<not counted>,,syscalls:sys_enter_bind,0,100.00,,',
    ].join('\n'),
  );
  t.deepEqual(Object.fromEntries(calls), { close: 40, accept4: 20, others: 10 });
});

test('only calls that the kernel has are counted by name', (t) => {
  const events = countedEvents(['sys_enter_close', 'sys_exit_close', 'sys_enter_mount']);
  t.deepEqual(events, ['raw_syscalls:sys_enter', 'syscalls:sys_enter_close']);
});

test('calls that strace counted, with errors and without', (t) => {
  const calls = parseStraceSummary(`% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 22.28    0.352884          17     20000     20000 connect
 20.29    0.321368           8     40000           close
------ ----------- ----------- --------- --------- ----------------
100.00    1.583530           4     60000     20000 total
`);
  t.deepEqual(Object.fromEntries(calls), { connect: 20_000, close: 40_000 });
});
