/** The query that keeps a stream up to date. */
import {
  type CollectionReference,
  FieldPath,
  type Query,
  type QueryDocumentSnapshot,
} from '@google-cloud/firestore';
import type { Listen, ListenSnapshot } from './hub.ts';

/**
 * The owner is part of the query, so an unknown id and another owner's id look the same. The service sends something
 * every 30 s. If a stream is silent for two minutes, the client opens it again with a resume token, so that only
 * changes are read (`test/faults/silent-listener.test.ts`).
 */
export function createListener(media: CollectionReference): Listen {
  return (ownerId, ids, onSnapshot, onError) => {
    const query = media.where('owner_id', '==', ownerId).where(FieldPath.documentId(), 'in', ids);
    return listenTo(query, onSnapshot, onError);
  };
}

/** @param orderedBy The field by which the query is ordered, if it is not the id. */
export function listenTo(
  query: Query,
  onSnapshot: (snapshot: ListenSnapshot) => void,
  onError: (error: Error) => void,
  orderedBy?: string,
): () => void {
  return query.onSnapshot((snapshot) => {
    const changes = snapshot.docChanges();
    // Unchanged documents have no fields any more (`dropFields`), so only their ids are passed on.
    const docs = snapshot.docs.map(({ id }) => ({ id }));
    onSnapshot({ docChanges: () => changes, docs });
    for (const { doc } of changes) dropFields(doc, orderedBy);
  }, onError);
}

/**
 * The client keeps each document that it listens to, but needs only its name and time to see a change. The fields
 * would take a third of an instance's memory. It compares documents by the field that orders them.
 *
 * The field is a private one of the client, so `functions/package.json` names the client's exact version. With another
 * version `test/contract/stream/listen.test.ts` says whether it still holds. It can go when
 * the client can listen without contents: https://github.com/googleapis/nodejs-firestore/issues/768.
 */
function dropFields(document: QueryDocumentSnapshot, but?: string): void {
  if (!('_fieldsProto' in document)) return;
  const fields = document._fieldsProto as Record<string, unknown>;
  document._fieldsProto = but === undefined ? {} : { [but]: fields[but] };
}
