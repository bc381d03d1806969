import { parseHttpHost } from './http-host.ts';

/** A request target taken apart, or a clause that says what is wrong. */
export type HttpTarget =
  | {
      readonly kind: 'target';
      /** Of an absolute target only. */
      readonly scheme: 'http' | 'https' | null;
      /** The same: without port and brackets. */
      readonly host: string | null;
      readonly path: string;
      /** With its question mark, or empty. */
      readonly query: string;
    }
  | { readonly kind: 'malformed'; readonly problem: string };

const ABSOLUTE = /^(https?):\/\/([^/?#]*)(.*)$/is;

/** Reads the three forms of target that may come to a server (RFC 9112 §3.2.1, §3.2.2, §3.2.4), given text without white space. */
export function parseHttpTarget(method: string, target: string): HttpTarget {
  // The fourth form, authority, asks for a tunnel (§3.2.3), which an edge must never be talked into.
  if (method === 'CONNECT') return malformed('asks for a tunnel');
  if (target === '*') {
    return method === 'OPTIONS'
      ? split(NO_AUTHORITY, target)
      : malformed('is "*", which only OPTIONS may have');
  }
  if (target.startsWith('/')) return split(NO_AUTHORITY, target);

  const [, scheme, authority, rest = ''] = ABSOLUTE.exec(target) ?? [];
  if (authority === undefined) return malformed('is neither a path nor an http URI');
  const host = parseHttpHost(authority);
  if (host.kind === 'malformed') return malformed(`has an authority that ${host.problem}`);
  const absolute = { scheme: scheme?.toLowerCase() === 'https' ? 'https' : 'http', host: host.host } as const;
  return split(absolute, rest.startsWith('/') ? rest : `/${rest}`);
}

type Absolute = Pick<Extract<HttpTarget, { kind: 'target' }>, 'scheme' | 'host'>;

const NO_AUTHORITY: Absolute = { scheme: null, host: null };

function split(absolute: Absolute, pathAndQuery: string): HttpTarget {
  const mark = pathAndQuery.indexOf('?');
  if (mark < 0) return { kind: 'target', ...absolute, path: pathAndQuery, query: '' };
  const [path, query] = [pathAndQuery.slice(0, mark), pathAndQuery.slice(mark)];
  return { kind: 'target', ...absolute, path, query };
}

function malformed(problem: string): HttpTarget {
  return { kind: 'malformed', problem };
}
