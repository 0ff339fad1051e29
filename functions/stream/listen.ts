/** The query that keeps a stream up to date. */
import { type CollectionReference, FieldPath } from '@google-cloud/firestore';
import type { Listen } from './hub.ts';

/**
 * The owner is part of the query: what it does not return is unknown or foreign, alike. The service says
 * something every 30 s, and the client opens a stream that was silent for two minutes again, with a resume token: only
 * what has changed is read (`test/faults/silent-listener.test.ts`).
 */
export function listenIn(media: CollectionReference): Listen {
  return (ownerId, ids, onSnapshot, onError) =>
    media
      .where('owner_id', '==', ownerId)
      .where(FieldPath.documentId(), 'in', ids)
      .onSnapshot(onSnapshot, onError);
}
