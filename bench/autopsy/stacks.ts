/** Whose code a frame is. */
export type Owner = 'kernel' | 'javascript' | 'node' | 'libc' | 'addon' | 'other';

export interface Frame {
  /** A system call is `close()`; a function of JavaScript has its file behind it. */
  readonly name: string;
  readonly owner: Owner;
}

/** One sample: the thread's name, and what it was in, outermost first. */
export interface Stack {
  readonly thread: string;
  readonly frames: readonly Frame[];
}

/** How `perf script` is to print what `parseStacks` reads. */
export const SCRIPT_FIELDS = 'comm,tid,ip,sym,dso';

/**
 * Reads what `perf script` prints: for each sample a line that names the thread, and one for each frame, innermost first.
 * What perf could not name is left out: without frame pointers it takes other words on the stack for return addresses.
 */
export function parseStacks(script: string, { root }: { readonly root: string }): readonly Stack[] {
  return script
    .split(/\n\s*\n/)
    .map((block) => block.split('\n').filter((line) => line.trim() !== ''))
    .filter((lines) => lines.length > 1)
    .map(([header = '', ...lines]) => ({
      thread: header.trim().replace(/\s+\d+$/, ''),
      frames: withSystemCall(lines.flatMap((line) => parseFrame(line, root) ?? []).reverse()),
    }));
}

/**
 * What comes next to the way into the kernel is the system call. Its name is the kernel's own for it, which some have lost
 * to the function that does their work; the way in stays only where it is innermost.
 */
function withSystemCall(frames: readonly Frame[]): readonly Frame[] {
  return frames.flatMap((frame, index) => {
    if (isEntry(frame.name)) return index === frames.length - 1 ? [frame] : [];
    const before = frames[index - 1];
    const call = before !== undefined && isEntry(before.name) ? SYSTEM_CALL.exec(frame.name)?.[1] : undefined;
    return [call === undefined ? frame : { ...frame, name: `${call}()` }];
  });
}

const SYSTEM_CALL = /^(?:__(?:x64|arm64)_sys|__sys|ksys|do)_(\w+)/;

/** Whose code was running; where perf could name nothing, none that is known. */
export function innermostOwner(frames: readonly Frame[]): Owner {
  return frames.at(-1)?.owner ?? 'other';
}

/** Whether it is what every system call goes through on its way in and out: worth a frame only where the time went there. */
export function isEntry(name: string): boolean {
  return /^(?:entry_SYSCALL_64\w*|do_syscall_64|x64_sys_call|syscall_\w+|el0\w*|invoke_syscall\S*|do_el0_svc)$/.test(
    name,
  );
}

function parseFrame(line: string, root: string): Frame | null {
  const [, symbol, module] = /^\s*[\da-f]+ (.*) \(([^()]*(?:\([^()]*\))?)\)$/.exec(line) ?? [];
  if (symbol === undefined || module === undefined || symbol === '[unknown]') return null;
  const owner = ownerOf(symbol, module);
  return { name: owner === 'javascript' ? scriptName(symbol, root) : symbol, owner };
}

function ownerOf(symbol: string, module: string): Owner {
  if (module.startsWith('[kernel') || module.endsWith('.ko')) return 'kernel';
  // V8's map of the code that it made: functions, and stubs of its own.
  if (/\/perf-\d+\.map$/.test(module)) return SCRIPT.test(symbol) ? 'javascript' : 'node';
  if (/\/node$/.test(module)) return 'node';
  if (module.endsWith('.node')) return 'addon';
  if (module === '[vdso]' || /\/(?:libc|libpthread|libm|ld-linux)[-.\w]*$/.test(module)) return 'libc';
  return 'other';
}

/** V8's names: the kind, a sign for how it is compiled, the function's name, its script and where it begins there. */
const SCRIPT = /^(?:JS|LazyCompile|Function|Script|Eval):[*^~+']*(\S*)(?: (.*?))?(?::\d+)?(?::\d+)?$/;

/** Without the path to the repository, which is the machine's own affair. */
function scriptName(symbol: string, root: string): string {
  const [, name = '', script = ''] = SCRIPT.exec(symbol) ?? [];
  const file = script
    .replace(/^file:\/\//, '')
    .replace(root, '')
    .replace(/^(?:.*\/)?node_modules\//, '');
  return file === '' ? name || '(anonymous)' : `${name || '(anonymous)'} ${file}`;
}
