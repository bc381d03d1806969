import { KEYS, type KeyEntry } from './keys.ts';

/** The Markdown table of every key, for the README. The same on every machine. */
export function renderReference(): string {
  const header = ['Key', 'Value', 'Default', 'Zero', 'What it does', 'Variable'];
  const rows = [header, header.map(() => '---'), ...KEYS.map(cellsOf)];
  return `${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}

function cellsOf({ path, accepts, default: standard, zero, about, variable }: KeyEntry): readonly string[] {
  return [
    code(path),
    accepts,
    standard ?? 'none: required',
    zero ?? '–',
    about,
    variable === null ? '–' : code(variable),
  ].map((cell) => cell.replaceAll('|', '\\|'));
}

function code(text: string): string {
  return `\`${text}\``;
}
