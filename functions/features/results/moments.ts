/** Where earlier results, and the owner's own words, take part in the life of a media. */
import type { Feature } from '../../core/media/moments.ts';
import { EARLIER_RESULTS_COLLECTION, type EarlierResults } from './earlier-results.ts';
import { editsAfter, withEdits } from './edits.ts';

export const editsShown: Feature = {
  name: 'results',
  shown: ({ edits }, media) =>
    edits
      ? { ...media, analytics: media.analytics && withEdits(media.analytics, edits), edits }
      : media,
};

export function resultsMoments(results: EarlierResults): Feature {
  return {
    ...editsShown,
    editing: ({ edits }, wanted) => {
      const isEdited = [wanted.title, wanted.summary, wanted.tags].some(
        (each) => each !== undefined,
      );
      return isEdited ? { edits: editsAfter(edits, wanted) } : undefined;
    },
    asking: async ({ record }, { name }) => {
      const write = await results.keeping(record, name);
      return write && { write };
    },
    owner: {
      records: [{ collection: EARLIER_RESULTS_COLLECTION, by: 'owner_hash' }],
      ofMedia: async ({ id }) => {
        const earlier_results = await results.list(id);
        return earlier_results.length > 0 ? { earlier_results } : {};
      },
    },
    removing: async ({ id }, transaction, how) => {
      if (how === 'binned') return () => undefined;
      const { docs } = await transaction.get(results.ofMedia(id));
      return () => {
        for (const { ref } of docs) transaction.delete(ref);
        return undefined;
      };
    },
  };
}
