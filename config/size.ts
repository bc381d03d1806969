import type { Parsed } from './parsed.ts';
import { formatQuantity, parseQuantity, type Units } from './quantity.ts';

/** Binary units only: whether `16KB` is 16,000 or 16,384 bytes depends on whom one asks. */
const SIZE: Units = {
  noun: 'size',
  units: [
    { suffix: 'B', factor: 1 },
    { suffix: 'KiB', factor: 1024 },
    { suffix: 'MiB', factor: 1024 ** 2 },
    { suffix: 'GiB', factor: 1024 ** 3 },
  ],
  likely: 'B',
  example: '64KiB',
};

/** Reads `512B`, `64KiB`, `1MiB`, `2GiB` or `0` into bytes. */
export function parseSize(text: string): Parsed<number> {
  return parseQuantity(text, SIZE);
}

/** Writes whole bytes as `parseSize` reads them. */
export function formatSize(bytes: number): string {
  return formatQuantity(bytes, SIZE);
}
