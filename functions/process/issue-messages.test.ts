import { expect, test } from '@jest/globals';
import { createUploadsSchema } from '@media-analysis/shared/large-uploads';
import { createReanalysisSchema } from '@media-analysis/shared/reanalyses';
import { z } from 'zod';
import { parse } from '../http/body.ts';

const filter = (fields: object) => ({ analysis: 'receipt', filter: fields });
const TIME = 'must be a time with its zone, such as 2026-11-01T12:00:00Z';

test.each<[unknown, string]>([
  [filter({ from: 'May' }), `filter.from: ${TIME}`],
  [filter({ to: '2026-11-01' }), `filter.to: ${TIME}`],
  [
    filter({ from: '0000-01-01T00:00:00Z' }),
    'filter.from: must be a time between the years 1 and 9999',
  ],
  [filter({ kind: 'sound' }), 'filter.kind: must be one of "image", "video"'],
  [filter({ ids: [] }), 'filter.ids: must not be empty'],
  [filter({ ids: Array(1_001).fill('a') }), 'filter.ids: must have at most 1000 entries'],
  [filter({ ids: ['../x'] }), 'filter.ids.0: must be the id of a media'],
  [{}, 'analysis: is missing'],
  [{ analysis: 'receipt', model: 7 }, 'model: must be a text'],
  [{ analysis: 'receipt', model: 'm'.repeat(201) }, 'model: must have at most 200 characters'],
  [{ analysis: 'receipt', tier: 'slow' }, 'tier: must be "flex"'],
  [{ analysis: 'receipt', force: true }, 'the request: has a field that is not known: "force"'],
  [[], 'the request: must be an object with fields'],
  [null, 'the request: must be an object with fields'],
])('%# is refused in plain words', (body, words) => {
  expect(() => parse(createReanalysisSchema, body)).toThrow(words);
});

test.each<[z.ZodType, unknown, string]>([
  [z.coerce.number().int().min(1).max(100), '1000', 'limit: must be at most 100'],
  [z.coerce.number().int().min(1), '0', 'limit: must be at least 1'],
  [z.coerce.number().int(), '1.5', 'limit: must be a whole number'],
  [z.coerce.number(), 'many', 'limit: must be a number'],
  [z.number().positive(), 0, 'limit: must be more than 0'],
  [z.union([z.string(), z.number()]), true, 'limit: does not have the right form'],
  [z.string().regex(/^a$/, 'must be an a'), 'b', 'limit: must be an a'],
])('%# a value by itself is refused by its name', (schema, value, words) => {
  expect(() => parse(schema, value, 'limit')).toThrow(words);
});

test('files of an announcement are named by their number', () => {
  const files = [{ file_name: 'a.jpg', content_type: 'image/jpeg', size: -1 }];
  expect(() => parse(createUploadsSchema, { files })).toThrow(/^files\.0\.size: must be /);
});
