/** Where earlier results, and the owner's own words, take part in the life of a media. */
import type { Feature } from '../../core/media/moments.ts';
import type { EarlierResults } from './earlier-results.ts';
import { withEdits } from './edits.ts';

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
    asking: async ({ record }, { name }) => {
      const write = await results.keeping(record, name);
      return write && { write };
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
