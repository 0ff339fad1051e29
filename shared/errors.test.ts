import { expect, test } from '@jest/globals';
import {
  AppError,
  ERRORS,
  errorCodeSchema,
  problemSchema,
  toAppError,
  toProblem,
} from './errors.ts';
import { isRetryableCode } from './retryable.ts';

test('the text of an unknown error stays out of the answer', () => {
  const inside = new Error('password is hunter2');
  const error = toAppError(inside);
  expect(error.code).toBe('internal');
  expect(JSON.stringify(toProblem(error))).not.toContain('hunter2');
  expect(error.cause).toBe(inside);
});

test('a problem document has the members of RFC 9457, a code, and its extensions', () => {
  const error = new AppError('file_too_large', '"a.jpg" is too large.', {
    extensions: { rejected: [1], status: 200 },
  });
  const problem = toProblem(error);
  expect(problemSchema.parse(problem)).toEqual(problem);
  expect(problem).toMatchObject({
    type: '/api/docs#file_too_large',
    title: 'File too large',
    code: 'file_too_large',
    detail: '"a.jpg" is too large.',
    rejected: [1],
  });
  // Extensions cannot overwrite the standard members.
  expect(problem.status).toBe(413);
});

test('an AppError is passed on unchanged', () => {
  const error = new AppError('not_found', 'no');
  expect(toAppError(error)).toBe(error);
});

test.each(errorCodeSchema.options)('the page knows whether %s can be tried again', (code) => {
  expect(isRetryableCode(code)).toBe(ERRORS[code].retryable);
});
