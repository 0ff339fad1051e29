import { binRoutes } from '@media-analysis/shared/bin';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { Bin } from './bin.ts';
import { binMoments } from './moments.ts';
import { binHandlers } from './routes.ts';

/** Deletes media, and brings them back. */
export const bin: ApiFeature<unknown> = (kit) => {
  const { firestore, now, moments } = kit;
  return {
    moments: binMoments(firestore),
    handlers: bound(binRoutes, binHandlers, { ...kit, bin: new Bin(firestore, now, moments) }),
  };
};
