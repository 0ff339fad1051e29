/** Plain messages for invalid values. zod's own are for programmers: "Invalid ISO datetime". */
import type { z } from 'zod';

type Issue = Parameters<z.core.$ZodErrorMap>[0];

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object with fields',
  record: 'an object with fields',
};

const FORMATS: Readonly<Record<string, string>> = {
  datetime: 'a time with its zone, such as 2026-11-01T12:00:00Z',
  date: 'a day, such as 2026-11-01',
  email: 'an e-mail address, such as ann@example.com',
  url: 'an address, such as https://example.com',
};

/** Singular and plural. */
const UNITS: Readonly<Record<string, readonly [string, string]>> = {
  string: ['character', 'characters'],
  array: ['entry', 'entries'],
};

/**
 * A schema's own message comes first.
 * @example schema.safeParse(value, { error: issueMessage }) // "filter.from": "must be a time with its zone, such as …"
 */
export function issueMessage(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'is missing' : mustBe(KINDS[issue.expected]);
    case 'invalid_format':
      return mustBe(FORMATS[issue.format]);
    case 'invalid_value':
      return mustBe(oneOf(issue.values));
    case 'too_small':
      return limited(issue, 'at least', issue.minimum);
    case 'too_big':
      return limited(issue, 'at most', issue.maximum);
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return `has a field that is not known: ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
    default:
      return mustBe(undefined);
  }
}

function mustBe(what: string | undefined): string {
  return what === undefined ? 'does not have the right form' : `must be ${what}`;
}

function oneOf(values: readonly unknown[]): string {
  const all = values.map((value) => JSON.stringify(value));
  return all.length === 1 ? all.join() : `one of ${all.join(', ')}`;
}

function limited(
  {
    origin,
    inclusive = true,
  }: Pick<Issue & { origin: string }, 'origin'> & { inclusive?: boolean },
  which: 'at least' | 'at most',
  limit: number | bigint,
): string {
  const units = UNITS[origin];
  if (units && which === 'at least' && Number(limit) === 1) return 'must not be empty';
  if (units) return `must have ${which} ${limit} ${units[Number(limit) === 1 ? 0 : 1]}`;
  if (!inclusive) return `must be ${which === 'at least' ? 'more' : 'less'} than ${limit}`;
  return `must be ${which} ${limit}`;
}
