import type { StreamFeature } from '../../core/parts.ts';
import { EventConnection } from '../../core/stream/connection.ts';
import type { Watch } from '../../core/stream/watch.ts';
import { lazy } from '../../process/lazy.ts';
import { sinceEvent } from './events.ts';
import { Libraries } from './library.ts';
import { sinceOf } from './since.ts';
import { createLibrarySource } from './source.ts';

/** The stream of a whole library. It has no end of its own. */
export const library: StreamFeature<unknown> = ({ firestore, logger, onPush, moments }) => {
  const libraries = lazy(async () => {
    const source = createLibrarySource(await firestore());
    return new Libraries({ source, logger, onPush, moments });
  });
  return { watches: { streamLibrary: watchLibrary(libraries) } };
};

export function watchLibrary(libraries: () => Promise<Libraries>): Watch {
  return ({ query, request }) => {
    const askedMs = sinceOf(query.since, request.headers['last-event-id']);
    return async (ownerId, body) => {
      const connection = new EventConnection(body);
      const { sinceMs, stop } = (await libraries()).watch(ownerId, askedMs, (id, event) =>
        connection.send(id, event),
      );
      const ready = sinceMs.then((from) => ({
        open: () => connection.open(sinceEvent(from)),
        logFields: { since: new Date(from).toISOString() },
      }));
      return { connection, ready, stop };
    };
  };
}
