/** One SVG element; what is in it is markup already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  ...content: readonly string[]
): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(format(value))}"`);
  return content.length === 0
    ? `<${name}${given.join('')}/>`
    : `<${name}${given.join('')}>${content.join('')}</${name}>`;
}

/** A line of text, its first character at the place but for what `text-anchor` says. */
export function text(
  at: { readonly x: number; readonly y: number; readonly class: string; readonly 'text-anchor'?: string },
  line: string,
): string {
  return element('text', { ...at }, escaped(line));
}

/** A whole document on a card of its own, so that it can be read on a light and on a dark page. */
export function svgDocument(
  { width, height, title }: { readonly width: number; readonly height: number; readonly title: string },
  content: readonly string[],
): string {
  const size = { width, height, viewBox: `0 0 ${format(width)} ${format(height)}` };
  const card = { class: 'card', x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 10 };
  return `${element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, role: 'img', 'aria-label': title },
    element('title', {}, escaped(title)),
    element('style', {}, STYLE),
    element('rect', card),
    ...content,
  )}\n`;
}

const STYLE = `
text{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-size:12px;fill:#24292f}
.card{fill:#fff;stroke:#d8dee4}
.heading{font-size:17px;font-weight:650}
.panel{font-size:13px;font-weight:600}
.quiet{fill:#59636e;font-size:11px}
.own{font-weight:650}
.met{fill:#1a7f37;font-weight:650}
.missed{fill:#c8321f;font-weight:650}
.rule{stroke:#d8dee4;stroke-width:1}
.track{fill:#f3f5f7}
.cut{fill:#fff}
.weir{fill:#0a7e8c}
.node{fill:#5fb7bf}
.peer{fill:#9aa5b1}
.floor{fill:#cfd6dd}
.spread{stroke:#24292f;stroke-width:1.2;stroke-opacity:.75}
.goal{stroke:#c4660a;stroke-width:2.5}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}
.card{fill:#0d1117;stroke:#30363d}
.quiet{fill:#9198a1}
.met{fill:#3fb950}
.missed{fill:#ff7b6b}
.rule{stroke:#30363d}
.track{fill:#161b22}
.cut{fill:#0d1117}
.weir{fill:#2bb3c0}
.node{fill:#1b727b}
.peer{fill:#6e7985}
.floor{fill:#3d4650}
.spread{stroke:#e6edf3}
.goal{stroke:#f0a04b}
}
`;

function format(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 100) / 100) : value;
}

function escaped(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
