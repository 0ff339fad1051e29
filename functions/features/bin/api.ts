import { binRoutes } from '@media-analysis/shared/bin';
import { type ApiFeature, bound } from '../../core/parts.ts';
import { Bin } from './bin.ts';
import { binMoments } from './moments.ts';
import { binOfOwner } from './owner.ts';
import { binHandlers } from './routes.ts';

/** Deletes media, and brings them back. */
export const bin: ApiFeature<unknown> = (kit) => {
  const { firestore, now, moments } = kit;
  const store = new Bin(firestore, now, moments);
  return {
    moments: { ...binMoments(firestore), owner: binOfOwner({ ...kit, bin: store }) },
    handlers: bound(binRoutes, binHandlers, { ...kit, bin: store }),
  };
};
