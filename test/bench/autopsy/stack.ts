import type { Frame, Owner, Stack } from '../../../bench/autopsy/stacks.ts';

/** A sample in a few words: frames are `owner:name`, outermost first. */
export function stack(...frames: readonly `${Owner}:${string}`[]): Stack {
  return { thread: 'main', frames: frames.map(frame) };
}

function frame(words: string): Frame {
  const [owner = '', name = ''] = words.split(/:(.*)/s);
  return { name, owner: owner as Owner };
}
