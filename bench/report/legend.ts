import { element, text } from './svg.ts';

/** A sign of the charts and what it means. */
export interface Explained {
  readonly sign: 'goal' | 'spread';
  readonly words: string;
}

const CHARACTER_WIDTH = 5.6;
const SIGN_WIDTH = 18;
const SIGN_GAP = 7;
const GAP = 22;

/** In one line that ends about at `right`; `y` is the base of its words. */
export function legend(
  { right, y }: { readonly right: number; readonly y: number },
  explained: readonly Explained[],
): string {
  const widths = explained.map(({ words }) => SIGN_WIDTH + SIGN_GAP + words.length * CHARACTER_WIDTH);
  let x = right - widths.reduce((sum, width) => sum + width, 0) - GAP * (explained.length - 1);
  return explained
    .map(({ sign, words }, index) => {
      const drawn = signAt(sign, x, y - 4) + text({ x: x + SIGN_WIDTH + SIGN_GAP, y, class: 'quiet' }, words);
      x += (widths[index] ?? 0) + GAP;
      return drawn;
    })
    .join('');
}

function signAt(sign: Explained['sign'], x: number, y: number): string {
  const line = (x1: number, x2: number, half: number): string =>
    element('line', { class: sign, x1, x2, y1: y - half, y2: y + half });
  if (sign === 'goal') return line(x + SIGN_WIDTH - 2, x + SIGN_WIDTH - 2, 7);
  return line(x, x + SIGN_WIDTH, 0) + line(x, x, 3) + line(x + SIGN_WIDTH, x + SIGN_WIDTH, 3);
}
