/**
 * Lets a POST that makes no new media (such as a webhook or a question) do so once, however often its
 * sender sends it again with the same `Idempotency-Key`. `once.ts` does the same for media, with the same records.
 */
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { parse } from '../../http/body.ts';
import { markReplayed } from '../../http/respond.ts';
import type { Call } from '../../http/router.ts';
import type { RecordRequest } from '../media/request-record.ts';
import { type AcceptanceStore, type RequestOwner, refuseReused } from './acceptances.ts';
import { fingerprintOf } from './once.ts';

export const idempotencyKeySchema = z.string().min(1).max(255);

interface Making<Made> {
  owner: RequestOwner;
  /** Equal for two requests that ask for the same thing: the name of the route, and what it was sent. */
  asked: [route: string, ...unknown[]];
  /** Makes it, and calls `recordRequest` for the same commit. */
  make: (recordRequest?: RecordRequest) => Promise<Made>;
  /** Reads what an earlier request made, as it is now. */
  find: (id: string) => Promise<Made>;
}

/** @returns undefined for a request without a key */
export function idempotencyKeyOf({ headers }: IncomingMessage): string | undefined {
  const header = headers['idempotency-key'];
  return header === undefined ? undefined : parse(idempotencyKeySchema, header.toString());
}

/**
 * @returns `isNew`: false if an earlier request with the same key made it. The answer then says so.
 * @throws {AppError} `idempotency_key_reused`, and what `make` and `find` throw
 */
export async function makeOnce<Made>(
  { request, response }: Pick<Call, 'request' | 'response'>,
  { owner, asked, make, find }: Making<Made>,
  acceptances: AcceptanceStore,
): Promise<{ made: Made; isNew: boolean }> {
  const key = idempotencyKeyOf(request);
  if (key === undefined) return { made: await make(), isNew: true };
  const owned = { ...owner, key };
  const fingerprint = fingerprintOf(...asked);
  let earlier = await acceptances.find(owned);
  if (!earlier) {
    try {
      const made = await make((writes, made_id) =>
        acceptances.addTo(writes, owned, { fingerprint, media_ids: [], rejected: [], made_id }),
      );
      return { made, isNew: true };
    } catch (error) {
      // Another request with the key was quicker: this one met its record, or what it has made.
      earlier = await acceptances.find(owned);
      if (!earlier) throw error;
    }
  }
  refuseReused(earlier, fingerprint);
  const made = await find(earlier.made_id ?? '');
  markReplayed(response);
  return { made, isNew: false };
}
