import { isInKernel, type Share } from './shares.ts';
import { isEntry, type Stack } from './stacks.ts';

interface Work {
  readonly label: string;
  /** Whether a sample is of this kind, by the kernel's functions that it was in, outermost first. */
  matches(functions: readonly string[]): boolean;
}

const REST = 'the rest of the calls';

/**
 * What the kernel was busy with, each sample counted once, for the first of these that it was in: what copies or wakes is
 * often within the handling of a packet, which is within a call that sends.
 */
const WORKS: readonly Work[] = [
  {
    label: 'timers that pace what is sent',
    // Where BBR paces: the clock is seen where it lets interrupts on again, just below the two functions that set and end it.
    matches: (functions) =>
      functions.some((name) => /^(?:hrtimer_start|hrtimer_run_softirq|tcp_pace_kick)/.test(name)) ||
      (/^_raw_spin_unlock_irq/.test(functions.at(-1) ?? '') &&
        /^(?:tcp_write_xmit|handle_softirqs|__do_softirq)$/.test(functions.at(-2) ?? '')),
  },
  within(
    'copying bytes',
    /^(?:_?_?copy_(?:to|from)_|_copy_(?:to|from)_iter|rep_movs|simple_copy_to_iter|memcpy)/,
  ),
  within(
    'waking who waits',
    /^(?:__wake_up|try_to_wake_up|ep_poll_callback|sock_def_(?:readable|write_space))/,
  ),
  within('waiting, and being switched', /^(?:__)?(?:preempt_)?schedule|^finish_task_switch/),
  within(
    'packets received, by either end',
    /^(?:net_rx_action|__napi_poll|tcp_v4_rcv|__release_sock|tcp_v4_do_rcv)/,
  ),
  within(
    'packets sent',
    /^(?:tcp_write_xmit|__tcp_transmit_skb|__tcp_send_ack|tcp_send_ack|__ip_queue_xmit)/,
  ),
  within(
    'making and freeing sockets, descriptors and buffers',
    /^(?:sock_alloc|sk_alloc|inet_create|alloc_file|__fput|alloc_fd|__sk_free|kfree|kmem_cache|skb_release|alloc_skb|__alloc_skb|skb_attempt_defer|napi_consume|folio_put|__folio_put|generic_pipe_buf)/,
  ),
  within('connecting and accepting', /^(?:tcp_v4_connect|inet_csk_accept|inet_accept)/),
  within('epoll: interests, and what is ready', /^(?:ep_|do_epoll)/),
  { label: 'on the way into calls and out', matches: (functions) => functions.every(isEntry) },
];

/** Shares of all samples, those outside of the kernel included; in the order above. */
export function sharesOfKernelWork(stacks: readonly Stack[]): readonly Share[] {
  const counted = Map.groupBy(stacks.filter(isInKernel), workOf);
  return [...WORKS.map(({ label }) => label), REST].map((label) => ({
    label,
    share: (counted.get(label)?.length ?? 0) / Math.max(1, stacks.length),
  }));
}

function workOf({ frames }: Stack): string {
  const functions = frames.filter(({ owner }) => owner === 'kernel').map(({ name }) => name);
  return WORKS.find((work) => work.matches(functions))?.label ?? REST;
}

function within(label: string, function_: RegExp): Work {
  return { label, matches: (functions) => functions.some((name) => function_.test(name)) };
}
