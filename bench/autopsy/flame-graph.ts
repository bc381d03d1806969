import { element, svgDocument, text } from '../report/svg.ts';
import type { Frame, Owner, Stack } from './stacks.ts';

/** A box of the graph: a function, called by the one below it. */
interface Box {
  readonly frame: Frame;
  samples: number;
  readonly callees: Map<string, Box>;
}

export interface FlameGraph {
  readonly title: string;
  /** What the picture is of, in one line. */
  readonly subtitle: string;
  readonly stacks: readonly Stack[];
}

const WIDTH = 1200;
const MARGIN = 12;
const TOP = 66;
const BOTTOM = 14;
const ROW = 16;
const CHARACTER_WIDTH = 6.1;
/** Less than a pixel and a half shows nothing, and thousands of them make a file that no page likes to load. */
const LEAST_WIDTH = 1.5;
const LEAST_LABEL_WIDTH = 30;

const OWNERS: readonly (readonly [owner: Owner, words: string])[] = [
  ['kernel', 'kernel'],
  ['javascript', 'JavaScript'],
  ['node', 'V8 and Node'],
  ['addon', 'addon'],
  ['libc', 'C library'],
  ['other', 'other'],
];

/** Samples as boxes on top of each other: as wide as their share, callers below. Each says its share when pointed at. */
export function renderFlameGraph({ title, subtitle, stacks }: FlameGraph): string {
  const root = fold(stacks);
  const scale = (WIDTH - 2 * MARGIN) / Math.max(1, root.samples);
  const rows = depthOf(root, LEAST_WIDTH / scale);
  const height = TOP + rows * ROW + BOTTOM;
  const seen = new Set(stacks.flatMap(({ frames }) => frames.map(({ owner }) => owner)));
  return svgDocument({ width: WIDTH, height, title }, [
    element('style', {}, STYLE),
    text({ x: MARGIN + 2, y: 28, class: 'heading' }, title),
    text({ x: MARGIN + 2, y: 48, class: 'quiet' }, subtitle),
    legend(OWNERS.filter(([owner]) => seen.has(owner))),
    element(
      'g',
      { class: 'flame' },
      ...boxes(root, { x: MARGIN, y: height - BOTTOM - ROW, scale, total: root.samples }),
    ),
  ]);
}

/** One tree of all samples; its root is all of them, and above it are the threads. */
export function fold(stacks: readonly Stack[]): Box {
  const root: Box = { frame: { name: 'all', owner: 'other' }, samples: 0, callees: new Map() };
  for (const { thread, frames } of stacks) {
    let box = root;
    box.samples += 1;
    for (const frame of [{ name: thread, owner: 'other' } as const, ...frames]) {
      const key = `${frame.owner} ${frame.name}`;
      const callee = box.callees.get(key) ?? { frame, samples: 0, callees: new Map() };
      box.callees.set(key, callee);
      callee.samples += 1;
      box = callee;
    }
  }
  return root;
}

interface Place {
  readonly x: number;
  readonly y: number;
  /** Width of one sample. */
  readonly scale: number;
  readonly total: number;
}

function boxes(box: Box, place: Place): readonly string[] {
  const { x, y, scale, total } = place;
  const width = box.samples * scale;
  if (width < LEAST_WIDTH) return [];
  const { frame, samples, callees } = box;
  const share = ((100 * samples) / total).toFixed(1);
  const label = shorten(frame.name, width - 6);
  const drawn = element(
    'g',
    {},
    element('title', {}, escaped(`${frame.name}: ${share} %`)),
    element('rect', { class: frame.owner, x, y, width: Math.max(0.5, width - 0.5), height: ROW - 1 }),
    ...(label === '' ? [] : [text({ x: x + 3, y: y + 11.5, class: 'name' }, label)]),
  );
  let left = x;
  // By name, so that two graphs can be laid beside each other.
  const above = Array.from(callees.values()).sort((a, b) => (a.frame.name < b.frame.name ? -1 : 1));
  return [
    drawn,
    ...above.flatMap((callee) => {
      const own = boxes(callee, { x: left, y: y - ROW, scale, total });
      left += callee.samples * scale;
      return own;
    }),
  ];
}

function depthOf({ callees }: Box, least: number): number {
  const shown = Array.from(callees.values()).filter(({ samples }) => samples >= least);
  return 1 + Math.max(0, ...shown.map((callee) => depthOf(callee, least)));
}

function shorten(name: string, width: number): string {
  if (width < LEAST_LABEL_WIDTH) return '';
  const room = Math.floor(width / CHARACTER_WIDTH);
  return name.length <= room ? name : `${name.slice(0, room - 1)}…`;
}

function legend(owners: readonly (readonly [Owner, string])[]): string {
  let right = WIDTH - MARGIN - 2;
  return owners
    .toReversed()
    .map(([owner, words]) => {
      right -= words.length * 6 + 34;
      const sign = element('rect', { class: owner, x: right, y: 18, width: 12, height: 12, rx: 2 });
      return sign + text({ x: right + 17, y: 28, class: 'quiet' }, words);
    })
    .join('');
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const STYLE = `
.flame .name{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:10px;pointer-events:none}
.flame rect:hover{stroke:#24292f}
.kernel{fill:#f2b27a}
.javascript{fill:#f3d865}
.node{fill:#a9cf8b}
.addon{fill:#5fc2cb}
.libc{fill:#c3b3e6}
.other{fill:#cfd6dd}
@media (prefers-color-scheme:dark){
.flame rect:hover{stroke:#e6edf3}
.kernel{fill:#7d4415}
.javascript{fill:#6f5a0a}
.node{fill:#365f26}
.addon{fill:#14666f}
.libc{fill:#53407f}
.other{fill:#3d4650}
}
`;
