/**
 * The schema of an analysis's answer, in the small part of JSON Schema that every provider accepts and Firestore can store:
 * objects, arrays, strings, numbers, booleans, enums, each possibly null.
 */

export type JsonSchema = {
  type?: string;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  enum?: (string | number)[];
  anyOf?: JsonSchema[];
  additionalProperties?: boolean;
};

/** The mistake, and its place in the schema. */
export class SchemaError extends Error {
  readonly path: readonly string[];

  constructor(path: readonly string[], message: string) {
    super(message);
    this.path = path;
  }
}

const KEYWORDS = new Set([
  'type',
  'description',
  'properties',
  'required',
  'items',
  'enum',
  'anyOf',
  'additionalProperties',
]);
const MAX_DEPTH = 6;
const FIELD = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;

interface Options {
  /** True if a field may be left out; otherwise it is there, and null. */
  isLoose: boolean;
}

/**
 * @param schema JSON Schema, made by `picoschema` or written by hand
 * @throws {SchemaError}
 * @example normalSchema({ type: 'object', properties: { a: { type: ['string', 'null'] } } }, { isLoose: false })
 * // { type: 'object', properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, required: ['a'],
 * additionalProperties: false }
 */
export function normalSchema(schema: unknown, options: Options): JsonSchema {
  const normal = normalOf(schema, [], options);
  if (normal.type !== 'object') throw new SchemaError([], 'has to be an object with fields.');
  return normal;
}

function normalOf(schema: unknown, path: readonly string[], options: Options): JsonSchema {
  if (path.length > MAX_DEPTH) throw new SchemaError(path, `is deeper than ${MAX_DEPTH} levels.`);
  if (!isObject(schema)) throw new SchemaError(path, 'is no schema.');
  const unknown = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
  if (unknown !== undefined) {
    throw new SchemaError(path, `"${unknown}" cannot be used: not every model keeps to it.`);
  }
  const { type, anyOf, description } = schema;
  const about = typeof description === 'string' ? { description } : {};
  const types = Array.isArray(type) ? type : [type];
  const choices = Array.isArray(anyOf) ? anyOf : [];
  const values = Array.isArray(schema.enum) ? schema.enum : undefined;
  const isNullable =
    types.includes('null') ||
    values?.includes(null) === true ||
    choices.some((each) => isObject(each) && each.type === 'null');
  const [own, ...others] = types.filter((each) => each !== 'null');
  const real = choices.filter((each) => !(isObject(each) && each.type === 'null'));
  if (others.length > 0 || real.length > 1) {
    throw new SchemaError(path, 'has to have one type, and perhaps null.');
  }
  const [only] = real;
  const plain =
    only === undefined
      ? plainOf({ ...schema, type: own }, values, path, options)
      : normalOf(only, path, options);
  if (!isNullable) return { ...about, ...plain };
  return { ...about, anyOf: [plain, { type: 'null' }] };
}

function plainOf(
  schema: Record<string, unknown>,
  values: readonly unknown[] | undefined,
  path: readonly string[],
  options: Options,
): JsonSchema {
  if (schema.enum !== undefined) {
    const real = values?.filter((value) => value !== null) ?? [];
    const named = real.filter((value) => typeof value === 'string');
    const other = real.find((value) => typeof value !== 'string');
    if (named.length === 0 || other !== undefined) {
      const why =
        other === undefined
          ? ', such as [small, large].'
          : `, and ${JSON.stringify(other)} is none.`;
      throw new SchemaError(path, `"enum" has to be a list of texts${why}`);
    }
    return { type: 'string', enum: named };
  }
  switch (schema.type) {
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
      return { type: schema.type };
    case 'array': {
      const items = normalOf(schema.items, [...path, 'items'], options);
      if (items.type === 'array') throw new SchemaError(path, 'a list of lists cannot be stored.');
      return { type: 'array', items };
    }
    case 'object': {
      const members = isObject(schema.properties) ? Object.entries(schema.properties) : [];
      if (members.length === 0 && !options.isLoose) throw new SchemaError(path, 'has no fields.');
      const bad = members.find(([name]) => !FIELD.test(name));
      if (bad) throw new SchemaError(path, `"${bad[0]}" is no name of a field.`);
      const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
      const properties = members.map(([name, member]): [string, JsonSchema] => {
        const normal = normalOf(member, [...path, name], options);
        const isThere = options.isLoose || required.includes(name) || normal.anyOf !== undefined;
        return [name, isThere ? normal : nullable(normal)];
      });
      return {
        type: 'object',
        properties: Object.fromEntries(properties),
        required: options.isLoose ? required : members.map(([name]) => name),
        additionalProperties: false,
      };
    }
    default:
      throw new SchemaError(
        path,
        'has no type that can be used: object, array, string, number, integer, boolean, or a choice.',
      );
  }
}

const nullable = ({ description, ...plain }: JsonSchema): JsonSchema => ({
  ...(description !== undefined && { description }),
  anyOf: [plain, { type: 'null' }],
});

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The same as a type of TypeScript. @example typeOf({ type: 'array', items: { type: 'string' } }) // 'string[]' */
export function typeOf(schema: JsonSchema, indent = ''): string {
  if (schema.anyOf) return schema.anyOf.map((each) => typeOf(each, indent)).join(' | ');
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  switch (schema.type) {
    case 'null':
    case 'string':
    case 'boolean':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array': {
      const item = typeOf(schema.items ?? {}, indent);
      return /[|]/.test(item) ? `(${item})[]` : `${item}[]`;
    }
    default: {
      const inner = `${indent}  `;
      const members = Object.entries(schema.properties ?? {}).map(([name, member]) => {
        const about = `${inner}/** ${(member.description ?? name).replaceAll('*/', '')} */\n`;
        return `${about}${inner}${name}: ${typeOf(member, inner)};\n`;
      });
      return `{\n${members.join('')}${indent}}`;
    }
  }
}

/**
 * The TypeScript type of a caller's input. An optional field is left out, and never null.
 * @example inputTypeOf({ question: { type: 'string' } }, ['question']) // '{\n  /** question *\/\n  question: string;\n}'
 */
export function inputTypeOf(
  input: Record<string, JsonSchema>,
  required: readonly string[],
  indent = '',
): string {
  const fields = Object.entries(input).map(([name, { anyOf, ...schema }]) => {
    const [said = {}] = anyOf?.filter(({ type }) => type !== 'null') ?? [];
    const about = { description: name, ...schema, ...said };
    return [required.includes(name) ? name : `${name}?`, about] as const;
  });
  if (fields.length === 0) return 'Record<string, never>';
  return typeOf({ type: 'object', properties: Object.fromEntries(fields) }, indent);
}
