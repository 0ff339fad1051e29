/** Reads from when on a caller wants the changes of its library. */
import { AppError } from '@media-analysis/shared/errors';

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/**
 * @returns the later of both: an EventSource reconnects with its first address, and with the id of the last event
 * @throws {AppError} `invalid_request`
 */
export function sinceOf(
  since: string | undefined,
  lastEventId: string | string[] | undefined,
): number | undefined {
  const asked = since === undefined ? undefined : timeOf(since);
  if (since !== undefined && asked === undefined) {
    throw new AppError(
      'invalid_request',
      'since: must be a time in ISO 8601, such as 2026-11-28T09:30:00Z.',
    );
  }
  // The header may come from another stream, whose ids have another form.
  const read = typeof lastEventId === 'string' ? timeOf(lastEventId) : undefined;
  return read !== undefined && (asked === undefined || read > asked) ? read : asked;
}

function timeOf(text: string): number | undefined {
  const ms = ISO.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}
