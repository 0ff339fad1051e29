import {
  type ErrorCode,
  type ErrorKind,
  ERRORS as KINDS,
} from '@media-analysis/shared/error-codes';

/**
 * The HTTP status and the title of each error, and whether another try can succeed.
 * @example
 * ```ts
 * import { ERRORS } from '@media-analysis/client';
 *
 * const { error_code } = await client.get(id);
 * if (error_code !== null && ERRORS[error_code].retryable) await client.retry(id);
 * ```
 */
export const ERRORS: Readonly<Record<ErrorCode, ErrorKind>> = KINDS;
