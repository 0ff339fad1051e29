/** Limits how long Cloud Storage may be silent or too slow. */
import { beginWait } from '../process/answer-limit.ts';

/** Cloud Storage is at fault, as with a broken connection. So the code is Node's for that. */
export class StalledError extends Error {
  override readonly name = 'StalledError';
  readonly code = 'ETIMEDOUT';

  constructor(ms: number) {
    super(`Cloud Storage sent nothing, or next to nothing, for ${ms} ms.`);
  }
}

/**
 * The client library waits for an answer without end, whatever its `timeout` says (seen with 8.4.0).
 * @param longestMs The limit is shorter if the caller has already waited for another call.
 * @throws {StalledError} if `call` is not answered in time; it may still be carried out
 * @example await withStallLimit(file.delete(), 60_000)
 */
export async function withStallLimit<T>(call: Promise<T>, longestMs: number): Promise<T> {
  const { ms, giveUp } = beginWait(longestMs);
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    giveUp();
    reject(new StalledError(ms));
  }, ms);
  try {
    return await Promise.race([call, promise]);
  } finally {
    clearTimeout(timer);
  }
}
