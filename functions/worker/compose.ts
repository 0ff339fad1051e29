/** Hangs the features on the core of the worker. */
import { type Feature, Moments } from '../core/media/moments.ts';
import { MediaStore } from '../core/media/store.ts';
import type { WorkerKit } from '../core/parts.ts';
import type { WorkerConfig } from './config.ts';
import { FEATURES } from './features.ts';

export type WorkerBasis = Omit<WorkerKit<WorkerConfig>, 'media' | 'moments'>;

/** @returns all that deliveries need, and the tasks of the features by their paths */
export function composeWorker(basis: WorkerBasis) {
  const features: Feature[] = [];
  const moments = new Moments(features, basis.logger);
  const kit = { ...basis, moments, media: new MediaStore(basis.firestore, basis.now, moments) };
  const parts = FEATURES.map((feature) => feature.create(kit));
  features.push(...parts.flatMap((part) => part.moments ?? []));
  return { kit, tasks: Object.assign({}, ...parts.map((part) => part.tasks)) };
}
