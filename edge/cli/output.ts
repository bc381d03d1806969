import { styleText } from 'node:util';

/** The result of a command for a script: one JSON document on stdout, and nothing else. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** The result of a command for a person, on stdout. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Emphasis, where stdout is a terminal that wants it (NO_COLOR and FORCE_COLOR are heeded). */
export function paint(style: 'bold' | 'green' | 'red' | 'yellow' | 'dim', text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** One column of a table: its heading and what a row shows in it. */
export type Column<Row> = readonly [heading: string, cell: (row: Row) => string | number];

/** Rows under headings, each column as wide as its widest cell, and to the right where it holds numbers. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const formatted = columns.map(([heading, cell]) => {
    const cells = rows.map(cell);
    const width = Math.max(heading.length, ...cells.map((value) => String(value).length));
    const isNumeric = cells.length > 0 && cells.every((value) => typeof value === 'number');
    return [heading, ...cells].map((value) =>
      isNumeric ? String(value).padStart(width) : String(value).padEnd(width),
    );
  });
  const lines = ['', ...rows].map((_, line) =>
    formatted
      .map((column) => column[line])
      .join('  ')
      .trimEnd(),
  );
  return lines.map((line, at) => (at === 0 ? paint('bold', line) : line)).join('\n');
}
