import { z } from 'zod';
import type { Path } from './document.ts';

/** Schemas may be recursive. */
const MAX_DEPTH = 8;

/** The names that a schema knows in the map at a path. */
export function fieldsAt(schema: z.core.$ZodType, path: Path): readonly string[] {
  const schemas = path.reduce<readonly z.core.$ZodType[]>(
    (all, part) => all.flatMap(plainSchemas).flatMap((one) => step(one, part)),
    [schema],
  );
  return [...new Set(schemas.flatMap(plainSchemas).flatMap((one) => Object.keys(shapeOf(one))))];
}

/** Where else in the document a field of this name belongs, as in `spec.service.app`; null where nowhere. */
export function fieldElsewhere(schema: z.core.$ZodType, name: string): string | null {
  let level: readonly { readonly schema: z.core.$ZodType; readonly path: string }[] = [{ schema, path: '' }];
  for (let depth = 0; depth < MAX_DEPTH && level.length > 0; depth += 1) {
    const below = level.flatMap(({ schema: above, path }) =>
      plainSchemas(above).flatMap((one) =>
        one instanceof z.ZodArray
          ? [{ schema: one.element, path: `${path}[]` }]
          : Object.entries(shapeOf(one)).map(([field, inner]) => ({
              schema: inner,
              path: path === '' ? field : `${path}.${field}`,
            })),
      ),
    );
    const same = below.find(({ path }) => path === name || path.endsWith(`.${name}`));
    if (same !== undefined) return same.path;
    level = below;
  }
  return null;
}

function step(schema: z.core.$ZodType, part: string | number): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodArray) return typeof part === 'number' ? [schema.element] : [];
  if (schema instanceof z.ZodRecord) return [schema.valueType];
  const shape = shapeOf(schema);
  const inner = Object.hasOwn(shape, part) ? shape[part] : undefined;
  return inner === undefined ? [] : [inner];
}

function shapeOf(schema: z.core.$ZodType): Readonly<Record<string, z.core.$ZodType>> {
  return schema instanceof z.ZodObject ? schema.shape : {};
}

/** What is inside of defaults, options and unions. */
function plainSchemas(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(plainSchemas);
  if (schema instanceof z.ZodPipe) {
    return plainSchemas(schema.in instanceof z.ZodTransform ? schema.out : schema.in);
  }
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodLazy
  ) {
    return plainSchemas(schema.unwrap());
  }
  return [schema];
}
