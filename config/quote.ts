const MAX_SHOWN = 60;

/**
 * Shows what somebody wrote, in a message: quoted, short, with control characters escaped. Text that looks like a URL
 * with credentials is not shown, wherever it stands, since a value in the wrong place is what messages are about.
 */
export function quote(text: string): string {
  if (text.includes('@') || text.includes('://')) return 'the value (not shown)';
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}

/** Shows a key that nobody knows, which can be anything that was pasted into the wrong place. */
export function quoteKey(key: string): string {
  return /^[A-Za-z0-9_-]{1,40}$/.test(key) ? key : quote(key);
}
