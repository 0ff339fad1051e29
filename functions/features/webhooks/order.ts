/**
 * One receiver gets the messages about one media in order. The media names the last message to each receiver, and each message
 * names the one before it. Both are written in one commit, so the order is never worked out later.
 */
import { Timestamp } from '@google-cloud/firestore';
import type { DeliveryRecord } from './delivery-record.ts';

/** The message before creates the task of a message that waits. If that fails, the sweeper creates it after this time. */
const LOOK_AGAIN_MS = 6 * 3_600_000;

/** The last message to each receiver: the id of a webhook, or `callback`. */
type Told = Record<string, string>;

/**
 * @param deliveries The messages of one commit. Those about no media have no order.
 * @param told The value in the media before the commit.
 */
export function inOrder(
  deliveries: readonly DeliveryRecord[],
  told: Told = {},
): { ordered: DeliveryRecord[]; told: Told } {
  const ids = new Set(deliveries.map(({ id }) => id));
  const last = { ...told };
  const ordered = deliveries.map((each) => {
    if (each.media_id === null) return each;
    const receiver = each.webhook_id ?? 'callback';
    const after = last[receiver];
    last[receiver] = each.id;
    const first = { ...each, holds: true };
    if (after === undefined) return first;
    return { ...first, after, ...(ids.has(after) && waiting(each.created_at.toMillis())) };
  });
  return { ordered, told: last };
}

export function waiting(nowMs: number): Pick<DeliveryRecord, 'waits' | 'due_at'> {
  return { waits: true, due_at: Timestamp.fromMillis(nowMs + LOOK_AGAIN_MS) };
}

/** A message that is sent again by hand blocks nothing. */
export function blocksNext(record: DeliveryRecord | undefined): record is DeliveryRecord {
  return record?.holds === true && record.state === 'pending';
}
