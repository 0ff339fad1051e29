/** Deletes and restores media, one or many. A deletion moves them to the bin, or erases them. */
import {
  type BinList,
  binRoutes,
  type Deleted,
  deleteManySchema,
  type NotDone,
  type Restored,
} from '@media-analysis/shared/bin';
import { type AppError, toAppError } from '@media-analysis/shared/errors';
import { manySchema } from '@media-analysis/shared/many';
import { isTerminal } from '@media-analysis/shared/status';
import { sendAddress } from '../../core/accept/media-routes.ts';
import type { Moments } from '../../core/media/moments.ts';
import { tokenOf } from '../../core/media/paging.ts';
import { type MediaRecord, notFound, taskOf } from '../../core/media/record.ts';
import { type RemovalDeps, removeMedia } from '../../core/media/remove.ts';
import { toMedia, toMediaList } from '../../core/media/view.ts';
import { parse, readJson } from '../../http/body.ts';
import { ifMatch, sendTagged } from '../../http/conditions.ts';
import type { ContractCall } from '../../http/contract-route.ts';
import { isMediaId, mediaId } from '../../http/ids.ts';
import { sendJson, sendNothing } from '../../http/respond.ts';
import type { Call } from '../../http/router.ts';
import type { Bin, BinRecord, PutOptions } from './bin.ts';
import { eraseBinned } from './erase.ts';

interface BinServices extends RemovalDeps {
  bin: Bin;
  moments: Moments;
}

const AT_A_TIME = 10;

async function deleteMedia(
  call: ContractCall,
  ownerId: string,
  services: BinServices,
): Promise<void> {
  const { permanently, only_binned } = parse(binRoutes.deleteMedia.query, call.query);
  const how = {
    permanently: permanently === 'true',
    onlyBinned: only_binned === 'true',
    check: ifMatch(call, (record: MediaRecord) => toMedia(record, services.moments)),
  };
  const { failed } = await deleteAll([mediaId(call.params)], ownerId, how, services);
  for (const { error } of failed) throw error;
  sendNothing(call.response);
}

async function deleteMany(
  { request, response }: Call,
  ownerId: string,
  services: BinServices,
): Promise<void> {
  const { ids, permanently, only_binned } = await readJson(request, deleteManySchema);
  const how = { permanently, onlyBinned: only_binned };
  const { done, failed } = await deleteAll(ids, ownerId, how, services);
  sendJson(response, 200, { media_ids: done, failed: failed.map(notDone) } satisfies Deleted);
}

async function restoreMedia(call: Call, ownerId: string, services: BinServices): Promise<void> {
  const { records, failed } = await restoreAll([mediaId(call.params)], ownerId, services);
  for (const { error } of failed) throw error;
  for (const record of records) sendTagged(call, 200, toMedia(record, services.moments));
}

async function restoreMany(
  { request, response }: Call,
  ownerId: string,
  services: BinServices,
): Promise<void> {
  const { ids } = await readJson(request, manySchema);
  const { records, failed } = await restoreAll(ids, ownerId, services);
  const media = toMediaList(records, services.moments);
  sendJson(response, 200, { media, failed: failed.map(notDone) } satisfies Restored);
}

async function listBin(
  { response, query }: ContractCall,
  ownerId: string,
  { bin, moments }: BinServices,
): Promise<void> {
  const { limit, page_token } = parse(binRoutes.listBin.query, query);
  const page = await bin.list(ownerId, limit, page_token);
  sendJson(response, 200, {
    media: page.records.flatMap((record) =>
      toMediaList([record], moments).map((each) => ({ ...each, ...timesOf(record) })),
    ),
    ...tokenOf(page),
  } satisfies BinList);
}

async function getBinPreview(
  call: ContractCall,
  ownerId: string,
  services: BinServices & Parameters<typeof sendAddress>[3],
): Promise<void> {
  const record = await services.bin.get(mediaId(call.params), ownerId);
  await sendAddress(call, record, 'preview', services);
}

const timesOf = ({ binned_at, erase_at }: BinRecord) => ({
  binned_at: binned_at.toDate().toISOString(),
  erase_at: erase_at.toDate().toISOString(),
});

interface Failed {
  id: string;
  error: AppError;
}

const notDone = ({ id, error: { code, message } }: Failed): NotDone => ({
  media_id: id,
  code,
  message,
});

async function deleteAll(
  ids: readonly string[],
  ownerId: string,
  how: PutOptions,
  services: BinServices,
): Promise<{ done: string[]; failed: Failed[] }> {
  const [known, failed] = splitIds(ids);
  const put = await services.bin.put(known, ownerId, how);
  failed.push(...put.flatMap((each) => ('error' in each ? [each] : [])));
  const binned = put.flatMap((each) => ('record' in each ? [each.record] : []));
  const unsent = put.flatMap((each) => ('unsent' in each ? [each.unsent] : []));
  // These bytes have not arrived, so there is nothing to restore.
  await eachOf(unsent, async (record) => {
    await removeMedia(record, services, 'erased', how.check).catch((error: unknown) => {
      failed.push({ id: record.id, error: toAppError(error) });
    });
  });
  await eachOf(binned, (record) => stopWork(record, services));
  if (binned.some(({ queue_state }) => queue_state === 'queued')) {
    await services.places.refill(ownerId);
  }
  if (how.permanently) await eachOf(binned, (record) => erase(record, services));
  const done = put.map(({ id }) => id).filter((id) => !failed.some((each) => each.id === id));
  return { done, failed };
}

/** A worker cannot finish this media, because each of its writes is refused. So its tasks are cancelled. */
async function stopWork(record: BinRecord, { queue, logger }: BinServices): Promise<void> {
  if (isTerminal(record.status)) return;
  const task = taskOf(record);
  const notCancelled = (error: unknown) =>
    logger.warn({ media_id: record.id, error }, 'not cancelled; its delivery will find nothing');
  await Promise.all([
    queue.cancel('upload', task).catch(notCancelled),
    queue.cancel('analyze', task).catch(notCancelled),
  ]);
}

/** If this fails, the sweeper erases the media. */
async function erase(record: BinRecord, services: BinServices): Promise<void> {
  await eraseBinned(record, services).catch((error: unknown) => {
    services.logger.error({ media_id: record.id, error }, 'not erased yet');
  });
}

async function restoreAll(ids: readonly string[], ownerId: string, services: BinServices) {
  const [known, failed] = splitIds(ids);
  const moved = await services.bin.restore(known, ownerId);
  const records = moved.flatMap((each) => ('record' in each ? [each.record] : []));
  failed.push(...moved.flatMap((each) => ('error' in each ? [each] : [])));
  if (records.some(({ queue_state }) => queue_state === 'waiting')) {
    await services.places.refill(ownerId);
  }
  return { records, failed };
}

/** @returns valid ids without duplicates, and a failure for each other one */
function splitIds(ids: readonly string[]): [string[], Failed[]] {
  const all = [...new Set(ids)];
  const unknown = all.filter((id) => !isMediaId(id));
  return [all.filter(isMediaId), unknown.map((id) => ({ id, error: notFound(id) }))];
}

async function eachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let start = 0; start < items.length; start += AT_A_TIME) {
    await Promise.all(items.slice(start, start + AT_A_TIME).map(work));
  }
}

export const binHandlers = {
  deleteMedia,
  deleteMany,
  restoreMedia,
  restoreMany,
  listBin,
  getBinPreview,
};
