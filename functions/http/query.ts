/** The parameters of a request's address. */
import { AppError } from '@media-analysis/shared/errors';

/**
 * The parameters, each once.
 * @throws {AppError} `invalid_request` for one that is not known, or is there twice: it would be ignored, and the answer
 *   would not be what the caller meant
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
