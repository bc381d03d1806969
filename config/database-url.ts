import { invalid, ok, type Parsed } from './parsed.ts';

/**
 * Checks that a text is a PostgreSQL URL without changing it. No answer repeats any part of the text, which may hold a
 * password.
 */
export function parseDatabaseUrl(text: string): Parsed<string> {
  if (!/^postgres(?:ql)?:\/\//.test(text)) return invalid('must start with postgres:// or postgresql://');
  // An unescaped "#" would silently cut the password, and the host after it, off.
  if (text.includes('#')) return invalid('has a "#"; in a password write it as %23');
  if (/[\s\p{Cc}]/u.test(text))
    return invalid('has a space or line break; in a password write a space as %20');
  if (!URL.canParse(text)) {
    return invalid('is not a URL; special characters in a password must be percent-encoded (RFC 3986 §2.1)');
  }
  return ok(text);
}
