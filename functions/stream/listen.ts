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
        const changes = snapshot.docChanges();
        // The documents that have not changed are empty (`dropFields`): nothing of them is passed on but their ids.
        const docs = snapshot.docs.map(({ id }) => ({ id }));
        onSnapshot({ docChanges: () => changes, docs });
        for (const { doc } of changes) dropFields(doc);
      }, onError);
}

/**
 * The client keeps each document that it listens to, and uses only its name and time to see a change. The fields would
 * be a third of an instance's memory, and grow with what is written about a media.
 *
 * The field is a private one of the client, so `functions/package.json` names the client's exact version. With another
 * version `test/contract/stream/listen.test.ts` says whether it still holds (`docs/workarounds.md`).
 */
function dropFields(document: QueryDocumentSnapshot): void {
  if ('_fieldsProto' in document) document._fieldsProto = {};
}
