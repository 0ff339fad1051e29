/** Asks a model about one media, with retries, and once more after an unusable answer. */
import { AppError } from '@media-analysis/shared/errors';
import { RETRY_DEFAULTS, retry } from '@media-analysis/shared/retry';
import type { ModelCall, Output, Wish } from './call.ts';
import { callModel } from './call-model.ts';
import type { Classified } from './classified.ts';
import { CallLimitError } from './errors.ts';
import { giveUp, hasBegun, kindOf, SERVICE_FAULTS } from './give-up.ts';
import { providerFor } from './profiles.ts';
import { secondWish } from './question.ts';

/** The longest pause between calls without a request of the service. */
const LONG_WAIT_MS = RETRY_DEFAULTS.maxDelayMs;

/** The most calls of one attempt that are paid for without a usable answer, if the model answers at all. */
const MOST_UNUSABLE = 2;

/** After an unusable answer this asks once more: for less, or with the fault of the first answer. */
export async function askTwice(call: ModelCall, video: boolean, fileName: string): Promise<Output> {
  const { model, models, takes, meter, callsBefore, config, timing, signal } = call;
  const kind = (error: unknown) => kindOf(error, { model, tier: config.tier, now: timing.now() });
  // Another delivery may have found an outage meanwhile, and a probe is only one call. A tier without capacity has none a few
  // seconds later.
  const isWorthACall = ({ retry: when, code, retryAfterMs = 0 }: Classified) => {
    const isPointless = models.isStopped(model) || config.tier === 'flex';
    if (when !== 'call' || (SERVICE_FAULTS.has(code) && isPointless)) return false;
    // Do not wait long for one model while another one may answer.
    return retryAfterMs <= LONG_WAIT_MS || !models.hasOther(model, timing.now(), takes);
  };
  let wish: Wish = { video, transcript: true, brief: false };
  let unusable: { error: unknown; wish: Wish } | undefined;
  let retries: number = RETRY_DEFAULTS.retries;
  for (;;) {
    try {
      return await retry(() => callModel(call, wish), {
        ...timing,
        signal,
        retries,
        onRetry: () => retries--,
        isRetryable: (error) => isWorthACall(kind(error)),
        retryAfterMs: (error) => kind(error).retryAfterMs,
      });
    } catch (error) {
      signal.throwIfAborted();
      const second = secondWish(wish, error, kind(error).code);
      const made = callsBefore + meter.attempts - meter.refusals;
      if (second && made < MOST_UNUSABLE && !providerFor(model).ours) {
        unusable = { error, wish };
        wish = second;
        continue;
      }
      // If the second call is not allowed, the error is about the first answer.
      const last = (error instanceof CallLimitError && unusable) || { error, wish };
      const why = { ...last, kind: kind(last.error), now: timing.now() };
      const end = giveUp(last.error, { ...why, model, fileName, retries });
      const isOfModel = end instanceof AppError && end !== last.error && end.code !== 'internal';
      if (isOfModel || hasBegun(error)) models.recordReached(model, timing.now());
      throw end;
    }
  }
}
