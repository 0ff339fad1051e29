/** Makes the OpenAPI 3.1 document of the contract. `openapi-schemas.ts` has the schemas; this file puts them in place. */
import type { z } from 'zod';
import { CONTRACT, OPERATIONS, type Operation } from './contract.ts';
import { INTRODUCTION, WORDS } from './contract-docs.ts';
import { ERROR_WORDS, ERRORS, type ErrorCode, PROBLEM_TYPES } from './errors.ts';
import { EVENTS, STREAM_TEXT } from './event-streams.ts';
import {
  componentSchemas,
  jsonSchema,
  reference,
  type Schema,
  schemaOf,
} from './openapi-schemas.ts';
import packageJson from './package.json' with { type: 'json' };
import { type Contract, GROUPS, type Words } from './routes.ts';
import { RECEIVED_EVENT } from './webhooks.ts';

export type { Schema };

/** An operation in the document. */
export interface DescribedOperation {
  operationId: Operation;
  tags: string[];
  summary: string;
  description?: string;
  security?: [];
  parameters?: Parameter[];
  requestBody?: { required: boolean; content: Record<string, MediaType> };
  responses: Record<string, DescribedResponse>;
  'x-events'?: DescribedEvent[];
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  description?: string;
  schema: Schema;
}

export interface MediaType {
  schema?: Schema;
  examples?: Record<string, Schema>;
}

interface DescribedResponse {
  description: string;
  headers: Record<string, Schema>;
  content?: Record<string, MediaType>;
}

interface DescribedEvent {
  event: string;
  description: string;
  data: Schema;
}

export interface OpenApi {
  openapi: '3.1.1';
  info: Record<string, unknown>;
  servers: { url: string }[];
  tags: { name: string; description: string }[];
  security: Record<string, []>[];
  paths: Record<string, Record<string, DescribedOperation>>;
  webhooks: Record<string, Schema>;
  components: Record<string, Record<string, Schema>> & { schemas: Record<string, Schema> };
  'x-error-codes': Record<ErrorCode, DescribedCode>;
}

export interface DescribedCode {
  status: number;
  title: string;
  description: string;
  retryable: boolean;
}

export interface OpenApiOptions {
  /**
   * For tests: answers may have only described fields, and refusals only codes that their route names. By default readers
   * must accept new fields, so that a later release can add one.
   */
  strict?: boolean;
  /** Finds the comment of a field in the source, by the names of all fields of its object or all parameters of its address. */
  docOf?: (
    field: string,
    among: readonly string[],
    place: 'object' | 'address',
  ) => string | undefined;
}

export function openApi(options: OpenApiOptions = {}): OpenApi {
  const { strict = false, docOf = () => undefined } = options;
  const schemas = componentSchemas(strict);
  const paths: OpenApi['paths'] = {};
  for (const name of OPERATIONS) {
    const { path, method } = CONTRACT[name];
    paths[path] = { ...paths[path], [method.toLowerCase()]: operation(name, strict) };
  }
  const document: OpenApi = {
    openapi: '3.1.1',
    info: {
      title: 'media-analysis',
      version: packageJson.version,
      description: INTRODUCTION,
      license: { name: 'Apache 2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(GROUPS).map(([name, description]) => ({ name, description })),
    security: [{ bearer: [] }, { cookie: [] }, { key: [] }],
    paths,
    webhooks: { event: { post: RECEIVED_EVENT } },
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
      headers: HEADERS,
      examples: Object.fromEntries(ANSWERED_CODES.map((code) => [code, { value: problem(code) }])),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        key: { type: 'http', scheme: 'bearer', description: 'A service key: `mk_…`.' },
        cookie: { type: 'apiKey', in: 'cookie', name: '__session' },
      },
    },
    'x-error-codes': Object.fromEntries(
      CODE_NAMES.map((code) => [code, { ...ERRORS[code], description: ERROR_WORDS[code] }]),
    ) as Record<ErrorCode, DescribedCode>,
  };
  describeFields(document, docOf);
  return document;
}

const CODE_NAMES = Object.keys(ERRORS) as ErrorCode[];
const CODES_OF_ROUTES = new Set<ErrorCode>(OPERATIONS.flatMap((name) => CONTRACT[name].codes));
const ANSWERED_CODES = CODE_NAMES.filter((code) => CODES_OF_ROUTES.has(code));

const LIMITS = ['RateLimit-Policy', 'RateLimit'];

const HEADERS: Record<string, Schema> = {
  'X-Request-Id': {
    description: 'Names the request in the log of the service.',
    required: true,
    schema: { type: 'string', pattern: '^[0-9a-f]{32}$' },
  },
  'Retry-After': {
    description: 'When to try again, in seconds. Absent if that is not known.',
    schema: { type: 'integer', minimum: 0 },
  },
  'RateLimit-Policy': {
    description:
      'The limits of a time that count here; with 429 the one that is reached: `"hourly-quotes";q=20;w=3600`.',
    schema: { type: 'string' },
  },
  RateLimit: {
    description:
      'What is left of them, and in how many seconds there is more: `"hourly-quotes";r=0;t=840`.',
    schema: { type: 'string' },
  },
  'Idempotent-Replayed': {
    description:
      '`true`: nothing was made now. An earlier request with the same `Idempotency-Key` made what the answer shows. Absent otherwise.',
    schema: { type: 'string', enum: ['true'] },
  },
  ETag: {
    description: 'Names this state. Send it back in `If-None-Match` or `If-Match`.',
    required: true,
    schema: { type: 'string' },
  },
  Location: {
    description: 'A signed address in Cloud Storage. It works without a token for some minutes.',
    required: true,
    schema: { type: 'string', format: 'uri' },
  },
};

function operation(name: Operation, strict: boolean): DescribedOperation {
  const contract = CONTRACT[name];
  const words = WORDS[name];
  const { group, title, text } = words;
  const kind = eventKindOf(contract);
  const description = [text, kind && STREAM_TEXT[kind]].filter((each) => each !== undefined);
  const parameters = parametersOf(contract, words);
  const requestBody = bodyOf(contract, words);
  return {
    operationId: name,
    tags: [group],
    summary: title,
    ...(description.length > 0 && { description: description.join('\n\n') }),
    ...(contract.open && { security: [] }),
    ...(parameters.length > 0 && { parameters }),
    ...(requestBody && { requestBody }),
    responses: { ...answersOf(contract, words), ...problemsOf(contract, strict) },
    ...(kind && { 'x-events': eventsOf(kind) }),
  };
}

function eventKindOf({ answers }: Contract): keyof typeof EVENTS | undefined {
  const [kind] = Object.values(answers).flatMap((answer) =>
    'events' in answer ? [answer.events] : [],
  );
  return kind;
}

function eventsOf(kind: keyof typeof EVENTS): DescribedEvent[] {
  return EVENTS[kind].map(({ event, schema, text }) => ({
    event,
    description: text,
    data: reference(schema),
  }));
}

const ON_BEHALF_OF: Parameter = {
  name: 'X-On-Behalf-Of',
  in: 'header',
  required: false,
  description: 'Only with a service key: the user for whom it acts.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
};

const IDEMPOTENCY_KEY = {
  optional:
    'A text of one’s own, such as a UUID. The same request with the same key is answered again for a day, and makes nothing new.',
  required: 'The key of the request that got no answer.',
};

const IF_NONE_MATCH = 'The `ETag` that the caller has. If it is still that: 304 without a body.';
const IF_MATCH =
  'The `ETag` that the caller has read. If it is another one by now, nothing is done: 412.';

/** `*`, or one or more tags: RFC 9110 §13.1. */
const ETAGS = '^(\\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$';

const LAST_EVENT_ID = {
  done: 'The id of the last event that was read. `done`: the answer is 204.',
  since: 'The id of the last event that was read. The later one of this and `since` counts.',
};

function parametersOf(contract: Contract, { inPath = {} }: Words): Parameter[] {
  const { path, query, open, idempotencyKey = 'none', lastEventId, answers, codes } = contract;
  const parameters: Parameter[] = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => {
    const description = inPath[name];
    if (description === undefined) throw new Error(`Say what {${name}} is, in inPath: ${path}`);
    const schema = { type: 'string', minLength: 1 };
    return { name, in: 'path', required: true, description, schema };
  });
  if (query) parameters.push(...inQuery(query));
  if (!open) parameters.push(ON_BEHALF_OF);
  if (idempotencyKey !== 'none') {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: idempotencyKey === 'required',
      description: IDEMPOTENCY_KEY[idempotencyKey],
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    });
  }
  const inHeader = (name: string, description: string, pattern?: string) => {
    const schema = { type: 'string', ...(pattern && { pattern }) };
    parameters.push({ name, in: 'header', required: false, description, schema });
  };
  if (lastEventId) inHeader('Last-Event-ID', LAST_EVENT_ID[lastEventId]);
  if (answers[304]) inHeader('If-None-Match', IF_NONE_MATCH, ETAGS);
  if (codes.includes('precondition_failed')) inHeader('If-Match', IF_MATCH, ETAGS);
  return parameters;
}

function inQuery(query: z.ZodObject): Parameter[] {
  const { properties = {} } = jsonSchema(query, 'output') as {
    properties?: Record<string, Schema>;
  };
  const { required = [] } = jsonSchema(query, 'input') as { required?: string[] };
  // Without the default: generated clients would send it with each request, even where the parameter excludes others.
  return Object.entries(properties).map(([name, { default: _, ...schema }]) => ({
    name,
    in: 'query' as const,
    required: required.includes(name),
    schema,
  }));
}

function bodyOf(
  { json, form, bodyOptional }: Contract,
  { asked: example }: Words,
): DescribedOperation['requestBody'] {
  const examples = example && { examples: { example: { value: example } } };
  if (json) {
    const content = { 'application/json': { schema: schemaOf(json), ...examples } };
    return { required: bodyOptional !== true, content };
  }
  if (!form) return undefined;
  // `format` is OpenAPI 3.0, `contentMediaType` 3.1. Without the format, tools send the file as text.
  const file = {
    type: 'string',
    format: 'binary',
    contentMediaType: 'application/octet-stream',
  };
  const { properties, required = [] } = jsonSchema(form.fields, 'input') as {
    properties: Record<string, Schema>;
    required?: string[];
  };
  const schema = {
    type: 'object',
    properties: {
      files:
        form.files === 'one'
          ? { ...file, description: 'The file, with its name and its type.' }
          : {
              type: 'array',
              items: file,
              minItems: 1,
              description: 'A part for each file, with its name and its type.',
            },
      ...properties,
    },
    required: ['files', ...required],
  };
  return { required: true, content: { 'multipart/form-data': { schema, ...examples } } };
}

function answersOf(
  { answers, idempotencyKey }: Contract,
  { answered: example }: Words,
): DescribedOperation['responses'] {
  const examples = example !== undefined && { examples: { example: { value: example } } };
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]): [string, DescribedResponse] => {
      const headers = headersOf(
        'X-Request-Id',
        ...('redirect' in answer ? ['Location'] : []),
        ...(answer.etag ? ['ETag'] : []),
        ...(answer.limits ? LIMITS : []),
        ...(idempotencyKey === 'optional' ? ['Idempotent-Replayed'] : []),
      );
      const description = MEANINGS[status] ?? '';
      if ('json' in answer) {
        const schema = schemaOf(answer.json);
        const content = { 'application/json': { schema, ...examples } };
        return [status, { description, headers, content }];
      }
      if ('types' in answer) {
        const content = Object.fromEntries(
          answer.types.map((type) => [type, { schema: CONTENTS[type] ?? {} }]),
        );
        return [status, { description, headers, content }];
      }
      if (!('events' in answer)) return [status, { description, headers }];
      const content = { 'text/event-stream': { schema: { type: 'string' } } };
      return [status, { description, headers, content }];
    }),
  );
}

const TEXT = { type: 'string' };
/** The schemas of content types. JSON has none here: it may be anything. */
const CONTENTS: Record<string, Schema> = {
  'application/x-ndjson': TEXT,
  'application/zip': { type: 'string', format: 'binary' },
  'text/css': TEXT,
  'text/csv': TEXT,
  'text/html': TEXT,
};

const MEANINGS: Record<string, string> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Accepted: the work goes on after this answer.',
  204: 'Done. There is nothing to say.',
  302: 'See the address in `Location`.',
  304: 'As it was.',
};

/** One answer for each status. Its text, its examples and, if strict, its schema have all its codes. */
function problemsOf({ codes }: Contract, strict: boolean): DescribedOperation['responses'] {
  const statuses = [...new Set(codes.map((code) => ERRORS[code].status))].sort();
  return Object.fromEntries(
    statuses.map((status): [string, DescribedResponse] => {
      const all = codes.filter((code) => ERRORS[code].status === status);
      const limits = status === 429 ? LIMITS : [];
      const waits = status === 429 || status === 503 ? ['Retry-After', ...limits] : [];
      const problem = reference('Problem');
      // A schema for each status would become a type for each status in a generated client.
      const schema = strict
        ? { allOf: [problem, { properties: { code: { enum: all } } }] }
        : problem;
      const examples = Object.fromEntries(
        all.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
      );
      return [
        String(status),
        {
          description: all.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
          headers: headersOf('X-Request-Id', ...waits),
          content: { 'application/problem+json': { schema, examples } },
        },
      ];
    }),
  );
}

const headersOf = (...names: string[]): Record<string, Schema> =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

function problem(code: ErrorCode): Schema {
  const { status, title } = ERRORS[code];
  return {
    type: `${PROBLEM_TYPES}${code}`,
    title,
    status,
    code,
    detail: ERROR_WORDS[code],
    request_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  };
}

function describeFields(value: unknown, docOf: NonNullable<OpenApiOptions['docOf']>): void {
  if (typeof value !== 'object' || value === null) return;
  const { properties, parameters } = value as {
    properties?: Record<string, Schema>;
    parameters?: Parameter[];
  };
  if (typeof properties === 'object' && !Array.isArray(properties)) {
    const among = Object.keys(properties);
    for (const [field, schema] of Object.entries(properties)) {
      describe(schema, docOf(field, among, 'object'));
    }
  }
  if (Array.isArray(parameters)) {
    const query = parameters.filter((parameter) => parameter.in === 'query');
    const among = query.map(({ name }) => name);
    for (const each of query) describe(each, docOf(each.name, among, 'address'));
  }
  for (const member of Object.values(value)) describeFields(member, docOf);
}

function describe(target: { description?: unknown }, text: string | undefined): void {
  if (text !== undefined) target.description ??= text;
}
