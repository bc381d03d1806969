import type { Brand } from './brand.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** A TCP port, 1 to 65535. */
export type Port = Brand<number, 'Port'>;

export function parsePort(input: number | string): Parsed<Port> {
  const port = typeof input === 'string' && /^[0-9]{1,5}$/.test(input) ? Number(input) : input;
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
    return invalid('must be a whole number from 1 to 65535');
  }
  return ok(port as Port);
}
