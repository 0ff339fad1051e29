/** The query that keeps a stream up to date. */
import {
  type CollectionReference,
  FieldPath,
  type QueryDocumentSnapshot,
} from '@google-cloud/firestore';
import type { Listen } from './hub.ts';

/**
 * The owner is part of the query: what it does not return is unknown or foreign, alike. The service says
 * something every 30 s, and the client opens a stream that was silent for two minutes again, with a resume token: only
 * what has changed is read (`test/faults/silent-listener.test.ts`).
 */
export function createListener(media: CollectionReference): Listen {
  return (ownerId, ids, onSnapshot, onError) =>
    media
      .where('owner_id', '==', ownerId)
      .where(FieldPath.documentId(), 'in', ids)
      .onSnapshot((snapshot) => {
        onSnapshot(snapshot);
        for (const { doc } of snapshot.docChanges()) dropFields(doc);
      }, onError);
}

/**
 * The client keeps each document that it listens to, to find it again when it changes: by its name and its
 * time. What was in it would be a third of an instance's memory, and grow with what is written about a media. The field
 * is the client's own affair: should it go by another name one day, nothing is lost but that memory, and
 * `test/contract/stream/listen.test.ts` tells.
 */
function dropFields(document: QueryDocumentSnapshot): void {
  if ('_fieldsProto' in document) document._fieldsProto = {};
}
