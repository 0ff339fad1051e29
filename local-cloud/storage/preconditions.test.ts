import { describe, expect, test } from '@jest/globals';
import { NotModified, StorageError } from './errors.ts';
import {
  checkPreconditions,
  checkReadPreconditions,
  type Preconditions,
  preconditionsOf,
  preconditionsOfHeaders,
  type Subject,
} from './preconditions.ts';

const LIVE = { generation: 7, metageneration: 2 };

test.each<[Preconditions, Subject, boolean]>([
  [{}, undefined, true],
  [{}, LIVE, true],
  [{ GenerationMatch: 0 }, undefined, true],
  [{ GenerationMatch: 0 }, LIVE, false],
  [{ GenerationMatch: 7 }, LIVE, true],
  [{ GenerationMatch: 7 }, undefined, false],
  [{ GenerationNotMatch: 0 }, undefined, false],
  [{ GenerationNotMatch: 0 }, LIVE, true],
  [{ GenerationNotMatch: 7 }, LIVE, false],
  [{ MetagenerationMatch: 2 }, LIVE, true],
  [{ MetagenerationMatch: 1 }, LIVE, false],
  [{ MetagenerationMatch: 2 }, undefined, false],
  [{ MetagenerationNotMatch: 2 }, LIVE, false],
  [{ MetagenerationNotMatch: 1 }, LIVE, true],
  [{ GenerationMatch: 7, MetagenerationMatch: 1 }, LIVE, false],
])('%j of %j holds: %p', (preconditions, subject, holds) => {
  const check = () => checkPreconditions(preconditions, subject);
  if (holds) expect(check).not.toThrow();
  else expect(check).toThrow(StorageError);
});

describe('a read', () => {
  test('whose only failed condition is NotMatch is answered as not modified', () => {
    expect(() => checkReadPreconditions({ GenerationNotMatch: 7 }, LIVE)).toThrow(NotModified);
    expect(() => checkReadPreconditions({ MetagenerationNotMatch: 2 }, LIVE)).toThrow(NotModified);
  });

  test('with another failed condition is refused', () => {
    const preconditions = { GenerationMatch: 1, MetagenerationNotMatch: 2 };
    expect(() => checkReadPreconditions(preconditions, LIVE)).toThrow(StorageError);
  });
});

test('conditions are read from the query, for the target or for the source', () => {
  const query = new URLSearchParams('ifGenerationMatch=0&ifSourceMetagenerationNotMatch=3');
  expect(preconditionsOf(query)).toEqual({ GenerationMatch: 0 });
  expect(preconditionsOf(query, 'ifSource')).toEqual({ MetagenerationNotMatch: 3 });
});

test('conditions are read from headers', () => {
  const headers = {
    'x-goog-if-generation-not-match': '5',
    'x-goog-if-metageneration-match': '1',
  };
  expect(preconditionsOfHeaders(headers)).toEqual({
    GenerationNotMatch: 5,
    MetagenerationMatch: 1,
  });
});

test.each(['', '-1', '1.5', 'x', '12345678901234567'])('%j is no generation', (value) => {
  const query = new URLSearchParams({ ifGenerationMatch: value });
  expect(() => preconditionsOf(query)).toThrow('Invalid value for ifGenerationMatch');
});
