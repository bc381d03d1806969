import { invalid, ok, type Parsed } from './parsed.ts';

/** How one sort of quantity is written. Units go from the smallest to the largest, each a multiple of the one before. */
export interface Units {
  /** "duration", for messages. */
  readonly noun: string;
  readonly units: readonly { readonly suffix: string; readonly factor: number }[];
  /** What a bare number most likely meant. */
  readonly likely: string;
  /** One that is written well. */
  readonly example: string;
}

/**
 * Reads a whole number with its unit, or a lone `0`. Any other bare number is refused: five what?
 *
 * The value is in the smallest unit.
 */
export function parseQuantity(text: string, { noun, units, likely, example }: Units): Parsed<number> {
  if (text === '0') return ok(0);
  const suffixes = units.map((unit) => unit.suffix).join(', ');
  const [, digits, suffix] = /^([0-9]{1,16})([A-Za-z]*)$/.exec(text) ?? [];
  if (digits === undefined) {
    return invalid(`is not a ${noun}; write a whole number and its unit, like ${example} (${suffixes})`);
  }
  if (suffix === '') return invalid(`has no unit; write ${Number(digits)}${likely} (${suffixes})`);
  const unit = units.find((candidate) => candidate.suffix === suffix);
  if (unit === undefined) {
    const near = nearUnit(suffix, units);
    return invalid(
      `has an unknown unit; ${near === undefined ? 'use one of' : `write ${Number(digits)}${near}`} (${suffixes})`,
    );
  }
  const value = Number(digits) * unit.factor;
  return Number.isSafeInteger(value) ? ok(value) : invalid(`is too large for a ${noun}`);
}

/** Writes a value in the largest unit that leaves a whole number, so that `parseQuantity` gives it back. */
export function formatQuantity(value: number, { units }: Units): string {
  if (value === 0) return '0';
  const unit = units.findLast((candidate) => value % candidate.factor === 0);
  if (unit === undefined) throw new RangeError(`${value} is not a whole number`);
  return `${value / unit.factor}${unit.suffix}`;
}

/** `KB`, `kib` and `K` mean KiB, `S` means s. */
function nearUnit(suffix: string | undefined, units: Units['units']): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/i?b$/, '');
  return units.find((unit) => plain(unit.suffix) === plain(suffix ?? ''))?.suffix;
}
