/** The schemas of the API by name, as JSON Schema. zod writes them; parts without meaning for a reader are removed. */
import { z } from 'zod';
import { ANSWERED_SCHEMAS, ASKED_SCHEMAS } from './contract-docs.ts';

export type Schema = { [keyword: string]: unknown };

const NAMES = new Map<z.ZodType, string>(
  Object.entries({ ...ASKED_SCHEMAS, ...ANSWERED_SCHEMAS }).map(([name, schema]) => [schema, name]),
);

/** @param strict True: answers may have only described fields. */
export const componentSchemas = (strict: boolean): Record<string, Schema> => ({
  ...schemasOf(ASKED_SCHEMAS, 'input'),
  ...schemasOf(ANSWERED_SCHEMAS, 'output', strict),
});

export const reference = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** Every body and answer needs a name. Without it, the document would repeat the schema in each place. */
export function schemaOf(schema: z.ZodType): Schema {
  const name = NAMES.get(schema);
  if (name === undefined) throw new Error('Give this schema a name, in the docs of its feature.');
  return reference(name);
}

type Direction = 'input' | 'output';

function schemasOf(
  named: Record<string, z.ZodType>,
  io: Direction,
  strict = true,
): Record<string, Schema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(named)) registry.add(schema, { id });
  const uri = (id: string) => `#/components/schemas/${id}`;
  const { schemas } = z.toJSONSchema(registry, { io, uri });
  return Object.fromEntries(
    Object.entries(schemas).map(([name, schema]) => [name, plain(schema, strict)]),
  );
}

export function jsonSchema(schema: z.ZodType, io: Direction): Schema {
  return plain(z.toJSONSchema(schema, { io }), true);
}

/**
 * Removes parts without meaning for a reader: names for zod itself, the limits of JavaScript's numbers, the pattern of a
 * well-known `format`, and `items: false`, which `maxItems` says too and openapi-python-client cannot read.
 */
function plain(schema: object, strict: boolean): Schema {
  const text = JSON.stringify(schema, (key, value: unknown) => {
    if (key === '$schema' || key === '$id') return undefined;
    if (key === 'items' && value === false) return undefined;
    if (Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) return undefined;
    if (isDateTime(value)) return { ...value, pattern: undefined };
    return key === 'additionalProperties' && value === false && !strict ? undefined : value;
  });
  return JSON.parse(text) as Schema;
}

function isDateTime(value: unknown): value is Schema {
  return typeof value === 'object' && (value as Schema | null)?.format === 'date-time';
}
