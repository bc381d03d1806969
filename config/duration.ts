import type { Parsed } from './parsed.ts';
import { formatQuantity, parseQuantity, type Units } from './quantity.ts';

const DURATION: Units = {
  noun: 'duration',
  units: [
    { suffix: 'ms', factor: 1 },
    { suffix: 's', factor: 1000 },
    { suffix: 'm', factor: 60_000 },
    { suffix: 'h', factor: 3_600_000 },
  ],
  likely: 's',
  example: '5s',
};

/** Reads `250ms`, `5s`, `10m`, `1h` or `0` into milliseconds. */
export function parseDuration(text: string): Parsed<number> {
  return parseQuantity(text, DURATION);
}

/** Writes whole milliseconds as `parseDuration` reads them. */
export function formatDuration(ms: number): string {
  return formatQuantity(ms, DURATION);
}
