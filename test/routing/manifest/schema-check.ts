import type { JsonSchema } from '../../../routing/manifest/json-schema.ts';

type Schema = { readonly [Keyword in keyof JsonSchema]: JsonSchema[Keyword] };

/** Keywords that say nothing of which values are valid. */
const NOTES = new Set(['$schema', 'format', '$defs', 'title', 'description', 'default', 'examples']);

/**
 * What of a value a JSON Schema does not allow, by the keywords of draft 2020-12 that ours use; others throw, so that
 * none is passed over.
 */
export function violations(
  value: unknown,
  schema: Schema,
  root: Schema = schema,
  path = '$',
): readonly string[] {
  return Object.keys(schema)
    .filter((keyword) => !NOTES.has(keyword))
    .flatMap((keyword) => violated(keyword, value, schema, root, path));
}

function violated(
  keyword: string,
  value: unknown,
  schema: Schema,
  root: Schema,
  path: string,
): readonly string[] {
  const wrong = (isRight: boolean) => (isRight ? [] : [`${path} breaks ${keyword}`]);
  const fields = isMap(value) ? Object.entries(value) : [];
  switch (keyword) {
    case '$ref': {
      const name = schema.$ref?.replace('#/$defs/', '') ?? '';
      const definition = root.$defs?.[name];
      if (definition === undefined) throw new Error(`no definition ${name}`);
      return violations(value, definition, root, path);
    }
    case 'type':
      return wrong([schema.type].flat().some((type) => isOf(type, value)));
    case 'const':
      return wrong(value === schema.const);
    case 'enum':
      return wrong(schema.enum?.some((known) => known === value) === true);
    case 'pattern':
      return wrong(typeof value !== 'string' || new RegExp(schema.pattern ?? '', 'u').test(value));
    case 'minLength':
      return wrong(typeof value !== 'string' || value.length >= (schema.minLength ?? 0));
    case 'maxLength':
      return wrong(typeof value !== 'string' || value.length <= (schema.maxLength ?? 0));
    case 'minItems':
      return wrong(!Array.isArray(value) || value.length >= (schema.minItems ?? 0));
    case 'maxItems':
      return wrong(!Array.isArray(value) || value.length <= (schema.maxItems ?? 0));
    case 'minimum':
      return wrong(typeof value !== 'number' || value >= (schema.minimum ?? 0));
    case 'maximum':
      return wrong(typeof value !== 'number' || value <= (schema.maximum ?? 0));
    case 'required':
      return (schema.required ?? []).flatMap((name) =>
        fields.some(([field]) => field === name) ? [] : [`${path} lacks ${name}`],
      );
    case 'properties':
      return fields.flatMap(([name, inner]) => {
        const of = schema.properties?.[name];
        return typeof of === 'object' ? violations(inner, of, root, `${path}.${name}`) : [];
      });
    case 'additionalProperties': {
      const rest = schema.additionalProperties;
      return fields
        .filter(([name]) => !Object.hasOwn(schema.properties ?? {}, name))
        .flatMap(([name, inner]) =>
          typeof rest === 'object'
            ? violations(inner, rest, root, `${path}.${name}`)
            : rest === false
              ? [`${path} has ${name}`]
              : [],
        );
    }
    case 'propertyNames': {
      const of = schema.propertyNames;
      return typeof of === 'object'
        ? fields.flatMap(([name]) => violations(name, of, root, `${path}(${name})`))
        : [];
    }
    case 'items': {
      const of = schema.items;
      if (typeof of !== 'object' || Array.isArray(of) || !Array.isArray(value)) return [];
      return value.flatMap((item, index) => violations(item, of as Schema, root, `${path}[${index}]`));
    }
    case 'anyOf':
      return wrong(schema.anyOf?.some((option) => violations(value, option, root).length === 0) === true);
    case 'oneOf':
      return wrong(
        schema.oneOf?.filter((option) => violations(value, option, root).length === 0).length === 1,
      );
    default:
      throw new Error(`${path} has the keyword ${keyword}, which this check does not know`);
  }
}

function isOf(type: string | undefined, value: unknown): boolean {
  switch (type) {
    case 'object':
      return isMap(value);
    case 'array':
      return Array.isArray(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
