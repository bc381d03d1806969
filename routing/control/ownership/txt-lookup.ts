import { Resolver } from 'node:dns/promises';
import { isIPv6 } from 'node:net';
import { parseAddress } from '../../model/address.ts';
import type { Hostname } from '../../model/hostname.ts';
import { invalid, ok, type Parsed } from '../../model/parsed.ts';
import { parsePort } from '../../model/port.ts';

/** What a name's TXT records say. */
export type TxtAnswer =
  /** One value for each record, its strings joined (RFC 1035 §3.3.14), fit to be shown. */
  | { readonly kind: 'found'; readonly values: readonly string[] }
  /** The name does not exist, or has no TXT record. */
  | { readonly kind: 'absent' }
  /** Nobody could say. `problem` is a clause that names who was asked and what came of it. */
  | { readonly kind: 'failed'; readonly problem: string };

export interface TxtLookupOptions {
  /** As `parseResolvers` gives them, asked in this order; null for those of the system. */
  readonly servers: readonly string[] | null;
  /** Milliseconds for one look-up as a whole, whatever the servers do. */
  readonly timeoutMs: number;
  /** How often each server is asked. */
  readonly tries: number;
}

/** Asks for the TXT records of a name. */
export type TxtLookup = (name: Hostname) => Promise<TxtAnswer>;

/** Whoever may write the zone decides what comes back: more records than these, or longer ones, prove nothing. */
const MAX_VALUES = 64;
const MAX_VALUE_LENGTH = 512;

/** How long somebody who waits for it at a terminal lets a look-up take. */
export const LOOKUP_PATIENCE: Pick<TxtLookupOptions, 'timeoutMs' | 'tries'> = { timeoutMs: 5_000, tries: 2 };

/** A try that is given less is none. */
const MIN_TRY_MS = 50;

/**
 * Makes the look-up of TXT records, which follows aliases as far as the resolvers do.
 *
 * It rejects for nothing that the network does, and leaves nothing open that would keep the process. Throws where
 * `servers` are not as `parseResolvers` gives them.
 */
export function createTxtLookup(options: TxtLookupOptions): TxtLookup {
  const { servers } = options;
  if (servers?.length === 0) throw new RangeError('a look-up needs a resolver');
  if (servers !== null) new Resolver().setServers(servers);
  return (name) => lookUp(name, options);
}

const DNS_PORT = 53;
const MAX_RESOLVERS = 8;

/** Reads `1.1.1.1`, `127.0.0.1:5353`, `2606:4700::1111` and `[2606:4700::1111]:53`, one or several with commas between. */
export function parseResolvers(text: string): Parsed<readonly string[]> {
  const servers = new Set<string>();
  for (const written of text.split(',').map((part) => part.trim())) {
    if (written === '') return invalid(text.trim() === '' ? 'is empty' : 'has an empty part between commas');
    const server = parseResolver(written);
    if (server.kind === 'invalid') return invalid(`has ${JSON.stringify(written)}, which ${server.problem}`);
    servers.add(server.value);
  }
  if (servers.size > MAX_RESOLVERS) return invalid(`has more than ${MAX_RESOLVERS} resolvers`);
  return ok([...servers]);
}

function parseResolver(text: string): Parsed<string> {
  const [, bracketed, plain, digits] =
    /^(?:\[([^\]]*)\]|([^:[\]]*))(?::([0-9]+))?$/.exec(text) ?? (isIPv6(text) ? [text, text] : []);
  const written = bracketed ?? plain;
  if (written === undefined || (bracketed !== undefined && !isIPv6(bracketed))) {
    return invalid('is not an IP address with or without a port, like 1.1.1.1 or "[2606:4700::1111]:53"');
  }
  const address = parseAddress(written);
  if (address.kind === 'invalid') return address;
  const port = parsePort(digits ?? DNS_PORT);
  if (port.kind === 'invalid') return invalid(`has a port that ${port.problem}`);
  return ok(`${isIPv6(address.value) ? `[${address.value}]` : address.value}:${port.value}`);
}

/** The next one is asked where one cannot say; they share the time, so that a silent one leaves some to the others. */
async function lookUp(name: Hostname, { servers, timeoutMs, tries }: TxtLookupOptions): Promise<TxtAnswer> {
  const deadline = performance.now() + timeoutMs;
  const problems: string[] = [];
  const places = servers ?? [null];
  for (const [at, server] of places.entries()) {
    const shareMs = Math.max(1, (deadline - performance.now()) / (places.length - at));
    const answer = await askOne(name, { server, timeoutMs: Math.ceil(shareMs), tries });
    if (answer.kind !== 'failed') return answer;
    problems.push(answer.problem);
  }
  return { kind: 'failed', problem: problems.join('; ') };
}

interface Asking {
  /** Null: those of the system, in its own order. */
  readonly server: string | null;
  readonly timeoutMs: number;
  readonly tries: number;
}

async function askOne(name: Hostname, { server, timeoutMs, tries }: Asking): Promise<TxtAnswer> {
  const timeout = Math.max(MIN_TRY_MS, Math.floor(timeoutMs / tries));
  // One for each question: it remembers nothing, and `cancel` ends all that a resolver is doing.
  const resolver = new Resolver({ timeout, maxTimeout: timeout, tries });
  if (server !== null) resolver.setServers([server]);
  // c-ares stretches its timeouts as it sees fit.
  const timer = setTimeout(() => resolver.cancel(), timeoutMs);
  try {
    return { kind: 'found', values: valuesOf(await resolver.resolveTxt(name)) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (code === 'ENOTFOUND' || code === 'ENODATA') return { kind: 'absent' };
    const who = server ?? `${resolver.getServers().join(', ')} (the system's)`;
    return { kind: 'failed', problem: `the resolver ${who} ${whatCame(code, timeoutMs)}` };
  } finally {
    clearTimeout(timer);
  }
}

function whatCame(code: string, timeoutMs: number): string {
  switch (code) {
    case 'ETIMEOUT':
    case 'ECANCELLED':
      return `did not answer within ${timeoutMs} ms`;
    case 'ECONNREFUSED':
      return 'cannot be reached';
    case 'ESERVFAIL':
      return 'could not look the name up (SERVFAIL): the name servers of the domain may be wrong or away';
    case 'EREFUSED':
      return 'refused to answer (REFUSED)';
    case 'EBADRESP':
    case 'EFORMERR':
      return `answered with what is no answer (${code})`;
    default:
      return `did not give an answer (${code || 'for an unknown reason'})`;
  }
}

function valuesOf(records: readonly (readonly string[])[]): readonly string[] {
  return records.slice(0, MAX_VALUES).map((strings) => {
    // A terminal obeys control characters, and these are a stranger's.
    const value = strings.join('').replaceAll(/\p{Cc}/gu, '\u{fffd}');
    return value.length > MAX_VALUE_LENGTH ? `${value.slice(0, MAX_VALUE_LENGTH)}…` : value;
  });
}
