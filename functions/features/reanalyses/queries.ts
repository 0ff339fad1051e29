/** The queries of the feature, each as the function that sends it. `npm run deploy:check` looks whether each has its index. */
import { randomUUID } from 'node:crypto';
import type { Firestore } from '@google-cloud/firestore';
import { NO_FEATURES } from '../../core/media/moments.ts';
import { reanalysisStep } from './step.ts';
import { type NewReanalysis, ReanalysisStore } from './store.ts';

export function queries(firestore: Firestore): Record<string, () => Promise<unknown>> {
  return {
    'reanalyses of an owner': () => new ReanalysisStore(firestore, 1).list('owner', 1),
    'the media of a quote': () => {
      const filter = {
        from: '2026-01-01T00:00:00Z',
        to: '2026-02-01T00:00:00Z',
        only: 'any',
      } as const;
      return new ReanalysisStore(firestore, 1).create(reanalysisOf(filter));
    },
    'a reanalysis that begins': () => stepOnce(firestore),
  };
}

/** Uses a new owner each time: an owner may have only one running reanalysis, and few quotes. */
function reanalysisOf(filter: NewReanalysis['filter']): NewReanalysis {
  return {
    owner_id: randomUUID(),
    analysis: 'describe',
    input: {},
    language: null,
    model: null,
    tier: null,
    filter,
    target: { model: 'local/facts', version: '1' },
  };
}

async function stepOnce(firestore: Firestore): Promise<void> {
  const store = new ReanalysisStore(firestore, 1);
  const { id, owner_id } = await store.create(reanalysisOf({ only: 'any' }));
  await store.change(id, owner_id, 'confirm');
  const unused = { media: {}, queue: {}, places: {}, logger: { info: () => undefined } };
  const moments = NO_FEATURES;
  await reanalysisStep(id, { firestore, ...unused, moments, inFlight: 1, now: Date.now } as never);
}
