import test from 'ava';
import { parseStacks } from '../../../bench/autopsy/stacks.ts';

const SCRIPT = `
MainThread    71
	ffffffff82029b4d tcp_write_xmit ([kernel.kallsyms])
	ffffffff81e31c60 __x64_sys_shutdown ([kernel.kallsyms])
	ffffffff821ef691 do_syscall_64 ([kernel.kallsyms])
	ffffffff81000130 entry_SYSCALL_64_after_hwframe ([kernel.kallsyms])
	          10ad97 __GI___shutdown (/usr/lib/x86_64-linux-gnu/libc.so.6)
	        2918c000 [unknown] ([unknown])

V8 Worker    72
	    7fb16a036fa0 JS:*'#settle file:///srv/weir/edge/engine/splice/engine.ts:136:10 (/tmp/perf-71.map)
	    7fb16a0308c5 JS:+'writeBuffer /srv/weir/node_modules/sonic-boom/index.js:339:22 (/tmp/perf-71.map)
	    7fb16a0308c6 JS:~ node:fs:867:15 (/tmp/perf-71.map)
	         1631f67 Builtins_JSEntry (/tmp/weir-bench-x/node)
	          a22df1 v8::internal::(anonymous namespace)::Invoke(v8::Isolate*) (/tmp/weir-bench-x/node)
	            53a0 take_turn (/srv/weir/edge/engine/splice/build/Release/splice.node)

haproxy    73
	ffffffff821ef691 do_syscall_64 ([kernel.kallsyms])
	           a0001 conn_xprt_read (/usr/sbin/haproxy)

nginx    74
	ffffffff81e31bf9 tcp_sendmsg ([kernel.kallsyms])
	ffffffff81e31c60 do_writev.part.0 ([kernel.kallsyms])
	ffffffff821ef691 do_syscall_64 ([kernel.kallsyms])
	ffffffff81000130 entry_SYSCALL_64_after_hwframe ([kernel.kallsyms])

nginx    74
	ffffffff81e31bf9 do_user_addr_fault ([kernel.kallsyms])
	ffffffff81e31c60 asm_exc_page_fault ([kernel.kallsyms])

`;

const [shutdown, script, entering, writing, faulting] = parseStacks(SCRIPT, { root: '/srv/weir/' });

test('a sample is a thread and its frames, outermost first, without those that perf could not name', (t) => {
  t.is(shutdown?.thread, 'MainThread');
  t.deepEqual(shutdown?.frames, [
    { name: '__GI___shutdown', owner: 'libc' },
    { name: 'shutdown()', owner: 'kernel' },
    { name: 'tcp_write_xmit', owner: 'kernel' },
  ]);
});

test('a function of JavaScript is named with its file, without the path to the repository', (t) => {
  t.is(script?.thread, 'V8 Worker');
  t.deepEqual(
    script?.frames.filter(({ owner }) => owner === 'javascript').map(({ name }) => name),
    ['(anonymous) node:fs', 'writeBuffer sonic-boom/index.js', '#settle edge/engine/splice/engine.ts'],
  );
});

test('frames of the addon, of Node and of any other program are told apart', (t) => {
  t.deepEqual(
    script?.frames.slice(0, 3).map(({ owner }) => owner),
    ['addon', 'node', 'node'],
  );
  t.deepEqual(entering?.frames[0], { name: 'conn_xprt_read', owner: 'other' });
});

test('the way into a system call is only kept where the time went there', (t) => {
  t.is(entering?.frames.at(-1)?.name, 'do_syscall_64');
});

test('a system call is known by where it stands, whatever is left of its name', (t) => {
  t.deepEqual(
    writing?.frames.map(({ name }) => name),
    ['writev()', 'tcp_sendmsg'],
  );
  t.deepEqual(
    faulting?.frames.map(({ name }) => name),
    ['asm_exc_page_fault', 'do_user_addr_fault'],
  );
});

test('nothing sampled is no stacks', (t) => {
  t.deepEqual(parseStacks('', { root: '/' }), []);
});
