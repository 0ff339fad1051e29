import { AppError } from '@media-analysis/shared/errors';

/**
 * Reads the parameters of a request's address.
 * @throws {AppError} `invalid_request` for an unknown or repeated parameter: without it the caller would get another answer
 *   than it asked for
 */
export function queryOf({ searchParams }: URL, known: readonly string[]): Record<string, string> {
  const names = [...searchParams.keys()];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const has = known.length === 0 ? 'none' : known.join(', ');
    throw new AppError(
      'invalid_request',
      `"${unknown.slice(0, 50)}" is no parameter of this request. It has: ${has}.`,
    );
  }
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new AppError('invalid_request', `${twice}: say it once; it is there several times.`);
  }
  return Object.fromEntries(searchParams);
}
