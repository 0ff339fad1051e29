import { type ApiFeature, bound } from '../../core/parts.ts';
import { Bin } from './bin.ts';
import { binMoments } from './moments.ts';
import { binOfOwner } from './owner.ts';
import {
  deleteMany,
  deleteMedia,
  getBinPreview,
  listBin,
  restoreMany,
  restoreMedia,
} from './routes.ts';

/** Deletes media, and brings them back. */
export const bin: ApiFeature<unknown> = (kit) => {
  const { firestore, now, moments } = kit;
  const store = new Bin(firestore, now, moments);
  return {
    moments: { ...binMoments(firestore), owner: binOfOwner({ ...kit, bin: store }) },
    handlers: bound(
      { deleteMedia, deleteMany, restoreMedia, restoreMany, listBin, getBinPreview },
      { ...kit, bin: store },
    ),
  };
};
