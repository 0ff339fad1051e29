/**
 * What one receiver is told of one media goes out one after another. The media has the last message to each receiver, and
 * each message names the one before it, in the commit that makes both. So no order has to be found out later.
 */
import { Timestamp } from '@google-cloud/firestore';
import type { DeliveryRecord } from './delivery-record.ts';

/** A message that waits has its task made by the one before it. If that task is lost, the sweeper makes one after this time. */
const LOOK_AGAIN_MS = 6 * 3_600_000;

/** The last message to each receiver: the id of a webhook, or `callback`. */
type Told = Record<string, string>;

/**
 * @param deliveries Of one commit. Those about a batch have no order.
 * @param told Of the media, before the commit.
 */
export function inOrder(
  deliveries: readonly DeliveryRecord[],
  told: Told = {},
): { ordered: DeliveryRecord[]; told: Told } {
  const ids = new Set(deliveries.map(({ id }) => id));
  const last = { ...told };
  const ordered = deliveries.map((each) => {
    if (each.type === 'batch.completed') return each;
    const receiver = each.webhook_id ?? 'callback';
    const after = last[receiver];
    last[receiver] = each.id;
    const first = { ...each, holds: true };
    if (after === undefined) return first;
    return { ...first, after, ...(ids.has(after) && waiting(each.created_at.toMillis())) };
  });
  return { ordered, told: last };
}

/** What a message has that waits for the one before it. */
export function waiting(nowMs: number): Pick<DeliveryRecord, 'waits' | 'due_at'> {
  return { waits: true, due_at: Timestamp.fromMillis(nowMs + LOOK_AGAIN_MS) };
}

/** Whether the next message has to wait for this one. One that is sent again by hand holds nothing up. */
export function blocksNext(record: DeliveryRecord | undefined): record is DeliveryRecord {
  return record?.holds === true && record.state === 'pending';
}
