import { expect, test } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { CONTRACT, type Contract, OPERATIONS } from './contract.ts';
import { SHAPES, type Shape } from './contract-shapes.ts';
import { ERRORS } from './errors.ts';
import { type MediaType, openApi } from './openapi.ts';

const document = openApi({ strict: true });
const all = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

test('the document is valid OpenAPI 3.1', async () => {
  const validator = new Validator();
  expect(await validator.validate({ ...openApi() })).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
});

test('it has each route, with the parameters that the units accept', () => {
  expect(all.map(({ operation }) => operation.operationId)).toEqual([...OPERATIONS].sort(byPath));
  for (const name of OPERATIONS) {
    const { parameters = [] }: Contract = CONTRACT[name];
    const { query }: Shape = SHAPES[name];
    expect([name, [...parameters].sort()]).toEqual([name, Object.keys(query?.shape ?? {}).sort()]);
  }
});

/** Routes of one path stand together. */
function byPath(a: (typeof OPERATIONS)[number], b: (typeof OPERATIONS)[number]): number {
  const paths = Object.keys(document.paths);
  return paths.indexOf(CONTRACT[a].path) - paths.indexOf(CONTRACT[b].path);
}

test('it explains each error code', () => {
  expect(Object.keys(document['x-error-codes'])).toEqual(Object.keys(ERRORS));
});

const ajv = new Ajv2020({ strict: false, formats: { 'date-time': true, uri: true } });
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

test('programs have to accept new fields of answers, and no unknown ones in what they send', () => {
  const { Media, EditMedia } = openApi().components.schemas;
  expect([Media?.additionalProperties, EditMedia?.additionalProperties]).toEqual([
    undefined,
    false,
  ]);
});
