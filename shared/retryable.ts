/** The errors after which another try can succeed. The page needs no more of the table of errors, so this is a file of its own. */
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
