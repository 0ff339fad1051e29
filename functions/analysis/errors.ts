/** What can go wrong with a call to a model, as kinds rather than as words. */
import type { ErrorCode } from '@media-analysis/shared/errors';

/** The model, or what stands before it, would not look at this picture. */
export class BlockedError extends Error {
  override readonly name = 'BlockedError';
}

/** The answer was broken off, because the model would have repeated a text that others have published. */
export class RecitationError extends Error {
  override readonly name = 'RecitationError';
}

/** The answer was broken off, because the model does not write the language that it was asked for. */
export class LanguageError extends Error {
  override readonly name = 'LanguageError';
}

/** The answer reached the limit of its length: the same question would be answered at the same length. */
export class CutOffError extends Error {
  override readonly name = 'CutOffError';
}

/** The model answered, but not with what was asked for. */
export class InvalidOutputError extends Error {
  override readonly name = 'InvalidOutputError';
}

/** An answer that says itself what went wrong, in the place of what was asked for. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly status = 'UNKNOWN';
  /** As the API says it: google.rpc.Status below `error`. */
  readonly detail: unknown;

  constructor(message: string, detail: unknown, options?: ErrorOptions) {
    super(message, options);
    this.detail = detail;
  }
}

/** The model cannot be asked this, or not at all: as things are set up, another call is no use. */
export class RejectedError extends Error {
  override readonly name = 'RejectedError';
}

/** No answer within the time of one call. */
export class CallTimeoutError extends Error {
  override readonly name = 'CallTimeoutError';
}

/** The model does not answer at the moment, though it should: another call may find it well. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
}

/**
 * The model asks for more patience than this delivery has left. The media is not failed: give the
 * lease back and have the task delivered again, not before `retryAt`.
 */
export class RetryLaterError extends Error {
  override readonly name: string = 'RetryLaterError';
  /** Epoch milliseconds. */
  readonly retryAt: number;
  readonly code: ErrorCode;

  constructor(code: ErrorCode, retryAt: number, options?: ErrorOptions) {
    super(`${code}: try again at ${new Date(retryAt).toISOString()}`, options);
    this.code = code;
    this.retryAt = retryAt;
  }
}

/**
 * The service is not there for anybody at the moment: it has no such model, nothing may be spent, a quota is used
 * up. That is nobody's fault who sent a file, so the wait counts against none, however long it takes.
 */
export class ServiceWaitError extends RetryLaterError {
  override readonly name = 'ServiceWaitError';
}
