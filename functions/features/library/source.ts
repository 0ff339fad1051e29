/** The queries of a library's stream: changed media of an owner, and deleted ones. */
import { type Firestore, type Query, Timestamp } from '@google-cloud/firestore';
import { BIN_COLLECTION, MEDIA_COLLECTION } from '../../core/media/record.ts';
import { listenTo } from '../../core/stream/listen.ts';
import type { LibrarySource } from './listener.ts';

/** `binned_at`, because `erase_at` is in the past if a media is erased at once. */
const TIMES = { media: 'updated_at', bin: 'binned_at' } as const;
const COLLECTIONS = { media: MEDIA_COLLECTION, bin: BIN_COLLECTION };

export function createLibrarySource(firestore: Firestore): LibrarySource {
  const query = (of: keyof typeof TIMES, ownerId: string, fromMs: number): Query =>
    firestore
      .collection(COLLECTIONS[of])
      .where('owner_id', '==', ownerId)
      .where(TIMES[of], '>=', Timestamp.fromMillis(fromMs))
      .orderBy(TIMES[of]);
  return {
    async *read(of, ownerId, fromMs, limit) {
      // One at a time: a record is several times as long as its event.
      for await (const doc of query(of, ownerId, fromMs).limit(limit).stream()) {
        yield (doc as unknown as { data(): object }).data();
      }
    },
    listen: (of, ownerId, fromMs, onSnapshot, onError) =>
      listenTo(query(of, ownerId, fromMs), onSnapshot, onError, TIMES[of]),
  };
}
