/** Hangs the features on the core of the api. The commands of operators do the same. */
import { type Feature, Moments } from '../core/media/moments.ts';
import { MediaStore } from '../core/media/store.ts';
import type { ApiKit } from '../core/parts.ts';
import type { ApiConfig } from './config.ts';
import { FEATURES } from './features.ts';

export type ApiBasis = Omit<ApiKit<ApiConfig>, 'media' | 'moments'>;

/** @returns all that handlers need, and those of the features */
export function composeApi(basis: ApiBasis) {
  const features: Feature[] = [];
  const moments = new Moments(features, basis.logger);
  const kit = { ...basis, moments, media: new MediaStore(basis.firestore, basis.now, moments) };
  const parts = FEATURES.map((feature) => feature(kit));
  features.push(...parts.flatMap((part) => part.moments ?? []));
  return {
    kit,
    handlers: Object.assign({}, ...parts.map((part) => part.handlers)),
    serviceHandlers: Object.assign({}, ...parts.map((part) => part.serviceHandlers)),
  };
}
