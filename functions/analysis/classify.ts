/** Decides for a failed call to a model which error it is, and whether another call can succeed. */
import {
  BLOCKED,
  type Classified,
  CUT_OFF,
  INVALID_OUTPUT,
  LANGUAGE,
  RECITATION,
  REJECTED,
  TIMEOUT,
  UNAVAILABLE,
} from './classified.ts';
import {
  BlockedError,
  CallTimeoutError,
  CutOffError,
  InvalidOutputError,
  LanguageError,
  RecitationError,
  RejectedError,
  UnavailableError,
  UnreachableError,
} from './errors.ts';
import type { Provider } from './providers/provider.ts';

/** @param provider The provider of the model, which reads its own errors. */
export function classifyModelError(
  error: unknown,
  provider: Pick<Provider, 'readError'>,
  now = Date.now(),
): Classified {
  if (error instanceof BlockedError) return BLOCKED;
  if (error instanceof CutOffError) return CUT_OFF;
  if (error instanceof RecitationError) return RECITATION;
  if (error instanceof LanguageError) return LANGUAGE;
  if (error instanceof InvalidOutputError) return INVALID_OUTPUT;
  if (error instanceof CallTimeoutError) return TIMEOUT;
  if (error instanceof UnavailableError) return UNAVAILABLE;
  if (error instanceof RejectedError) return REJECTED;
  return provider.readError(error, now);
}

/** @returns false also if it is not known */
export function isFreeOfCharge(
  error: unknown,
  provider: Pick<Provider, 'isFreeOfCharge'>,
): boolean {
  return error instanceof UnreachableError || provider.isFreeOfCharge(error);
}
