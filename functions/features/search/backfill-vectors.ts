/**
 * Asks a service for the vectors of descriptions. Each result is first written with a vector that is made here, so an outage of
 * the service fails nothing. `meaning_by` says which media still need a vector of the service: each sweep makes some more.
 */
import {
  type DocumentReference,
  FieldPath,
  FieldValue,
  type Firestore,
  type QueryDocumentSnapshot,
} from '@google-cloud/firestore';
import type { CollectionName } from '../../core/media/collections.ts';
import { isNewer, MEDIA_COLLECTION, type MediaRecord, recordOf } from '../../core/media/record.ts';
import type { Logger } from '../../process/log.ts';
import { meaningOf } from './findable.ts';
import type { GeminiEmbedder } from './gemini-embedder.ts';
import { EMBEDDER } from './meaning.ts';

const PAGE = 100;
const MAX_PAGES = 30;
const AT_A_TIME = 10;

const SWEEPS: CollectionName = 'sweeps';

interface Deps {
  firestore: Firestore;
  logger: Logger;
  /** Absent: no service is asked, and the vectors that are made here stay. */
  embedder?: Pick<GeminiEmbedder, 'by' | 'embedMedia'> | undefined;
}

interface Progress {
  /** The id of the media that was seen last; empty: none since the beginning. */
  after: string;
  /** The value of `after` at which the service stopped answering in the last sweep. */
  stuck?: string;
}

/** `done`: there is nothing to do any more. `limit`: its owner may spend no more today. `away`: the service does not answer. */
type Filled = 'done' | 'limit' | 'away';

/**
 * Goes on where the last sweep has stopped, and after the last media with the first one. So an owner who may spend no more
 * today does not keep the others waiting.
 * @returns how many media were done
 */
export async function backfillVectors(
  { firestore, logger, embedder }: Deps,
  maxPages = MAX_PAGES,
): Promise<number> {
  if (!embedder) return 0;
  const progress = firestore.collection(SWEEPS).doc('meaning');
  const last = ((await progress.get()).data() ?? {}) as Partial<Progress>;
  let { after = '' } = last;
  let done = 0;
  for (let page = 0; page < maxPages; page++) {
    const docs = await pageAfter(firestore, after);
    for (let start = 0; start < docs.length; start += AT_A_TIME) {
      const some = docs.slice(start, start + AT_A_TIME);
      const filled = await Promise.all(some.map(({ ref }) => backfillVector(ref, embedder)));
      done += filled.filter((each) => each === 'done').length;
      const next = some.at(-1)?.id ?? after;
      if (filled.includes('away')) {
        // Two sweeps have stopped at the same place, so a text may be the cause. It comes again after all others.
        const isStuck = last.stuck === after;
        await progress.set({ after: isStuck ? next : after, stuck: after } satisfies Progress);
        return done;
      }
      after = next;
    }
    if (docs.length < PAGE) after = '';
    await progress.set({ after } satisfies Progress);
    if (docs.length < PAGE) break;
  }
  if (done > 0) logger.info({ done }, 'meanings made');
  return done;
}

/** The owner sees no change, so the revision stays. */
export async function backfillVector(
  ref: DocumentReference,
  embedder: NonNullable<Deps['embedder']>,
): Promise<Filled> {
  const record = recordOf(await ref.get());
  if (!isWaiting(record)) return 'done';
  const text = meaningOf(record);
  // Without a word there is nothing to compare, and nothing to pay for.
  const vector = text && (await embedder.embedMedia(text, record.owner_id));
  if (vector === 'away' || vector === 'limit') return vector;
  await ref.firestore.runTransaction(async (transaction) => {
    const now = recordOf(await transaction.get(ref));
    // A new description, or one that was brought back, has another meaning.
    if (!isWaiting(now) || meaningOf(now) !== text) return;
    const meaning = vector ? FieldValue.vector(vector) : null;
    transaction.update(ref, { meaning, meaning_by: embedder.by });
  });
  return 'done';
}

function isWaiting(record: MediaRecord | undefined): record is MediaRecord {
  return record?.meaning_by === EMBEDDER && !isNewer(record);
}

async function pageAfter(firestore: Firestore, after: string): Promise<QueryDocumentSnapshot[]> {
  const query = firestore
    .collection(MEDIA_COLLECTION)
    .where('meaning_by', '==', EMBEDDER)
    .orderBy(FieldPath.documentId())
    .select()
    .limit(PAGE);
  return (await (after === '' ? query : query.startAfter(after)).get()).docs;
}
