import type { Brand } from './brand.ts';
import { invalid, ok, type Parsed } from './parsed.ts';

/** The name of an org, app, env, process type or instance: a DNS label, so that it can stand in a hostname. */
export type Name = Brand<string, 'Name'>;

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

export function parseName(text: string): Parsed<Name> {
  if (!NAME.test(text)) {
    return invalid('must be 1 to 63 characters of a-z, 0-9 and "-", with a letter or digit first and last');
  }
  return ok(text as Name);
}
