/** What the search tells of a media, without the code of the search: the stream needs no more. */
import type { Feature } from '../../core/media/moments.ts';

export const takenShown: Feature = {
  name: 'search',
  shown: ({ search }, media) => (search?.taken ? { ...media, taken_at: search.taken } : media),
};
