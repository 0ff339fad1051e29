import { describe, expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CONTRACT, OPERATIONS } from './contract.ts';
import { ERRORS } from './errors.ts';
import { type MediaType, openApi, type Schema } from './openapi.ts';

const document = openApi({ strict: true });
const all = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  expect(await validator.validate({ ...openApi() })).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test('it has each route', () => {
  expect(all.map(({ operation }) => operation.operationId)).toEqual([...OPERATIONS].sort(byPath));
});

/** Routes of one path stand together. */
function byPath(a: (typeof OPERATIONS)[number], b: (typeof OPERATIONS)[number]): number {
  const paths = Object.keys(document.paths);
  return paths.indexOf(CONTRACT[a].path) - paths.indexOf(CONTRACT[b].path);
}

test('it explains each error code', () => {
  expect(Object.keys(document['x-error-codes'])).toEqual(Object.keys(ERRORS));
});

const ajv = new Ajv2020({
  strict: false,
  formats: {
    'date-time': true,
    uri: (text: string) => URL.canParse(text) && !/[^!-~]/.test(text),
    binary: true,
  },
});
ajv.addSchema(document, 'openapi');

const CONTENTS = all.flatMap(({ operation: { operationId, requestBody, responses } }) =>
  [requestBody, ...Object.values(responses)].flatMap((each) =>
    Object.entries(each?.content ?? {}).map(([type, content]) => ({ operationId, type, content })),
  ),
);

test.each(CONTENTS)('the examples of $operationId are right: $type', ({ type, content }) => {
  const { schema, examples = {} }: MediaType = content;
  expect(type).toMatch(/^[a-z]+\/[a-z+-]+$/);
  if (Object.keys(examples).length === 0) return;
  const validate = ajv.compile(JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')));
  for (const [name, example] of Object.entries(examples)) {
    validate('value' in example ? example.value : document.components.examples?.[name]?.value);
    expect(validate.errors ?? []).toEqual([]);
  }
});

describe('a client that a tool makes of it', () => {
  const { components, paths, webhooks } = openApi();
  const { schemas } = components;
  const operations = Object.values(paths).flatMap((methods) => Object.values(methods));

  test('sends files as files', () => {
    const forms = operations.flatMap(({ requestBody }) => {
      const { schema } = requestBody?.content['multipart/form-data'] ?? {};
      return schema ? [(schema.properties as Record<string, Schema>).files] : [];
    });
    expect(forms.length).toBe(3);
    for (const files of forms) expect(files?.items ?? files).toMatchObject({ format: 'binary' });
  });

  test('sends whole numbers, and no parameter that its caller has not given', () => {
    const all = operations.flatMap(({ parameters = [] }) => parameters);
    expect(all.filter(({ schema }) => 'default' in schema || schema.type === 'number')).toEqual([]);
  });

  test('has one type for all refusals', () => {
    const refusals = operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap(({ content = {} }) => {
        const { schema } = content['application/problem+json'] ?? {};
        return schema ? [JSON.stringify(schema)] : [];
      }),
    );
    expect(new Set(refusals)).toEqual(new Set(['{"$ref":"#/components/schemas/Problem"}']));
  });

  test('has a type for each event of a webhook, and a name for the call', () => {
    expect(webhooks.event?.post).toMatchObject({ operationId: 'receiveEvent' });
    expect(schemas.WebhookPayload?.oneOf).toEqual([
      { $ref: '#/components/schemas/MediaEnded' },
      { $ref: '#/components/schemas/AnalysisCompleted' },
      { $ref: '#/components/schemas/BatchCompleted' },
      { $ref: '#/components/schemas/MediaMoved' },
      { $ref: '#/components/schemas/MediaDeleted' },
      { $ref: '#/components/schemas/ImportEnded' },
      { $ref: '#/components/schemas/ReanalysisEnded' },
      { $ref: '#/components/schemas/WebhookTest' },
    ]);
  });

  test('has no type of one name for an answer and for what it makes of an operation', () => {
    const taken = operations.map(({ operationId }) => `${operationId}Response`.toLowerCase());
    expect(Object.keys(schemas).filter((name) => taken.includes(name.toLowerCase()))).toEqual([]);
  });

  test('has a name for each object in a list or in a choice', () => {
    const nameless: string[] = [];
    const look = (at: string, schema: Schema) => {
      const { items, anyOf = [], properties = {} } = schema;
      for (const each of [items ?? [], anyOf].flat() as Schema[]) {
        if (Object.keys(each.properties ?? {}).length > 0) nameless.push(at);
        look(at, each);
      }
      for (const [field, each] of Object.entries(properties as Record<string, Schema>))
        look(`${at}.${field}`, each);
    };
    for (const [name, schema] of Object.entries(schemas)) look(name, schema);
    expect(nameless).toEqual([]);
  });

  test('has one type for metadata, and one for what changes them', () => {
    const types = JSON.stringify(schemas).matchAll(
      /"metadata":(?:{"anyOf":\[)?{"(\$ref":"[^"]+|[^"]+)/g,
    );
    expect(new Set([...types].map(([, type]) => type))).toEqual(
      new Set([
        '$ref":"#/components/schemas/Metadata',
        '$ref":"#/components/schemas/MetadataChange',
      ]),
    );
  });

  test('gets no schema that is only true or false: openapi-python-client would refuse the document', () => {
    expect(JSON.stringify(schemas)).not.toMatch(/"(items|not|propertyNames)":(true|false)/);
  });

  test('reads what each answer with a body is', () => {
    const bare = operations.flatMap(({ operationId, responses }) =>
      Object.values(responses).flatMap(({ content = {} }) =>
        Object.entries(content).flatMap(([type, { schema }]) =>
          schema ? [] : [`${operationId} ${type}`],
        ),
      ),
    );
    expect(bare).toEqual([]);
  });
});

test('each example is used', () => {
  const text = JSON.stringify(openApi().paths);
  const unused = Object.keys(openApi().components.examples ?? {}).filter(
    (name) => !text.includes(`"#/components/examples/${name}"`),
  );
  expect(unused).toEqual([]);
});

test('programs have to accept new fields of answers, and no unknown ones in what they send', () => {
  const { Media, EditMedia } = openApi().components.schemas;
  expect([Media?.additionalProperties, EditMedia?.additionalProperties]).toEqual([
    undefined,
    false,
  ]);
});
