import { AppError, type ErrorCode } from '@media-analysis/shared/errors';
import type { WaitLimit } from '@media-analysis/shared/media';
import type { Classified } from './classified.ts';

/** The model, or a filter in front of it, refuses this picture. */
export class BlockedError extends Error {
  override readonly name = 'BlockedError';
}

/** The answer was cut off because the model would have repeated a published text. */
export class RecitationError extends Error {
  override readonly name = 'RecitationError';
}

/** The answer was cut off because the model does not write the requested language. */
export class LanguageError extends Error {
  override readonly name = 'LanguageError';
}

/** The answer reached the token limit, or has no end. The same question would get an equally long answer. */
export class CutOffError extends Error {
  override readonly name = 'CutOffError';
}

export class InvalidOutputError extends Error {
  override readonly name = 'InvalidOutputError';
  /** The fault of the answer, for a person: “it is empty”. */
  readonly fault: string;

  constructor(
    message: string,
    { fault = 'it cannot be read', ...options }: ErrorOptions & { fault?: string } = {},
  ) {
    super(message, options);
    this.fault = fault;
  }
}

/** The service answered with an error. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status = 'UNKNOWN';
  /** The API's body: google.rpc.Status below `error`. */
  readonly detail: unknown;

  constructor(message: string, detail: unknown, options?: ErrorOptions) {
    super(message, options);
    this.detail = detail;
  }
}

/** The service refused the call, and its provider has read why. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';
  readonly classified: Classified;
  /** The call costs nothing. */
  readonly isFree: boolean;
  /** Advice for the operator, if the code alone does not say it. */
  readonly whatToDo: string | undefined;

  constructor(
    message: string,
    {
      classified,
      isFree,
      whatToDo,
    }: { classified: Classified; isFree: boolean; whatToDo?: string | undefined },
  ) {
    super(message);
    this.classified = classified;
    this.isFree = isFree;
    this.whatToDo = whatToDo;
  }
}

/** With the present settings the model refuses this request, or all requests. Another call would fail too. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
}

/** No answer came within the time of one call. */
export class CallTimeoutError extends Error {
  override readonly name = 'CallTimeoutError';
  /** The model had begun to answer. */
  readonly hasBegun: boolean;

  constructor({ hasBegun = false, ...options }: ErrorOptions & { hasBegun?: boolean } = {}) {
    super('no answer from the model in time', options);
    this.hasBegun = hasBegun;
  }
}

/** The model does not answer at the moment. Another call may succeed. */
export class UnavailableError extends Error {
  override readonly name: string = 'UnavailableError';
}

/** The service has not seen the call, so the call costs nothing. */
export class UnreachableError extends UnavailableError {
  override readonly name: string = 'UnreachableError';
  /** Advice for the operator. Without it the outage may end by itself. */
  readonly whatToDo: string | undefined;

  constructor(message: string, { whatToDo, ...options }: ErrorOptions & { whatToDo?: string }) {
    super(message, options);
    this.whatToDo = whatToDo;
  }
}

/** Something else answered, such as the page of a proxy. */
export class ForeignAnswerError extends UnreachableError {
  override readonly name = 'ForeignAnswerError';
}

const MAX_DEPTH = 5;

/** Finds the advice for the operator in an error or its causes. */
export function whatToDoAbout(error: unknown): string | undefined {
  let each = error;
  for (let depth = 0; depth < MAX_DEPTH && each instanceof Error; depth++) {
    if (
      (each instanceof UnreachableError || each instanceof ServiceError) &&
      each.whatToDo !== undefined
    ) {
      return each.whatToDo;
    }
    each = each.cause;
  }
  return undefined;
}

/**
 * The media does not fail: the lease is released, and the task is delivered again, not before `retryAt`. The delivery counts,
 * because the file may be at fault: the model answers for others.
 */
export class RetryLaterError extends Error {
  override readonly name: string = 'RetryLaterError';
  /** Epoch milliseconds. The wait may be longer. */
  readonly retryAt: number;
  readonly code: ErrorCode;

  constructor(code: ErrorCode, retryAt: number, options?: ErrorOptions) {
    super(`${code}: try again at ${new Date(retryAt).toISOString()}`, options);
    this.code = code;
    this.retryAt = retryAt;
  }
}

/**
 * A service does not answer, or refuses all callers: the model is missing, the budget or a quota is used up, or there is an
 * outage. No file is at fault, so a media may wait for it without limit.
 */
export class ServiceWaitError extends RetryLaterError {
  override readonly name: string = 'ServiceWaitError';
}

/** No further call may be made for this media, and another delivery would not change that. */
export class CallLimitError extends AppError {}

/** One of our own limits for the analyses of a day is reached. */
export class SpendCapError extends ServiceWaitError {
  override readonly name = 'SpendCapError';
  readonly limit: WaitLimit;

  constructor(limit: WaitLimit, retryAt: number) {
    super('analysis_spend_cap', retryAt);
    this.limit = limit;
  }
}
