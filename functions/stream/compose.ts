/** Hangs the features on the core of the stream unit. */
import { type Feature, Moments } from '../core/media/moments.ts';
import type { StreamKit } from '../core/parts.ts';
import type { StreamConfig } from './config.ts';
import { FEATURES } from './features.ts';

export function composeStream(basis: Omit<StreamKit<StreamConfig>, 'moments'>) {
  const features: Feature[] = [];
  const moments = new Moments(features);
  const parts = FEATURES.map((feature) => feature({ ...basis, moments }));
  features.push(...parts.flatMap((part) => part.moments ?? []));
  return { moments, watches: Object.assign({}, ...parts.map((part) => part.watches)) };
}
