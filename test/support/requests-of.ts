/** Requests as the API's document describes them, and some that it does not: for tests of whatever a program may send. */
import type {
  DescribedOperation,
  OpenApi,
  Parameter,
  Schema,
} from '@media-analysis/shared/openapi';
import fc from 'fast-check';

export interface MadeRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | FormData;
}

type Arbitrary<T> = fc.Arbitrary<T>;

/** The ids of what is there, by the part of the address that names its kind, such as `webhooks`. */
export type Known = Readonly<Record<string, readonly string[]>>;

export function requestsOf(document: OpenApi, known: Known): Arbitrary<MadeRequest> {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) =>
      // What is deleted early meets nothing else.
      ({
        weight: method === 'delete' ? 1 : 4,
        arbitrary: requestOf(document, { path, method: method.toUpperCase(), operation }, known),
      }),
    ),
  );
  return fc.oneof(...operations);
}

/** In a made request, in place of what an earlier answer at that address gave: its `ETag`, or its `next_page_token`. */
export const LAST = 'last';

interface Located {
  path: string;
  method: string;
  operation: DescribedOperation;
}

function requestOf(
  document: OpenApi,
  { path, method, operation }: Located,
  known: Known,
): Arbitrary<MadeRequest> {
  const { parameters = [], requestBody } = operation;
  const ids = Object.values(known).flat();
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const isHeaded = method === 'GET' && !operation['x-events'];
  const of = (place: Parameter['in']) => parameters.filter((each) => each.in === place);
  const body = content?.schema && bodyOf(document, type, content.schema);
  return fc
    .record({
      inPath: fc.tuple(...of('path').map(({ name }) => inPath(path, name, known))),
      query: queryOf(document, of('query'), ids),
      headers: headersOf(of('header'), type),
      asked: isHeaded ? often(fc.constant(method), fc.constant('HEAD')) : fc.constant(method),
      body: body ?? fc.constant(undefined),
    })
    .map(({ inPath: values, query, headers, asked, body: made }) => {
      const named = path.replaceAll(/\{\w+\}/g, () => encodeURIComponent(values.shift() ?? 'x'));
      const address = query.size > 0 ? `${named}?${query}` : named;
      return { method: asked, path: address, headers, ...(made !== undefined && { body: made }) };
    });
}

/** Parts of a path that are dots lead elsewhere. */
const segment = fc.string({ unit: 'binary', minLength: 1, maxLength: 70 }).filter(isSegment);

function isSegment(text: string): boolean {
  return !/^\.{1,2}$/.test(text) && text.isWellFormed();
}

function inPath(path: string, name: string, known: Known): Arbitrary<string> {
  if (name === 'name') return often(fc.constantFrom('describe', 'receipt', 'ask'), segment);
  const others = fc.oneof(fc.constantFrom(...Object.values(known).flat()), segment);
  const kind = name === 'delivery' ? 'deliveries' : path.split('/')[2];
  const [first, ...more] = known[kind ?? ''] ?? [];
  return first === undefined ? others : often(fc.constantFrom(first, ...more), others);
}

/** Mostly the first; now and then the other. */
function often<T>(usual: Arbitrary<T>, other: Arbitrary<T>): Arbitrary<T> {
  return fc.oneof({ weight: 6, arbitrary: usual }, { weight: 1, arbitrary: other });
}

function queryOf(
  document: OpenApi,
  parameters: Parameter[],
  ids: readonly string[],
): Arbitrary<URLSearchParams> {
  const words = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.toWellFormed());
  const named = Object.fromEntries(
    parameters.map(({ name, schema }) => {
      const value = /^(ids|similar_to)$/.test(name)
        ? fc.constantFrom(...ids)
        : valueFor(document, schema).map(String);
      return [name, often(name === 'page_token' ? fc.constant(LAST) : value, words)];
    }),
  );
  const requiredKeys = parameters.filter(({ required }) => required).map(({ name }) => name);
  const some = fc
    .record(named, { requiredKeys })
    .map((values) => Object.entries(values).filter(([, value]) => value !== undefined));
  // Most parameters exclude some other one: few at a time get further.
  const few = fc
    .tuple(some, fc.nat(3))
    .map(([all, n]) => all.slice(0, Math.max(n, requiredKeys.length)));
  const strange = fc.tuple(words, words).map((pair) => [pair]);
  return often(
    few,
    fc.tuple(few, strange).map(([all, more]) => [...all, ...more] as [string, string][]),
  ).map((pairs) => new URLSearchParams(pairs as [string, string][]));
}

function headersOf(
  parameters: Parameter[],
  type: string | undefined,
): Arbitrary<Record<string, string>> {
  const visible = fc.stringMatching(/^[!-~]{1,300}$/);
  const values = {
    'Idempotency-Key': often(fc.constantFrom('one', 'two'), visible),
    'Last-Event-ID': often(fc.constantFrom('done', '1'), visible),
    'If-Match': often(fc.constantFrom(LAST, '*', '"x"', '"x", W/"y"'), visible),
    'If-None-Match': often(fc.constantFrom(LAST, '*', '"x"'), visible),
    Accept: fc.constant('application/json'),
    'Content-Type': often(fc.constantFrom('application/json', 'text/plain'), visible),
    traceparent: visible,
  };
  const names = ['Accept', 'traceparent', ...parameters.map(({ name }) => name)];
  if (type === 'application/json') names.push('Content-Type');
  const chosen = Object.entries(values).filter(([name]) => names.includes(name));
  const requiredKeys = parameters.filter(({ required }) => required).map(({ name }) => name);
  const some = (needed: string[]): Arbitrary<Record<string, string>> =>
    fc
      .record(Object.fromEntries(chosen), { requiredKeys: needed })
      .map((all) => Object.fromEntries(Object.entries(all).filter(isGiven)));
  return often(some(requiredKeys), some([]));
}

function isGiven(entry: [string, string | undefined]): entry is [string, string] {
  return entry[1] !== undefined;
}

function bodyOf(
  document: OpenApi,
  type: string | undefined,
  schema: Schema,
): Arbitrary<string | FormData> {
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  if (type === 'multipart/form-data')
    return often<string | FormData>(formOf(document, schema), text);
  const right = valueFor(document, schema);
  const bent = fc.tuple(right, fc.nat(), fc.jsonValue()).map(([value, at, other]) => {
    return replaceOne(value, at, other);
  });
  const json = fc.oneof(
    { weight: 4, arbitrary: right },
    { weight: 2, arbitrary: bent },
    fc.jsonValue(),
  );
  return often(
    json.map((value) => JSON.stringify(value) ?? ''),
    text,
  );
}

/** One field gets another value; or there is one field more. */
function replaceOne(value: unknown, at: number, other: unknown): unknown {
  if (typeof value !== 'object' || value === null) return other;
  const names = [...Object.keys(value), 'strange'];
  return { ...value, [names[at % names.length] ?? 'strange']: other };
}

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

const METADATA = fc
  .dictionary(fc.string({ minLength: 1, maxLength: 9 }), fc.string(), { maxKeys: 3 })
  .map((all) => JSON.stringify(all));

function formOf(document: OpenApi, schema: Schema): Arbitrary<FormData> {
  const { properties = {} } = schema as { properties?: Record<string, Schema> };
  const fields = Object.entries(properties).filter(([name]) => name !== 'files');
  const words = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed());
  const said = Object.fromEntries(
    fields.map(([name, field]) => [
      name,
      often(name === 'metadata' ? METADATA : valueFor(document, field).map(String), words),
    ]),
  );
  const contents = fc.oneof(fc.constant(PNG), fc.uint8Array({ maxLength: 200 }));
  const types = fc.constantFrom('image/png', 'image/jpeg', 'video/mp4', 'text/plain', '');
  const file = fc.record({
    content: contents,
    type: types,
    name: often(fc.constant('a.png'), words),
  });
  const files = fc.array(file, { maxLength: 3 });
  return fc.tuple(fc.record(said, { requiredKeys: [] }), files).map(([values, all]) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(values)) form.append(name, value);
    for (const { content, type, name } of all) {
      form.append('files', new Blob([new Uint8Array(content)], { type }), name);
    }
    return form;
  });
}

const MANY = 4;

/** Values that a schema allows, short ones. */
function valueFor(document: OpenApi, schema: Schema): Arbitrary<unknown> {
  const { $ref, type, anyOf, format, pattern, items, additionalProperties: more } = schema;
  const {
    enum: values,
    minLength = 0,
    maxLength = 30,
  } = schema as {
    enum?: unknown[];
    minLength?: number;
    maxLength?: number;
  };
  const { minimum = -100, maximum = 10_000 } = schema as { minimum?: number; maximum?: number };
  if (typeof $ref === 'string') {
    return valueFor(document, document.components.schemas[$ref.split('/').at(-1) ?? ''] ?? {});
  }
  if (values) return fc.constantFrom(...values);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((each) => valueFor(document, each)));
  if (format === 'date-time') {
    const from = new Date('0001-01-01T00:00:00Z');
    return fc.date({ min: from, noInvalidDate: true }).map((date) => date.toISOString());
  }
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  switch (type) {
    case 'string':
      return fc.string({
        unit: 'binary',
        minLength,
        maxLength: Math.min(maxLength, minLength + 30),
      });
    case 'integer':
    case 'number':
      return fc.integer({ min: minimum, max: maximum });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array': {
      const { minItems = 0 } = schema as { minItems?: number };
      return fc.array(valueFor(document, (items ?? {}) as Schema), {
        minLength: minItems,
        maxLength: minItems + MANY,
      });
    }
    case 'object':
      return objectOf(document, schema, more);
    default:
      return fc.jsonValue();
  }
}

function objectOf(document: OpenApi, schema: Schema, more: unknown): Arbitrary<unknown> {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const fields: Record<string, Arbitrary<unknown>> = {};
  for (const [name, field] of Object.entries(properties)) fields[name] = valueFor(document, field);
  if (Object.keys(fields).length > 0) return fc.record(fields, { requiredKeys: required });
  return fc.dictionary(fc.string({ maxLength: 10 }), valueFor(document, (more || {}) as Schema), {
    maxKeys: MANY,
  });
}
