/**
 * Files that come inside the request, as a multipart form: each one is streamed to the staging bucket while
 * it arrives. Their documents are created when the whole form has been read, all in one commit (`once.ts`).
 * So a request that breaks off leaves nothing behind.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ACCEPTED_TYPES_TEXT, mayBeAccepted } from '@media-analysis/shared/accepted';
import { languageSchema } from '@media-analysis/shared/analyses';
import { AppError, toAppError } from '@media-analysis/shared/errors';
import { batchIdSchema, type RejectedFile } from '@media-analysis/shared/uploads';
import { parse } from '../../http/body.ts';
import type { Logger } from '../../process/log.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import type { Moments } from '../media/moments.ts';
import type { Places } from '../media/places.ts';
import { applied, newMediaRecord } from '../media/record.ts';
import { chosenAnalyses, others } from './analyses.ts';
import type { Uploads } from './daily-uploads.ts';
import { type FilePart, type Form, type FormLimits, readForm } from './form.ts';
import {
  type Accepted,
  type AcceptRequest,
  acceptOnce,
  findEarlier,
  fingerprintOf,
  type Offer,
  type OnceDeps,
  uploadsOf,
} from './once.ts';

export interface MultipartDeps extends OnceDeps {
  objects: ObjectStore;
  places: Places;
  limits: FormLimits;
  /** Requests with files that are open, by owner. */
  uploads: { acquire(ownerId: string): () => void };
  /** The model of the deployment: which analyses are offered depends on it. */
  model: string;
  moments: Moments;
  logger: Logger;
  now: () => number;
}

interface MultipartRequest extends AcceptRequest {
  /** False: the files are only stored. */
  analyze: boolean;
}

/** A file whose bytes were read to the end. */
interface ReceivedFile {
  size: number;
  /** In base64. */
  md5: string;
  /** Id of the media and name of the staged object; undefined if the bytes were only compared. */
  id: string | undefined;
}

/** @throws {AppError} if no file was accepted; then nothing is left behind. */
export async function acceptMedia(
  request: IncomingMessage,
  accept: MultipartRequest,
  deps: MultipartDeps,
): Promise<Accepted> {
  const release = deps.uploads.acquire(accept.ownerId);
  try {
    return await acceptForm(request, accept, deps);
  } finally {
    release();
  }
}

/** Files that a request has stored are charged even if no media comes of them. */
async function acceptForm(
  request: IncomingMessage,
  accept: MultipartRequest,
  deps: MultipartDeps,
): Promise<Accepted> {
  const stored: ReceivedFile[] = [];
  let isCharged = false;
  try {
    const accepted = await acceptStored(request, accept, stored, deps);
    isCharged = accepted.isNew;
    return accepted;
  } finally {
    if (!isCharged && stored.length > 0) await charge(accept.ownerId, stored, deps);
  }
}

async function charge(
  ownerId: string,
  stored: ReceivedFile[],
  { dailyUploads, logger }: MultipartDeps,
): Promise<void> {
  await dailyUploads.add(ownerId, uploadsOf(stored)).catch((error: unknown) => {
    logger.error({ error }, 'stored files not counted');
  });
}

async function acceptStored(
  request: IncomingMessage,
  accept: MultipartRequest,
  stored: ReceivedFile[],
  deps: MultipartDeps,
): Promise<Accepted> {
  const { ownerId } = accept;
  const { dailyUploads } = deps;
  const [earlier, remaining] = await Promise.all([
    findEarlier(accept, deps),
    dailyUploads.remaining(ownerId),
  ]);
  let receive: (part: FilePart) => Promise<ReceivedFile> = digest;
  if (!earlier) {
    const announced = Number(request.headers['content-length'] ?? 0);
    dailyUploads.refuseMoreThan(remaining, { bytes: announced, files: 1 });
    // Small files are stored side by side.
    let files = 0;
    receive = async (part) => {
      const { bytes } = uploadsOf(stored);
      dailyUploads.refuseMoreThan(remaining, { bytes, files: files + 1 });
      files++;
      const file = await stage(part, deps);
      stored.push(file);
      return file;
    };
  }
  const undo = (file: ReceivedFile) => unstage(stagedIds([file]), deps);
  const form = await readForm(request, deps.limits, receive, undo);
  const { received, rejected } = separateRejected(form);
  const staged = stagedIds(received.map(({ file }) => file));
  try {
    const sent = dailyUploads.sent(remaining).files;
    const places = earlier ? 0 : await deps.places.toMark(ownerId, received.length, sent);
    const found = { form, received, rejected, remaining, places };
    const offer = toOffer(found, accept, deps);
    const accepted = await acceptOnce(accept, offer, earlier, deps);
    const { isNew, records } = accepted;
    if (isNew) {
      for (const { id, size, attempts } of records) {
        deps.logger.info({ media_id: id, attempt: attempts, size }, 'accepted');
      }
    } else {
      await unstage(staged, deps);
    }
    await enqueue(accepted, ownerId, deps);
    const { bytes, files } = uploadsOf(isNew ? records : []);
    const left = { bytes: remaining.bytes - bytes, files: remaining.files - files };
    return { ...accepted, left };
  } catch (error) {
    await unstageUnrecorded(staged, ownerId, deps);
    throw error;
  }
}

async function enqueue(
  { isNew, records }: Accepted,
  ownerId: string,
  { places }: MultipartDeps,
): Promise<void> {
  if (isNew) await places.settle(ownerId, records);
  // An earlier request may have died before it enqueued.
  else
    await places.resume(
      ownerId,
      records.filter(({ status }) => status === 'pending'),
    );
}

type Received = { part: FilePart; file: ReceivedFile }[];

interface ReceivedForm {
  form: Form<ReceivedFile>;
  received: Received;
  rejected: RejectedFile[];
  remaining: Uploads;
  /** How many of the files are queued at once. */
  places: number;
}

function toOffer(
  { form, received, rejected, remaining, places }: ReceivedForm,
  { ownerId, keyId, analyze }: MultipartRequest,
  { now, model, media, moments, dailyUploads }: MultipartDeps,
): Offer {
  const language = form.fields.language
    ? parse(languageSchema, form.fields.language, 'language')
    : 'en';
  const batch_id = form.fields.batch_id
    ? parse(batchIdSchema, form.fields.batch_id, 'batch_id')
    : randomUUID();
  const wanted = analyze ? chosenAnalyses(form.fields.analyses, model) : [];
  const files = form.files.map(() => ({}));
  const accepting = moments.accepting({ ownerId, keyId, fields: form.fields, files });
  const records = received.flatMap(({ part, file: { id, size } }, order) => {
    if (id === undefined) return [];
    const { fileName: file_name, contentType: content_type } = part;
    const file = { id, file_name, content_type, size, staging_object: id };
    const queue_state = order < places ? 'queued' : 'waiting';
    const owner = { owner_id: ownerId, batch_id, analyze, wanted, language };
    const record = newMediaRecord({ ...file, ...owner, queue_state }, now(), order);
    return [applied(record, accepting.change(part.index))];
  });
  const fingerprint = (unread: readonly RejectedFile[]) => {
    return fingerprintOf(
      describe(form, unread),
      language,
      analyze,
      ...others(wanted),
      ...accepting.fingerprint,
    );
  };
  return {
    records,
    rejected,
    fingerprint,
    // Requests side by side are checked against the same sum: `daily-uploads.ts` says why that is enough.
    create: (commit) => {
      const uploads = uploadsOf(records);
      dailyUploads.refuseMoreThan(remaining, uploads);
      const batch = media.batch();
      dailyUploads.addTo(batch, ownerId, uploads);
      return commit(batch);
    },
  };
}

/** The names, types and bytes of the files, to compare two forms; `null` for bytes that one of them has not read. */
function describe({ files }: Form<ReceivedFile>, unread: readonly RejectedFile[]): unknown[] {
  const unreadIndexes = new Set(unread.map(({ index }) => index));
  return files.map(({ part, outcome }) => {
    const isRead = outcome.status === 'fulfilled' && !unreadIndexes.has(part.index);
    const bytes = isRead ? [outcome.value.size, outcome.value.md5] : null;
    return [part.fileName, part.contentType, bytes];
  });
}

function separateRejected({ files }: Form<ReceivedFile>) {
  const received: Received = [];
  const rejected: RejectedFile[] = [];
  for (const { part, outcome } of files) {
    if (outcome.status === 'fulfilled') {
      received.push({ part, file: outcome.value });
      continue;
    }
    const { code, message, extensions } = toAppError(outcome.reason);
    const { day_limit } = extensions as Pick<RejectedFile, 'day_limit'>;
    // A browser sends an empty part without a name if the person chose no file.
    if (code === 'empty_file' && part.fileName === '') continue;
    const reason = { code, message, ...(day_limit && { day_limit }) };
    rejected.push({ index: part.index, file_name: part.fileName, ...reason });
  }
  return { received, rejected };
}

async function stage(part: FilePart, deps: MultipartDeps): Promise<ReceivedFile> {
  const { fileName, contentType, bytes, signal } = part;
  if (!mayBeAccepted(fileName, contentType)) {
    bytes.resume();
    throw new AppError(
      'unsupported_media_type',
      `"${fileName}" is ${contentType || 'of no known type'}. Send ${ACCEPTED_TYPES_TEXT}.`,
    );
  }
  const id = deps.media.newId();
  try {
    return { id, ...(await deps.objects.stage(id, bytes, signal)) };
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    deps.logger.error({ error: cause }, 'not staged');
    throw new AppError('unavailable', `"${fileName}" could not be stored. Send it again.`, {
      cause,
    });
  }
}

/** Reads a file only to compare it: the key of the request was used before, so its media exist already. */
async function digest({ bytes, signal }: FilePart): Promise<ReceivedFile> {
  const hash = createHash('md5');
  let size = 0;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  signal.throwIfAborted();
  return { id: undefined, size, md5: hash.digest('base64') };
}

const stagedIds = (files: ReceivedFile[]) => files.flatMap(({ id }) => id ?? []);

/** A commit that failed may have succeeded nevertheless: then the objects belong to its media, and stay. */
async function unstageUnrecorded(
  ids: string[],
  ownerId: string,
  deps: MultipartDeps,
): Promise<void> {
  const recorded = await deps.media.getMany(ids, ownerId).catch(() => undefined);
  if (recorded?.length === 0) await unstage(ids, deps);
}

async function unstage(ids: string[], { objects, logger }: MultipartDeps): Promise<void> {
  await Promise.all(
    ids.map((id) =>
      objects.unstage(id).catch((error: unknown) => {
        // The staging bucket deletes old objects.
        logger.warn({ object: id, error }, 'staged object not removed');
      }),
    ),
  );
}
