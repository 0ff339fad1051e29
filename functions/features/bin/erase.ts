/** Erases a media in the bin: the objects first, the record last. So an interrupted erasure can go on. */
import { isTerminal } from '@media-analysis/shared/status';
import { enqueueCheck, type RemovalDeps } from '../../core/media/remove.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import type { Bin, BinRecord } from './bin.ts';

export interface ErasureDeps extends Omit<RemovalDeps, 'places' | 'objects'> {
  bin: Bin;
  objects: Pick<ObjectStore, 'removeAll'>;
}

/**
 * @param record After its `erase_at`, so that nothing restores it in the meantime.
 * @param how `owner`: all of the owner goes, and nobody is told.
 */
export async function eraseBinned(
  record: BinRecord,
  deps: ErasureDeps,
  how?: 'owner',
): Promise<void> {
  const { bin, media, objects, logger } = deps;
  const { id, status } = record;
  if (!isTerminal(status)) {
    await enqueueCheck(record, deps).catch((error: unknown) => {
      logger.warn({ media_id: id, error }, 'removed without a later check');
    });
  }
  await objects.removeAll(id);
  await media.forgetFileNames(id);
  await bin.forget(record, how);
}
