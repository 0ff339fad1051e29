/** The queries of the feature, each as the function that sends it. `npm run deploy:check` looks whether each has its index. */
import type { Firestore } from '@google-cloud/firestore';
import type { MediaFilters } from '@media-analysis/shared/search';
import { MEDIA_COLLECTION } from '../../core/media/record.ts';
import { MediaStore } from '../../core/media/store.ts';
import { readMediaPage, SAMPLE_FILTERS } from './media-query.ts';
import { MediaSearch } from './search.ts';

export function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  const media = new MediaStore(firestore);
  const list = (filters: MediaFilters, after: string) =>
    readMediaPage(firestore, 'owner', filters, 1, after);
  const ref = firestore.collection(MEDIA_COLLECTION).doc('id');
  const token = Buffer.from('0.0.id').toString('base64url');
  return {
    'media that are searched for': async () => {
      const search = new MediaSearch(firestore, media);
      const from = '2026-01-01T00:00:00Z';
      const taken = Buffer.from('2026-01-01T00:00:00.id').toString('base64url');
      // By the time they were accepted, and by the time they were taken.
      const times = [
        { time: { from }, after: token },
        { time: { taken_from: '2026-01-01' }, after: taken },
      ];
      for (const sort of ['newest', 'oldest'] as const) {
        for (const { time, after } of times) {
          await list({ sort, ...time }, after);
          for (const filter of SAMPLE_FILTERS)
            await list({ ...filter, ...time, sort } as never, after);
          const all = Object.assign({ sort, ...time }, ...SAMPLE_FILTERS);
          await list(all, after);
          await search.find('owner', { ...all, q: 'word' }, 1);
        }
      }
      // First the media with a time, then the others.
      for (const after of [taken, Buffer.from('.0.0.id').toString('base64url')]) {
        for (const filter of [{}, ...SAMPLE_FILTERS, Object.assign({}, ...SAMPLE_FILTERS)])
          await list({ ...filter, sort: 'taken' } as never, after);
      }
      await ref.set({ owner_id: 'owner', search: { terms: ['word'], places: ' word:1 ' } });
      await search.find('owner', { q: 'word', from }, 1);
      await search.find('owner', { q: 'word', sort: 'taken' }, 1);
      await search.find('owner', { q: 'word' }, 1);
    },
  };
}
