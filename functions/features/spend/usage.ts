/**
 * Reports the cost of an owner's analyses in a month. Each media has the receipt of its current attempt, and Firestore adds them up
 * when the owner asks: a counter would need one more write for every media. Deleted media and earlier attempts still count. Their
 * receipts are added to a document for the owner and the month.
 */
import {
  AggregateField,
  type DocumentReference,
  FieldValue,
  type Firestore,
  type Query,
  Timestamp,
  type Transaction,
} from '@google-cloud/firestore';
import type { ModelUsage, UsageReport } from '@media-analysis/shared/usage';
import { ownerHash } from '../../core/media/owner-hash.ts';
import { MEDIA_COLLECTION, type MediaRecord } from '../../core/media/record.ts';

export const REMOVED_USAGE_COLLECTION = 'removed_usage';

/** Long enough for a report about any month of last year. */
const KEEP_MS = 800 * 24 * 3600 * 1_000;
/** More than any deployment uses in one month. */
const MAX_MODELS = 20;

type Sums = Omit<ModelUsage, 'model'>;

interface RemovedUsage {
  models?: Record<string, Partial<Sums>>;
}

/** @returns the day in UTC, e.g. `2026-11-30` */
export function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

/** @returns the month in UTC, e.g. `2026-11` */
export function monthOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 7);
}

/** Call it in the transaction that deletes the media, or begins its next attempt. */
export function keepReceipt(
  firestore: Firestore,
  transaction: Transaction,
  { owner_id, usage, usage_month }: MediaRecord,
  nowMs: number,
): void {
  if (!usage || !usage_month) return;
  const { model, cached, input_tokens, output_tokens, cost_usd } = usage;
  const sums = {
    items: FieldValue.increment(1),
    cached: FieldValue.increment(cached ? 1 : 0),
    input_tokens: FieldValue.increment(input_tokens),
    output_tokens: FieldValue.increment(output_tokens),
    ...(cost_usd !== null && { cost_usd: FieldValue.increment(cost_usd) }),
  };
  const expires_at = Timestamp.fromMillis(nowMs + KEEP_MS);
  const kept = { month: usage_month, expires_at, models: { [model]: sums } };
  transaction.set(removedRef(firestore, owner_id, usage_month), kept, { merge: true });
}

export class UsageStore {
  readonly #firestore: Firestore;

  constructor(firestore: Firestore) {
    this.#firestore = firestore;
  }

  /** @param month From `monthOf`. */
  async ofMonth(ownerId: string, month: string): Promise<UsageReport> {
    const receipts = this.#firestore
      .collection(MEDIA_COLLECTION)
      .where('owner_id', '==', ownerId)
      .where('usage_month', '==', month);
    const [present, removed] = await Promise.all([
      modelsOf(receipts).then((names) => Promise.all(names.map((name) => sumUp(receipts, name)))),
      removedRef(this.#firestore, ownerId, month).get(),
    ]);
    const { models: gone = {} } = (removed.data() ?? {}) as RemovedUsage;
    const byModel = new Map(present.map((usage) => [usage.model, usage]));
    for (const [model, sums] of Object.entries(gone)) {
      const all = add(byModel.get(model) ?? NOTHING, { ...NOTHING, cost_usd: null, ...sums });
      byModel.set(model, { model, ...all });
    }
    const models = [...byModel.values()].sort((a, b) => (a.model < b.model ? -1 : 1));
    return { month, ...models.reduce(add, NOTHING), models };
  }
}

/** One read for each model: each query starts after the last model that was found. */
async function modelsOf(receipts: Query): Promise<string[]> {
  const models: string[] = [];
  while (models.length < MAX_MODELS) {
    const next = receipts.orderBy('usage.model').select('usage.model').limit(1);
    const last = models.at(-1);
    const { docs } = await (last === undefined ? next : next.startAfter(last)).get();
    const model: unknown = docs[0]?.get('usage.model');
    if (typeof model !== 'string') break;
    models.push(model);
  }
  return models;
}

async function sumUp(receipts: Query, model: string): Promise<ModelUsage> {
  const own = receipts.where('usage.model', '==', model);
  const [sums, cached] = await Promise.all([
    own
      .aggregate({
        items: AggregateField.count(),
        input_tokens: AggregateField.sum('usage.input_tokens'),
        output_tokens: AggregateField.sum('usage.output_tokens'),
        cost_usd: AggregateField.sum('usage.cost_usd'),
        // The sum is 0 if no cost is known. The average is null then.
        mean_cost: AggregateField.average('usage.cost_usd'),
      })
      .get(),
    own.where('usage.cached', '==', true).count().get(),
  ]);
  const { mean_cost, cost_usd, ...rest } = sums.data();
  return {
    model,
    ...rest,
    cached: cached.data().count,
    cost_usd: mean_cost === null ? null : dollars(cost_usd),
  };
}

const NOTHING: Sums = { items: 0, cached: 0, input_tokens: 0, output_tokens: 0, cost_usd: 0 };

function add(one: Sums, other: Sums): Sums {
  const unknown = one.cost_usd === null || other.cost_usd === null;
  return {
    items: one.items + other.items,
    cached: one.cached + other.cached,
    input_tokens: one.input_tokens + other.input_tokens,
    output_tokens: one.output_tokens + other.output_tokens,
    cost_usd: unknown ? null : dollars((one.cost_usd ?? 0) + (other.cost_usd ?? 0)),
  };
}

const dollars = (sum: number) => Number(sum.toFixed(8));

/** Named by a hash, because the document outlives the owner's media by two years. */
function removedRef(firestore: Firestore, ownerId: string, month: string): DocumentReference {
  return firestore.collection(REMOVED_USAGE_COLLECTION).doc(`${month}-${ownerHash(ownerId)}`);
}
