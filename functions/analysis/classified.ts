/** The kinds of failed calls to a model. */
import type { ErrorCode } from '@media-analysis/shared/errors';

export interface Classified {
  code: ErrorCode;
  /** `call`: try again in this delivery. `later`: not before `retryAfterMs`. `never`: the same call would fail again. */
  retry: 'call' | 'later' | 'never';
  /** The service asks us to wait this long. */
  retryAfterMs?: number;
}

export const UNAVAILABLE: Classified = { code: 'analysis_unavailable', retry: 'call' };
export const TIMEOUT: Classified = { code: 'analysis_timeout', retry: 'call' };
export const INVALID_OUTPUT: Classified = { code: 'analysis_invalid_output', retry: 'never' };
export const REJECTED: Classified = { code: 'analysis_rejected', retry: 'never' };
export const UNSUPPORTED: Classified = { code: 'unsupported_media_type', retry: 'never' };
export const BLOCKED: Classified = { code: 'analysis_blocked', retry: 'never' };
/** No file is at fault: the operator must change the settings, at an unknown time. */
export const MODEL_MISSING: Classified = { code: 'analysis_model_missing', retry: 'later' };
export const UNPAID: Classified = { code: 'analysis_unpaid', retry: 'later' };
/** A wrong, expired or locked key, a missing permission, or a country that the service does not serve. */
export const NO_ACCESS: Classified = { code: 'analysis_no_access', retry: 'later' };
export const CUT_OFF: Classified = { code: 'analysis_cut_off', retry: 'never' };
export const RECITATION: Classified = { code: 'analysis_recitation', retry: 'never' };
export const LANGUAGE: Classified = { code: 'analysis_language', retry: 'never' };
/** Google says "in a few minutes". */
export const PROVISIONING: Classified = {
  code: 'analysis_unavailable',
  retry: 'later',
  retryAfterMs: 3 * 60_000,
};
export const INTERNAL: Classified = { code: 'internal', retry: 'never' };
