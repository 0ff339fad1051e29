import type { WorkerFeature } from '../../core/parts.ts';
import { Bin } from './bin.ts';
import { eraseExpired } from './erase-expired.ts';
import { binMoments } from './moments.ts';

/** Erases what has been in the bin for its time. */
export const bin: WorkerFeature<unknown> = {
  create: (kit) => {
    const deps = { ...kit, bin: new Bin(kit.firestore, kit.now, kit.moments) };
    return {
      moments: {
        ...binMoments(kit.firestore),
        sweeping: [{ isLate: true, run: () => eraseExpired(deps) }],
      },
    };
  },
};
