import { expect, test } from '@jest/globals';
import { createReadAnswer } from './answer.ts';
import { InvalidOutputError } from './errors.ts';

const nullable = (schema: object) => ({ anyOf: [schema, { type: 'null' }] });
const readAnswer = createReadAnswer({
  type: 'object',
  properties: {
    shop: nullable({ type: 'string' }),
    kind: { type: 'string', enum: ['receipt', 'invoice'] },
    is_paid: { type: 'boolean' },
    items: {
      type: 'array',
      items: {
        type: 'object',
        properties: { name: { type: 'string' }, cents: nullable({ type: 'integer' }) },
        required: ['name', 'cents'],
        additionalProperties: false,
      },
    },
  },
  required: ['shop', 'kind', 'is_paid', 'items'],
  additionalProperties: false,
});

const read = (text: string) => readAnswer([text]);

const ANSWER = {
  shop: 'Corner Shop',
  kind: 'receipt',
  is_paid: true,
  items: [{ name: 'Tea', cents: 250 }],
};

test('an answer that fits is the answer', () => {
  expect(read(JSON.stringify(ANSWER))).toEqual(ANSWER);
});

test.each<[string, object, object]>([
  ['a field that was not asked for', { mood: 'calm' }, {}],
  ['a number in quotes', { items: [{ name: 'Tea', cents: '250' }] }, {}],
  ['a truth value in quotes', { is_paid: 'True' }, {}],
  ['a text that is a number', { shop: 7 }, { shop: '7' }],
  ['an empty text where nothing may be', { shop: '' }, { shop: null }],
  ['spaces around a text', { shop: ' Corner Shop\n' }, {}],
  ['no list at all', { items: null }, { items: [] }],
  ['half of a character', { shop: '\ud83d' }, { shop: '\ufffd' }],
  ['a choice in capital letters', { kind: 'Receipt' }, {}],
])('%s is corrected', (_what, nearly, corrected) => {
  expect(read(JSON.stringify({ ...ANSWER, ...nearly }))).toEqual({ ...ANSWER, ...corrected });
});

test('a field may have the name of something that every object has', () => {
  const schema = {
    type: 'object',
    properties: { shop: { type: 'string' }, constructor: nullable({ type: 'string' }) },
    required: ['shop', 'constructor'],
    additionalProperties: false,
  };
  expect(createReadAnswer(schema)(['{"shop":"Tea"}'])).toEqual({ shop: 'Tea', constructor: null });
});

test('what is left out is null where nothing may be', () => {
  const { shop, ...rest } = ANSWER;
  expect(shop).toBe('Corner Shop');
  expect(read(`\`\`\`json\n${JSON.stringify(rest)}\n\`\`\``)).toEqual({ ...ANSWER, shop: null });
});

test.each([
  ['nothing', ''],
  ['no JSON', 'A receipt from the Corner Shop.'],
  ['another choice', JSON.stringify({ ...ANSWER, kind: 'ticket' })],
  ['a fraction of a cent', JSON.stringify({ ...ANSWER, items: [{ name: 'Tea', cents: 2.5 }] })],
  ['no name of an item', JSON.stringify({ ...ANSWER, items: [{ cents: 1 }] })],
  ['a list of several', JSON.stringify([ANSWER, ANSWER])],
  ['more than a media can carry', JSON.stringify({ ...ANSWER, shop: 'x'.repeat(32_001) })],
  ['that in letters of three bytes', JSON.stringify({ ...ANSWER, shop: '店'.repeat(10_700) })],
  [
    'that in numbers',
    JSON.stringify({ ...ANSWER, items: Array(700).fill({ name: 'x', cents: 1 }) }),
  ],
])('%s is no answer', (_what, text) => {
  expect(() => read(text)).toThrow(InvalidOutputError);
});
