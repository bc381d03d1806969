import { parseAddress } from '../model/address.ts';
import type { Change } from '../model/change.ts';
import { type Endpoint, endpointKey } from '../model/endpoint.ts';
import { parseName } from '../model/name.ts';
import { invalid, ok, type Parsed } from '../model/parsed.ts';
import { parseRevision, type Revision } from '../model/revision.ts';
import { type PortBinding, portKey, type Route, routeKey } from '../model/route.ts';
import { checkRoute, checkTarget, PORT_BINDING, parseServiceText, ROUTE } from '../model/route-shape.ts';
import { type Decoder, decodeFields, flag, isRecord, type Shape, text } from '../model/shape.ts';

/** A row as it was read: a change, or a row that this edge cannot take and why. */
export type DecodedRow = { readonly kind: 'ok'; readonly change: Change } | RejectedRow;

/**
 * A row that is not what the model says. The row alone is left out, its value of before stays: a route that works must
 * not stop working because of a value that nobody can use.
 */
export interface RejectedRow {
  readonly kind: 'rejected';
  /** The row's own kind as it was found; empty if it has none. */
  readonly kindOf: string;
  /** Empty if it has none. */
  readonly key: string;
  /** Null if it has none. */
  readonly revision: Revision | null;
  /** A clause for a message: "backendPort must be …". */
  readonly problem: string;
}

/**
 * Decodes a row `{revision, kind, key, body}` of `weir.changes` or of a snapshot file; `body` is null where it is gone.
 *
 * Every field of the model must be there and right, and the key must be the value's own. Fields that the model does not
 * have are left out: what they mean is the schema version's matter.
 */
export function decodeChange(row: unknown): DecodedRow {
  if (!isRecord(row)) {
    return { kind: 'rejected', kindOf: '', key: '', revision: null, problem: 'is not a row' };
  }
  const kindOf = typeof row['kind'] === 'string' ? row['kind'] : '';
  const key = typeof row['key'] === 'string' ? row['key'] : '';
  const parsed = parseRevision(row['revision']);
  if (parsed.kind === 'invalid') {
    return { kind: 'rejected', kindOf, key, revision: null, problem: `revision ${parsed.problem}` };
  }
  const revision = parsed.value;
  const change = key === '' ? invalid('has no key') : changeOf({ kindOf, key, revision, body: row['body'] });
  if (change.kind === 'ok') return { kind: 'ok', change: change.value };
  return { kind: 'rejected', kindOf, key, revision, problem: change.problem };
}

interface Row {
  readonly kindOf: string;
  readonly key: string;
  readonly revision: Revision;
  readonly body: unknown;
}

function changeOf({ kindOf, key, revision, body }: Row): Parsed<Change> {
  switch (kindOf) {
    case 'route': {
      const value = decodeBody(body, decodeRoute, (route) => checkKey(key, routeKey(route)));
      return value.kind === 'ok' ? ok({ kind: 'route', revision, key, value: value.value }) : value;
    }
    case 'port': {
      const value = decodeBody(body, decodePort, (binding) => checkKey(key, portKey(binding)));
      return value.kind === 'ok' ? ok({ kind: 'port', revision, key, value: value.value }) : value;
    }
    case 'endpoint': {
      const value = decodeBody(body, decodeEndpoint, (endpoint) => checkKey(key, endpointKey(endpoint)));
      return value.kind === 'ok' ? ok({ kind: 'endpoint', revision, key, value: value.value }) : value;
    }
    default:
      return invalid(`has the kind ${JSON.stringify(kindOf)}, which this version does not know`);
  }
}

function decodeBody<Value extends object>(
  body: unknown,
  decode: Decoder<Value>,
  problemOf: (value: Value) => string | null,
): Parsed<Value | null> {
  if (body === null) return ok(null);
  const decoded = decode(body);
  if (decoded.kind === 'invalid')
    return isRecord(body) ? decoded : invalid('has a body that is not an object');
  const problem = problemOf(decoded.value);
  return problem === null ? decoded : invalid(problem);
}

function decodeRoute(body: unknown): Parsed<Route> {
  return checkRoute(decodeFields(body, ROUTE));
}

function decodePort(body: unknown): Parsed<PortBinding> {
  return checkTarget(decodeFields(body, PORT_BINDING));
}

function decodeEndpoint(body: unknown): Parsed<Endpoint> {
  return decodeFields(body, ENDPOINT);
}

function checkKey(key: string, expected: string): string | null {
  return key === expected ? null : `has a body that belongs to the key ${JSON.stringify(expected)}`;
}

const ENDPOINT: Shape<Endpoint> = {
  service: text(parseServiceText),
  instance: text(parseName),
  address: text(parseAddress),
  isReady: flag,
};
