import test from 'ava';
import { sharesOfKernelWork } from '../../../bench/autopsy/kernel-work.ts';
import { kernelShare, sharesByFunction, sharesByPlace } from '../../../bench/autopsy/shares.ts';
import type { Stack } from '../../../bench/autopsy/stacks.ts';
import { stack } from './stack.ts';

const STACKS = [
  stack('addon:peek', 'libc:__close', 'kernel:close()', 'kernel:tcp_close', 'kernel:__tcp_transmit_skb'),
  stack('libc:__close', 'kernel:close()', 'kernel:net_rx_action', 'kernel:__wake_up_sync_key'),
  stack('node:uv_run', 'addon:take_turn', 'node:napi_call_function', 'javascript:decide edge/a.ts'),
  stack('node:uv_run', 'kernel:asm_sysvec_apic_timer_interrupt'),
  stack('other:process_stream', 'kernel:do_syscall_64'),
];

test('a sample in a system call is that call’s, and any other is of whose code was running', (t) => {
  t.deepEqual(sharesByPlace(STACKS), [
    { label: 'close()', share: 0.4 },
    { label: 'JavaScript', share: 0.2 },
    { label: 'interrupts and page faults', share: 0.2 },
    { label: 'on the way into calls and out', share: 0.2 },
  ]);
  t.is(kernelShare(STACKS), 0.8);
});

test('what the kernel did is counted once, waking before the packet that it is part of', (t) => {
  const work = workOf(STACKS);
  t.is(work.get('waking who waits'), 0.2);
  t.is(work.get('packets received, by either end'), 0);
  t.is(work.get('packets sent'), 0.2);
  t.is(work.get('on the way into calls and out'), 0.2);
  t.is(work.get('the rest of the calls'), 0.2);
});

test('the clock of a pacing sender is told from the sending', (t) => {
  const work = workOf([
    stack('kernel:splice()', 'kernel:tcp_write_xmit', 'kernel:_raw_spin_unlock_irqrestore'),
    stack('kernel:splice()', 'kernel:sock_def_readable', 'kernel:_raw_spin_unlock_irqrestore'),
  ]);
  t.is(work.get('timers that pace what is sent'), 0.5);
  t.is(work.get('waking who waits'), 0.5);
});

test('a function’s own time is without that of what it calls', (t) => {
  const [first] = sharesByFunction([...STACKS, stack('kernel:close()', 'kernel:__wake_up_sync_key')], 1);
  t.is(first?.label, '__wake_up_sync_key');
});

test('nothing sampled is no share of anything', (t) => {
  t.deepEqual(sharesByPlace([]), []);
  t.is(kernelShare([]), 0);
});

function workOf(stacks: readonly Stack[]): ReadonlyMap<string, number> {
  return new Map(sharesOfKernelWork(stacks).map(({ label, share }) => [label, share]));
}
