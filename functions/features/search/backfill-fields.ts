/**
 * Writes the fields of the search into media of earlier versions. Each sweep does some pages, and continues where the last one
 * stopped. When all media are done, a sweep only reads that.
 */
import { FieldPath, type Firestore, type QueryDocumentSnapshot } from '@google-cloud/firestore';
import { isNewer, MEDIA_COLLECTION, type MediaRecord, recordOf } from '../../core/media/record.ts';
import { withPlaceName } from '../../inspect/place-names.ts';
import { ABORTED, hasCode, UNAVAILABLE } from '../../process/grpc-status.ts';
import type { Logger } from '../../process/log.ts';
import { findableBy, findableOf, isFindable } from './findable.ts';

const PAGE = 100;

/** 3,000 reads in five minutes. */
const MAX_PAGES = 30;

const AT_A_TIME = 20;

const SWEEPS = 'sweeps';

interface Progress {
  /** When it changes, all media are read again. */
  wanted: string;
  /** Id of the last media; null if all are done. */
  after: string | null;
}

interface BackfillDeps {
  firestore: Firestore;
  logger: Logger;
  /** The service that makes the vectors later (`backfill-vectors.ts`). Without it, they are made here. */
  embedder?: { by: string } | undefined;
}

/** @returns the number of written media */
export async function backfillFields(
  { firestore, logger, embedder }: BackfillDeps,
  maxPages = MAX_PAGES,
): Promise<number> {
  const wanted = findableBy(embedder?.by);
  const progress = firestore.collection(SWEEPS).doc('search');
  const last = (await progress.get()).data() as Progress | undefined;
  let after = last?.wanted === wanted ? last.after : '';
  let written = 0;
  for (let page = 0; page < maxPages && after !== null; page++) {
    const docs = await pageAfter(firestore, after);
    const stale = docs.filter((doc) => isStale(doc, embedder?.by));
    for (let start = 0; start < stale.length; start += AT_A_TIME) {
      const some = stale.slice(start, start + AT_A_TIME);
      const done = await Promise.all(some.map((doc) => fillIn(doc, logger, embedder?.by)));
      written += done.filter(Boolean).length;
    }
    after = docs.length < PAGE ? null : (docs.at(-1)?.id ?? null);
    await progress.set({ wanted, after } satisfies Progress);
  }
  if (written > 0) logger.info({ written }, 'media can be found now');
  return written;
}

async function pageAfter(firestore: Firestore, after: string): Promise<QueryDocumentSnapshot[]> {
  const query = firestore
    .collection(MEDIA_COLLECTION)
    .orderBy(FieldPath.documentId())
    .select('search.version', 'meaning_by', 'analytics.title', 'schema_version')
    .limit(PAGE);
  return (await (after === '' ? query : query.startAfter(after)).get()).docs;
}

function isStale(doc: QueryDocumentSnapshot, by: string | undefined): boolean {
  const record = doc.data() as MediaRecord;
  return !isNewer(record) && !isFindable(record, by);
}

/**
 * The owner sees no change, so the revision stays. A worker knows its lease by the token, not by the revision.
 * @returns false if this media cannot be indexed: the others go on
 */
async function fillIn(
  { id, ref }: QueryDocumentSnapshot,
  logger: Logger,
  by: string | undefined,
): Promise<boolean> {
  try {
    await ref.firestore.runTransaction(async (transaction) => {
      const record = recordOf(await transaction.get(ref));
      if (record && !isFindable(record, by)) transaction.update(ref, await missingOf(record));
    });
    return true;
  } catch (error) {
    if (hasCode(error, UNAVAILABLE, ABORTED)) throw error;
    logger.error({ media_id: id, error }, 'cannot be found by a search');
    return false;
  }
}

/** Earlier releases stored locations without names. */
async function missingOf(record: MediaRecord): Promise<Partial<MediaRecord>> {
  const { facts, analytics } = record;
  const named = {
    ...(facts?.capture?.place && {
      facts: { ...facts, capture: await withPlaceName(facts.capture) },
    }),
    ...(analytics?.capture?.place && {
      analytics: { ...analytics, capture: await withPlaceName(analytics.capture) },
    }),
  };
  return { ...named, ...findableOf({ ...record, ...named }) };
}
