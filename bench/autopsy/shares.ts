import { type Frame, innermostOwner, isEntry, type Owner, type Stack } from './stacks.ts';

/** A part of all samples, 0 to 1. */
export interface Share {
  readonly label: string;
  readonly share: number;
}

const ENTERING = 'on the way into calls and out';

/** What is not in a system call, by whose code was running; the kernel's is then an interrupt or a page fault. */
const OUTSIDE: Readonly<Record<Owner, string>> = {
  kernel: 'interrupts and page faults',
  javascript: 'JavaScript',
  node: 'V8 and Node',
  libc: 'C library',
  addon: 'addon',
  other: 'its own code',
};

/** Where each sample was: in a system call, with all that the kernel does within it, or in whose code; largest first. */
export function sharesByPlace(stacks: readonly Stack[]): readonly Share[] {
  return sharesBy(stacks, placeOf);
}

/** Which functions the time was spent in themselves, not in what they called; the largest of them. */
export function sharesByFunction(stacks: readonly Stack[], most: number): readonly Share[] {
  return sharesBy(stacks, ({ frames }) => frames.at(-1)?.name ?? OUTSIDE.other).slice(0, most);
}

/** How much of it was the kernel's. */
export function kernelShare(stacks: readonly Stack[]): number {
  return stacks.filter(isInKernel).length / Math.max(1, stacks.length);
}

/** Whether the kernel was running, for whatever reason. */
export function isInKernel({ frames }: Stack): boolean {
  return innermostOwner(frames) === 'kernel';
}

function sharesBy(stacks: readonly Stack[], labelOf: (stack: Stack) => string): readonly Share[] {
  return Array.from(Map.groupBy(stacks, labelOf), ([label, group]) => ({
    label,
    share: group.length / stacks.length,
  })).sort((a, b) => b.share - a.share);
}

function placeOf({ frames }: Stack): string {
  const innermost = frames.at(-1);
  if (innermost !== undefined && isEntry(innermost.name)) return ENTERING;
  return frames.find(isSystemCall)?.name ?? OUTSIDE[innermostOwner(frames)];
}

function isSystemCall({ name, owner }: Frame): boolean {
  return owner === 'kernel' && name.endsWith('()');
}
