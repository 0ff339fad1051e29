/** Shows when a media was taken. It is apart from the code of the search, which the stream does not need. */
import type { Feature } from '../../core/media/moments.ts';

export const takenShown: Feature = {
  name: 'search',
  shown: ({ search }, media) => (search?.taken ? { ...media, taken_at: search.taken } : media),
};
