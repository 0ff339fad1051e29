/**
 * Replaces the local vectors of descriptions with those of a service. Each result is first written with a local vector, so an outage
 * of the service fails nothing. `meaning_by` tells which media still need a vector of the service. Each sweep makes some.
 */
import {
  type DocumentReference,
  FieldPath,
  FieldValue,
  type Firestore,
  type QueryDocumentSnapshot,
} from '@google-cloud/firestore';
import { isNewer, MEDIA_COLLECTION, type MediaRecord, recordOf } from '../../core/media/record.ts';
import type { Logger } from '../../process/log.ts';
import { meaningOf } from './findable.ts';
import type { GeminiEmbedder } from './gemini-embedder.ts';
import { EMBEDDER } from './meaning.ts';

const PAGE = 100;
const MAX_PAGES = 30;
const AT_A_TIME = 10;

const SWEEPS = 'sweeps';

interface Deps {
  firestore: Firestore;
  logger: Logger;
  /** Without it, no service is asked, and the local vectors stay. */
  embedder?: Pick<GeminiEmbedder, 'by' | 'embedMedia'> | undefined;
}

interface Progress {
  /** Id of the last media; empty at the beginning. */
  after: string;
  /** The value of `after` in the last sweep, if the service stopped answering. */
  stuck?: string;
}

/** `limit`: the owner may spend no more today. `away`: the service does not answer. */
type Filled = 'done' | 'limit' | 'away';

/**
 * Continues where the last sweep stopped, and begins again after the last media. So an owner who may spend no more today does not
 * make the others wait.
 * @returns the number of media that are done
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
        // Two sweeps stopped at the same media, so its text may be the cause. It comes again after all others.
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
  // Without words there is no vector, and no cost.
  const vector = text && (await embedder.embedMedia(text, record.owner_id));
  if (vector === 'away' || vector === 'limit') return vector;
  await ref.firestore.runTransaction(async (transaction) => {
    const now = recordOf(await transaction.get(ref));
    // The description has changed in the meantime.
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
