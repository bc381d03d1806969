import { backendsProblem } from '../../model/backends.ts';
import { type Name, parseName } from '../../model/name.ts';
import { invalid, type Parsed } from '../../model/parsed.ts';
import type { Port } from '../../model/port.ts';
import { proxyTlvsProblem } from '../../model/proxy-tlv.ts';
import { type Backend, MAX_OTHERS, type Target } from '../../model/route.ts';
import { type Service, serviceKey } from '../../model/service.ts';
import { isRecord } from '../../model/shape.ts';
import { DEFAULT_WEIGHT, parseWeight, type Weight } from '../../model/weight.ts';
import type { FieldProblem } from '../control.ts';
import { type Fields, fieldsOf, optional, parseFields, parsePortField, required } from './parse-fields.ts';

/** A backend beside the first, as it is asked for: its org is that of the first. */
export interface OtherBackend {
  readonly app: Name;
  readonly env: Name;
  readonly process: Name;
  readonly backendPort: Port;
  readonly weight: Weight;
}

/** Parses the backends beside the first; problems name fields such as `others[1].backendPort`. */
export function parseOthers<Absent>(
  input: unknown,
  absent: Absent,
): Fields<{ readonly others: readonly OtherBackend[] | Absent }> {
  if (input === undefined) return fieldsOf({ others: absent });
  if (!Array.isArray(input)) return problemOf('others', 'must be a list');
  if (input.length > MAX_OTHERS) return problemOf('others', `must not be more than ${MAX_OTHERS}`);
  const others: OtherBackend[] = [];
  const problems: FieldProblem[] = [];
  for (const [at, item] of input.entries()) {
    const other = parseOther(item);
    if (other.kind === 'ok') others.push(other.value);
    else problems.push(...other.problems.map((each) => ({ ...each, field: `others[${at}]${each.field}` })));
  }
  return problems.length === 0 ? fieldsOf({ others }) : { kind: 'invalid', problems };
}

/** Parses a weight; absent it is `absent`. */
export function parseWeightField<Absent>(input: unknown, absent: Absent): Parsed<Weight | Absent> {
  return optional(input, absent, (given) =>
    typeof given === 'number' || typeof given === 'string' ? parseWeight(given) : invalid('must be a number'),
  );
}

/** Gives the backends beside the first their org. */
export function backendsOf(org: Name, others: readonly OtherBackend[]): readonly Backend[] {
  return others.map(({ backendPort, weight, ...names }) => {
    const service: Service = { org, ...names };
    return { service: serviceKey(service), backendPort, weight };
  });
}

/** Checks a target's backends taken together. */
export function checkTarget<Value extends Target>(target: Value): Fields<Value> {
  const problem = backendsProblem(target) ?? proxyTlvsProblem(target);
  return problem === null ? fieldsOf(target) : { kind: 'invalid', problems: [problem] };
}

/** Problems name fields such as `.backendPort`, or nothing where it is no backend at all. */
function parseOther(input: unknown): Fields<OtherBackend> {
  if (!isRecord(input)) return problemOf('', 'must have an app, env, process and backendPort');
  const fields = parseFields({
    app: required(input['app'], parseName),
    env: required(input['env'], parseName),
    process: required(input['process'], parseName),
    backendPort: parsePortField(input['backendPort']),
    weight: parseWeightField(input['weight'], DEFAULT_WEIGHT),
  });
  if (fields.kind === 'ok') return fields;
  return {
    kind: 'invalid',
    problems: fields.problems.map(({ field, problem }) => ({ field: `.${field}`, problem })),
  };
}

function problemOf(field: string, problem: string): { kind: 'invalid'; problems: readonly FieldProblem[] } {
  return { kind: 'invalid', problems: [{ field, problem }] };
}
