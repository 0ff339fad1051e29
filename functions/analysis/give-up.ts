/** Makes the error for the user and the log when no more calls are made. */

import type { Tier } from '@media-analysis/shared/analytics';
import { AppError, ERRORS, type ErrorCode } from '@media-analysis/shared/errors';
import { quoted } from '../inspect/format.ts';
import type { Wish } from './call.ts';
import { type Classified, MODEL_MISSING } from './classified.ts';
import { classifyModelError } from './classify.ts';
import {
  CallTimeoutError,
  InvalidOutputError,
  RetryLaterError,
  ServiceWaitError,
} from './errors.ts';
import { providerFor } from './profiles.ts';

/** With these errors a service refuses everybody, or does not answer. */
export const SERVICE_FAULTS: ReadonlySet<ErrorCode> = new Set([
  'analysis_model_missing',
  'analysis_no_access',
  'analysis_quota',
  'analysis_timeout',
  'analysis_unavailable',
  'analysis_unpaid',
]);

/** A request that is refused because of its tier would be refused for each file: the tier does not have the model. */
export function kindOf(
  error: unknown,
  { model, tier, now }: { model: string; tier: Tier | undefined; now: number },
): Classified {
  const kind = classifyModelError(error, providerFor(model), now);
  const isOfTier = tier && kind.code === 'analysis_rejected' && NAMES_TIER.test(`${error}`);
  return isOfTier ? MODEL_MISSING : kind;
}

const NAMES_TIER = /\bservice.?tier\b|\bflex\b/i;

interface GivenUp {
  kind: Classified;
  model: string;
  fileName: string;
  /** How many calls could still be made after a fault of the service. */
  retries: number;
  now: number;
  /** The last question, if the model was asked. */
  wish?: Wish;
}

/** The model was too slow, but has written something. So it is there, and answers for other files. */
export function hasBegun(error: unknown): boolean {
  return error instanceof CallTimeoutError && error.hasBegun;
}

/** Makes the error for the caller when no more calls are made. */
export function giveUp(
  error: unknown,
  { kind, model, fileName, retries, now, wish }: GivenUp,
): Error {
  // These come from `pay`, not from a model.
  if (error instanceof AppError || error instanceof RetryLaterError) return error;
  const retryAt = now + (kind.retryAfterMs ?? 0);
  // The picture may be the reason if our process ends, or if an answer begins and has no end.
  const mayBeTheFile = providerFor(model).ours !== undefined || hasBegun(error);
  if (SERVICE_FAULTS.has(kind.code) && !mayBeTheFile) {
    return new ServiceWaitError(kind.code, retryAt, { cause: error });
  }
  // Another call could help, but there is no time left for it.
  if (kind.retry === 'call' && retries > 0) {
    return new RetryLaterError(kind.code, retryAt, { cause: error });
  }
  return toPublicError(kind, fileName, error, wish);
}

const MESSAGES: Partial<Record<ErrorCode, string>> = {
  unsupported_media_type: 'The model accepts no file of this kind. Send another one.',
  analysis_blocked: 'The model’s safety rules forbid a description of this file. Send another one.',
  analysis_language:
    'The model does not write the requested language. Ask for another one, such as English.',
  analysis_rejected:
    'The analysis service refused the request. If another try does not help, tell the operator of this site.',
  analysis_quota: 'The analysis service is at its limit. Try again later.',
  analysis_unavailable:
    'The analysis service does not answer at the moment. Try again in a minute.',
  analysis_timeout: 'The analysis service took too long. Try again in a minute.',
};

/** Tells what was wrong with the answer, and with the second one if there was one. */
function wordsOf(code: ErrorCode, error: unknown, wish: Wish | undefined): string | undefined {
  const isSecond = wish?.fault !== undefined;
  switch (code) {
    case 'analysis_recitation':
      return `It shows a published text that the model may not repeat${isSecond ? ', not even in other words' : ''}. Send a picture with less of the text in it.`;
    case 'analysis_cut_off':
      return `It has more details than fit into one answer of the model${wish?.brief ? ', and a short answer was too long as well' : ''}. Send a part of it, or try again.`;
    case 'analysis_invalid_output': {
      const { fault } = error instanceof InvalidOutputError ? error : new InvalidOutputError('');
      const again = isSecond
        ? ' It was asked twice, and its first answer was of no use either.'
        : '';
      return `The model’s answer cannot be used: ${fault}.${again} Try again.`;
    }
    default:
      return MESSAGES[code];
  }
}

function toPublicError(
  { code, retryAfterMs }: Classified,
  fileName: string,
  cause: unknown,
  wish: Wish | undefined,
) {
  const message = wordsOf(code, cause, wish) ?? `${ERRORS[code].title}. Try again in a moment.`;
  return new AppError(code, `${quoted(fileName)} was not analysed. ${message}`, {
    cause,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  });
}
