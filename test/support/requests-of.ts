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

/** The ids of what is there, by the part of the address that names its kind: `webhooks`, and of a second id `delivery of webhooks`. */
export type Known = Readonly<Record<string, readonly string[]>>;

/** The document, and values of what is there or what the service may accept, by their names in the document. */
type Source = OpenApi & { named: Record<string, Arbitrary<unknown>> };

/** @param url Accepted as the address of a webhook. */
export function requestsOf(api: OpenApi, known: Known, url: string): Arbitrary<MadeRequest> {
  const document: Source = { ...api, named: valuesOf(known, url) };
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      weight: weightOf(path, operation),
      arbitrary: requestOf(document, { path, method: method.toUpperCase(), operation }, known),
    })),
  );
  return fc.oneof(...operations);
}

/** What is deleted early meets nothing else; a body, or a second id, is seldom right. */
function weightOf(path: string, { operationId, requestBody }: DescribedOperation): number {
  if (/^(delete|remove)/.test(operationId)) return 1;
  return requestBody || path.split('{').length > 2 ? 8 : 4;
}

/** In a made request, in place of what an earlier answer gave: `ETag`, `next_page_token`, or the id of what was made. */
export const LAST = 'last';
/** In place of the first `ETag` of what the address names. */
export const FIRST = 'first';

function valuesOf(known: Known, url: string): Source['named'] {
  const id = fc.constantFrom(...(known.media ?? []));
  const address = fc.constant(url);
  const word = fc.string({ minLength: 1, maxLength: 9 });
  return {
    ids: fc.array(id, { minLength: 1, maxLength: MANY }),
    similar_to: id,
    url: address,
    callback_url: address,
    external_id: fc.constantFrom('order 1', 'order-2', 'ö'),
    metadata: fc.dictionary(word, fc.string(), { maxKeys: 3 }),
    page_token: fc.constant(LAST),
    limit: fc.integer({ min: 1, max: 3 }),
    from: fc.constantFrom('2020-01-01T00:00:00Z', '2026-02-03T04:05:06+09:00'),
    to: fc.constantFrom('2096-01-01T00:00:00Z', '2026-05-03T04:05:06Z'),
    time_zone: fc.constantFrom('Asia/Tokyo', 'UTC'),
    language: fc.constantFrom('en', 'ja', 'pt-BR'),
    analysis: fc.constant('describe'),
    analyses: fc.constant(['describe']),
    // No local model has another one.
    tier: fc.constant(undefined),
    input: fc.constantFrom({}, { question: 'What is it?' }),
    source: fc.constantFrom({ gs: 'gs://photos/none' }, { urls: [url] }),
    content_type: fc.constantFrom('image/png', 'video/mp4'),
    times: fc.constantFrom('0', '0,1', '0.5,3,12.25'),
    model: fc.constant('local/facts'),
    title: word,
    summary: word,
    q: word,
    tag: word,
  };
}

interface Located {
  path: string;
  method: string;
  operation: DescribedOperation;
}

function requestOf(
  document: Source,
  { path, method, operation }: Located,
  known: Known,
): Arbitrary<MadeRequest> {
  const { parameters = [], requestBody } = operation;
  const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const isHeaded = method === 'GET' && !operation['x-events'];
  const of = (place: Parameter['in']) => parameters.filter((each) => each.in === place);
  const body = content?.schema && bodyOf(document, type, content.schema);
  return fc
    .record({
      inPath: fc.tuple(...of('path').map(({ name }) => inPath(path, name, known))),
      query: queryOf(document, of('query')),
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
  const kind = path.split('/')[2] ?? '';
  const [first, ...more] = known[name === 'id' ? kind : `${name} of ${kind}`] ?? [];
  return first === undefined ? others : often(fc.constantFrom(first, first, ...more, LAST), others);
}

/** Mostly the first; now and then the other. */
function often<T>(usual: Arbitrary<T>, other: Arbitrary<T>, weight = 6): Arbitrary<T> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: other });
}

function queryOf(document: Source, parameters: Parameter[]): Arbitrary<URLSearchParams> {
  const words = fc.string({ unit: 'binary', maxLength: 30 }).map((text) => text.toWellFormed());
  const all = parameters.map(({ name, schema }) =>
    often(fieldFor(document, name, schema).map(String), words).map((value) => [name, value]),
  );
  const needed = parameters.flatMap(({ required }, at) => (required ? [at] : []));
  // Most parameters exclude some other one: few at a time get further.
  const chosen = fc.shuffledSubarray([...all.keys()], { maxLength: Math.min(3, all.length) });
  const few = fc
    .tuple(fc.tuple(...all), chosen)
    .map(([values, some]) => [...new Set([...needed, ...some])].map((at) => values[at]));
  const strange = fc.tuple(words, words).map((pair) => [pair]);
  return often(
    few,
    fc.tuple(few, strange).map(([values, more]) => [...values, ...more]),
    14,
  ).map((pairs) => new URLSearchParams(pairs as [string, string][]));
}

function headersOf(
  parameters: Parameter[],
  type: string | undefined,
): Arbitrary<Record<string, string>> {
  const visible = fc.stringMatching(/^[!-~]{1,300}$/);
  const values = {
    'Idempotency-Key': often(fc.nat(200).map(String), visible),
    'Last-Event-ID': often(fc.constantFrom('done', '1'), visible),
    'If-Match': often(fc.constantFrom(LAST, LAST, FIRST, '*', '"x"', '"x", W/"y"'), visible),
    'If-None-Match': often(fc.constantFrom(LAST, '*', '"x"'), visible),
    Accept: fc.constant('application/json'),
    'Content-Type': often(
      fc.constant('application/json'),
      fc.oneof(fc.constant('text/plain'), visible),
    ),
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
  document: Source,
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
    { weight: 6, arbitrary: right },
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

/** No more of a frame is looked at on its way in. */
const JPEG_START = Buffer.from([0xff, 0xd8, 0xff]);

function formOf(document: Source, schema: Schema): Arbitrary<FormData> {
  const { properties = {}, required: all = [] } = schema as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const required = all.filter((name) => name !== 'files');
  const fields = Object.entries(properties).filter(([name]) => name !== 'files');
  const words = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.toWellFormed());
  const said = Object.fromEntries(
    fields.map(([name, field]) => [
      name,
      often(fieldFor(document, name, field).map(asText), words),
    ]),
  );
  const contents = fc.oneof(fc.constantFrom(PNG, JPEG_START), fc.uint8Array({ maxLength: 200 }));
  const types = fc.constantFrom('image/png', 'image/jpeg', 'video/mp4', 'text/plain', '');
  const file = fc.record({
    content: contents,
    type: types,
    name: often(fc.constant('a.png'), words),
  });
  const files = fc.oneof(fc.tuple(file), fc.array(file, { maxLength: 3 }));
  return fc.tuple(fc.record(said, { requiredKeys: required }), files).map(([values, all]) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(values)) form.append(name, value);
    for (const { content, type, name } of all) {
      form.append('files', new Blob([new Uint8Array(content)], { type }), name);
    }
    return form;
  });
}

/** As a field of a form. */
function asText(value: unknown): string {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? JSON.stringify(value) : String(value);
}

const MANY = 4;

function fieldFor(document: Source, name: string, schema: Schema): Arbitrary<unknown> {
  const allowed = valueFor(document, schema);
  const usual = document.named[name];
  return usual ? often(usual, allowed) : allowed;
}

/** Values that a schema allows, short ones. */
function valueFor(document: Source, schema: Schema): Arbitrary<unknown> {
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
    const [min, max] = [new Date('0001-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59Z')];
    return fc.date({ min, max, noInvalidDate: true }).map((date) => date.toISOString());
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

function objectOf(document: Source, schema: Schema, more: unknown): Arbitrary<unknown> {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const fields: Record<string, Arbitrary<unknown>> = {};
  for (const [name, field] of Object.entries(properties))
    fields[name] = fieldFor(document, name, field);
  if (Object.keys(fields).length > 0) return fc.record(fields, { requiredKeys: required });
  return fc.dictionary(fc.string({ maxLength: 10 }), valueFor(document, (more || {}) as Schema), {
    maxKeys: MANY,
  });
}
