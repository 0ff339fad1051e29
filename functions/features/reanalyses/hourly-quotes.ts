/** Limits the quotes that one owner may ask for in an hour, over all instances. Each owner has one document. */
import { type Firestore, Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import { ownerHash } from '../../core/media/owner-hash.ts';
import { ABORTED, hasCode } from '../../process/grpc-status.ts';

export const HOURLY_QUOTES_COLLECTION = 'hourly_quotes';

const HOUR_MS = 3_600_000;
/** Each quote reads all media of its filter, and Firestore charges for each read. */
const MAX_QUOTES_PER_HOUR = 20;

interface HourlyQuotesRecord {
  /** The owner's requests of the last hour. */
  asked_at: Timestamp[];
  /** The TTL policy of the collection deletes the document by this field. */
  expires_at: Timestamp;
}

/**
 * Call it before the quote reads anything. Then requests at the same time cannot pass the limit together. A quote that fails counts
 * too, because its reads cost money.
 * @throws {AppError} `rate_limited`
 */
export async function countQuote(
  firestore: Firestore,
  ownerId: string,
  nowMs: number,
): Promise<void> {
  const ref = firestore.collection(HOURLY_QUOTES_COLLECTION).doc(ownerHash(ownerId));
  const now = Timestamp.fromMillis(nowMs);
  try {
    await firestore.runTransaction(async (transaction) => {
      const { asked_at = [] } = ((await transaction.get(ref)).data() ??
        {}) as Partial<HourlyQuotesRecord>;
      const latest = asked_at.filter((time) => time.toMillis() > nowMs - HOUR_MS);
      refuseTooMany(latest, nowMs);
      const record: HourlyQuotesRecord = {
        asked_at: [...latest, now],
        expires_at: Timestamp.fromMillis(nowMs + HOUR_MS),
      };
      transaction.set(ref, record);
    });
  } catch (cause) {
    throw hasCode(cause, ABORTED) ? tooManyAtOnce(cause) : cause;
  }
}

function refuseTooMany(latest: readonly Timestamp[], nowMs: number): void {
  const [first] = latest;
  if (!first || latest.length < MAX_QUOTES_PER_HOUR) return;
  const quota = { name: 'hourly-quotes', most: MAX_QUOTES_PER_HOUR, left: 0, windowS: 3_600 };
  throw new AppError(
    'rate_limited',
    `You have asked for ${latest.length} quotes within an hour. Try again later.`,
    { retryAfterMs: first.toMillis() + HOUR_MS - nowMs, quota },
  );
}

function tooManyAtOnce(cause: unknown): AppError {
  return new AppError(
    'rate_limited',
    'You ask for too many quotes at the same time. Ask for one after the other.',
    { cause, retryAfterMs: 1_000 },
  );
}
