/** After which errors another try can succeed: all that the page needs of the table of errors, so it has a file of its own. */
import type { ErrorCode } from './error-codes.ts';

const RETRYABLE: readonly ErrorCode[] = [
  'request_timeout',
  'rate_limited',
  'analysis_cut_off',
  'analysis_too_costly',
  'analysis_rejected',
  'analysis_invalid_output',
  'analysis_quota',
  'analysis_model_missing',
  'analysis_spend_cap',
  'analysis_unpaid',
  'analysis_no_access',
  'analysis_unavailable',
  'analysis_timeout',
  'unavailable',
  'internal',
];

/** The same as `ERRORS[code].retryable`. */
export const isRetryableCode = (code: ErrorCode): boolean => RETRYABLE.includes(code);
