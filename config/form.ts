import { type AddressBlock, parseAddressBlock } from './address-block.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { formatDuration, parseDuration } from './duration.ts';
import {
  type ListenAddress,
  type PortRange,
  parseBindAddress,
  parseListenAddress,
  parsePortRange,
  parsePublicAddress,
} from './listen-address.ts';
import { invalid, ok, type Parsed } from './parsed.ts';
import { formatSize, parseSize } from './size.ts';
import { parseSourceBlock, type SourceBlock } from './source-block.ts';

/** How one sort of value is written: all text becomes a value here and nowhere else. */
export interface Form<Value> {
  /** What is accepted, for messages and the reference: "duration, 100ms to 1m". */
  readonly accepts: string;
  /** What 0 means, or why it is refused; null where there is no zero. */
  readonly zero: string | null;
  /** Whether messages must not show what was written. */
  readonly isSecret: boolean;
  readonly parse: (text: string) => Parsed<Value>;
}

/** Either what 0 means, and then 0 is accepted beside the range, or why there is no 0. */
type Zero = { readonly means: string } | { readonly refused: string };

export interface Range {
  /** As written: `100ms`. */
  readonly min: string;
  readonly max: string;
  readonly zero: Zero;
}

/** A duration, in milliseconds. */
export function duration(range: Range): Form<number> {
  return ranged({ noun: 'duration', parse: parseDuration, format: formatDuration, range });
}

/** A size, in bytes. */
export function size(range: Range): Form<number> {
  return ranged({ noun: 'size', parse: parseSize, format: formatSize, range });
}

/** A whole number of things, without a unit. */
export function count(range: Range): Form<number> {
  return ranged({ noun: 'whole number', parse: parseCount, format: String, range });
}

/** One of a closed set of words. */
export function choice<const Word extends string>(...words: readonly Word[]): Form<Word> {
  return plain(words.join(', '), (text) => {
    const word = words.find((candidate) => candidate === text);
    return word === undefined ? invalid(`is not one of ${words.join(', ')}`) : ok(word);
  });
}

export const BOOLEAN: Form<boolean> = plain('true or false', (text) =>
  text === 'true' || text === 'false' ? ok(text === 'true') : invalid('is neither true nor false'),
);

export const NODE_NAME: Form<string> = plain('name: 1 to 253 of a-z, A-Z, 0-9, ".", "_", "-"', (text) =>
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/.test(text)
    ? ok(text)
    : invalid('must be 1 to 253 characters of a-z, A-Z, 0-9, ".", "_" and "-", with a letter or digit first'),
);

export const LISTENER_NAME: Form<string> = plain('name: 1 to 63 of a-z, 0-9, "-"', (text) =>
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text)
    ? ok(text)
    : invalid('must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last'),
);

/** Not yet resolved: a form has no working directory. */
export const PATH: Form<string> = plain('path', (text) => {
  if (text === '') return invalid('is empty');
  if (text.includes('\0')) return invalid('has a NUL character');
  if (text.startsWith('~'))
    return invalid('starts with "~", which only a shell expands; write the whole path');
  return ok(text);
});

export const LISTEN_ADDRESS: Form<ListenAddress> = {
  accepts: 'address:port',
  zero: 'port 0: any free port, which the log names',
  isSecret: false,
  parse: parseListenAddress,
};

export const BIND_ADDRESS: Form<string> = plain('IP address', parseBindAddress);

export const PUBLIC_ADDRESS: Form<string> = plain('IP address', parsePublicAddress);

export const ADDRESS_BLOCK: Form<AddressBlock> = plain('IPv4 address or block', parseAddressBlock);

export const SOURCE_BLOCK: Form<SourceBlock> = plain('IP address or block', parseSourceBlock);

export const PORT_RANGE: Form<PortRange> = {
  accepts: 'first-last, or one port, within 1-65535',
  zero: 'refused: a range names its ports',
  isSecret: false,
  parse: parsePortRange,
};

export const PORT: Form<number> = {
  accepts: 'port, 1 to 65535',
  zero: 'refused: clients need a port to go to',
  isSecret: false,
  parse: (text) => {
    const port = /^[0-9]{1,5}$/.test(text) ? Number(text) : 0;
    return port >= 1 && port <= 65_535 ? ok(port) : invalid('is not a port; write 1 to 65535');
  },
};

export const DATABASE_URL: Form<string> = {
  accepts: 'postgres://… or postgresql://…',
  zero: null,
  isSecret: true,
  parse: parseDatabaseUrl,
};

function plain<Value>(accepts: string, parse: (text: string) => Parsed<Value>): Form<Value> {
  return { accepts, zero: null, isSecret: false, parse };
}

interface Ranged {
  readonly noun: string;
  readonly parse: (text: string) => Parsed<number>;
  readonly format: (value: number) => string;
  readonly range: Range;
}

function ranged({ noun, parse, format, range }: Ranged): Form<number> {
  const { min, max, zero } = range;
  const least = bound(parse(min));
  const most = bound(parse(max));
  const accepts = `${noun}, ${min} to ${max}${'means' in zero && least > 0 ? ', or 0' : ''}`;
  return {
    accepts,
    zero: 'means' in zero ? zero.means : `refused: ${zero.refused}`,
    isSecret: false,
    parse: (text) => {
      const parsed = parse(text);
      if (parsed.kind === 'invalid') return parsed;
      if (parsed.value === 0)
        return 'means' in zero ? parsed : invalid(`is refused: ${zero.refused}; write ${min} to ${max}`);
      if (parsed.value < least) return invalid(`is less than ${format(least)}; write ${min} to ${max}`);
      if (parsed.value > most) return invalid(`is more than ${format(most)}; write ${min} to ${max}`);
      return parsed;
    },
  };
}

function parseCount(text: string): Parsed<number> {
  return /^[0-9]{1,15}$/.test(text) ? ok(Number(text)) : invalid('is not a whole number');
}

function bound(parsed: Parsed<number>): number {
  if (parsed.kind === 'invalid') throw new RangeError(`a bound ${parsed.problem}`);
  return parsed.value;
}
