import type { ErrorCode } from 'yaml';

/**
 * Says what a text that is no YAML has wrong.
 *
 * The parser's own messages repeat pieces of the text, which may be a secret; these do not.
 */
export function syntaxMessage(code: ErrorCode): string {
  return SYNTAX[code] ?? 'this is not valid YAML';
}

const SYNTAX: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT: 'the indentation is wrong, or a bracket is not closed',
  BAD_DQ_ESCAPE: 'has an escape that YAML does not know; write \\\\ for a backslash, or use single quotes',
  BAD_SCALAR_START: 'a value that starts with @ or ` needs quotes',
  BLOCK_AS_IMPLICIT_KEY:
    'a second "key: value" where one value belongs; quote the value, or correct the indentation',
  MISSING_CHAR: 'a quote, bracket, colon or comma is missing before this; addresses need quotes: "[::]:443"',
  MULTILINE_IMPLICIT_KEY: 'this is not "key: value"; a colon is missing, or the indentation is wrong',
  MULTIPLE_DOCS: 'a second document starts here ("---"); one is allowed',
  RESOURCE_EXHAUSTION: 'this is nested too deeply',
  TAB_AS_INDENT: 'a tab is used for indentation; use spaces',
  TAG_RESOLVE_FAILED: 'tags ("!…") are not supported; a value that starts with ! needs quotes',
  UNEXPECTED_TOKEN:
    'the value before this is over; put all of it in quotes, like "[::]:443", or remove the rest',
};
