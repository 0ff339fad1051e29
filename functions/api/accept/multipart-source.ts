/** From a multipart request to pending media with tasks: stage, record, enqueue. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ACCEPTED_TYPES_TEXT, mayBeAccepted } from '@media-analysis/shared/accepted';
import { languageSchema, type RejectedFile } from '@media-analysis/shared/api';
import { AppError, toAppError } from '@media-analysis/shared/errors';
import { parse } from '../../http/body.ts';
import type { ConcurrencyLimit } from '../../http/concurrency-limit.ts';
import type { Measure } from '../../http/timing.ts';
import { type MediaRecord, newMediaRecord, nextPhase, taskOf } from '../../media/record.ts';
import type { MediaStore } from '../../media/store.ts';
import type { TaskQueue } from '../../media/task-queue.ts';
import type { Logger } from '../../process/log.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import type { UploadedObject } from '../../storage/upload.ts';
import type { Acceptance, IdempotencyStore } from './acceptances.ts';
import type { DailyBytes } from './daily-bytes.ts';
import { type FilePart, type Form, type FormLimits, readForm } from './form.ts';
import { allRejected } from './rejected.ts';

export interface AcceptDeps {
  media: MediaStore;
  objects: ObjectStore;
  idempotency: IdempotencyStore;
  queue: TaskQueue;
  limits: FormLimits;
  /** Requests with files that are open, by owner. */
  uploads: ConcurrencyLimit;
  dailyBytes: DailyBytes;
  logger: Logger;
  now: () => number;
}

export interface AcceptRequest {
  ownerId: string;
  /** Whether to analyse, or only to store. */
  analyze: boolean;
  idempotencyKey: string | undefined;
  measure: Measure;
}

interface StagedFile extends UploadedObject {
  id: string;
}

export interface Accepted {
  records: MediaRecord[];
  rejected: RejectedFile[];
}

/**
 * Documents are written when the whole form has been read, all in one commit: a request that breaks
 * off leaves nothing behind, and one that is sent twice finds what the first one made.
 *
 * @throws {AppError} if no file was accepted; nothing is left behind then.
 */
export async function acceptMedia(
  request: IncomingMessage,
  accept: AcceptRequest,
  deps: AcceptDeps,
): Promise<Accepted> {
  const release = deps.uploads.acquire(accept.ownerId);
  try {
    return await stageAndRecord(request, accept, deps);
  } finally {
    release();
  }
}

async function stageAndRecord(
  request: IncomingMessage,
  { ownerId, analyze, idempotencyKey, measure }: AcceptRequest,
  deps: AcceptDeps,
): Promise<Accepted> {
  const key = idempotencyKey === undefined ? undefined : { ownerId, key: idempotencyKey };
  const [earlier, remaining] = await Promise.all([
    key && deps.idempotency.find(key),
    deps.dailyBytes.remaining(ownerId),
  ]);
  const announced = Number(request.headers['content-length'] ?? 0);
  if (!earlier) deps.dailyBytes.refuseMoreThan(remaining, announced);
  const onFile = (part: FilePart) => (earlier ? digest(part) : store(part, deps));
  const undo = async ({ id }: StagedFile) => (earlier ? undefined : unstage([id], deps));
  const form = await measure('stage', () => readForm(request, deps.limits, onFile, undo));
  const { staged, rejected } = sortOut(form);
  const ids = earlier ? [] : staged.map(({ file }) => file.id);
  try {
    const language = parseLanguage(form.fields.language);
    const printWithout = (left: RejectedFile[]) => fingerprint(form, left, language, analyze);
    if (earlier) return await replay(earlier, printWithout(earlier.rejected), deps);
    if (staged.length === 0) throw allRejected(rejected);
    const owner = { owner_id: ownerId, analyze, language };
    const records = staged.map(({ part, file }, order) => toRecord(part, file, owner, order, deps));
    const bytes = records.reduce((sum, { size }) => sum + size, 0);
    deps.dailyBytes.refuseMoreThan(remaining, bytes);
    const winner = await measure('record', () =>
      deps.idempotency.create(
        records,
        { fingerprint: printWithout(rejected), rejected },
        key,
        (batch) => deps.dailyBytes.charge(batch, ownerId, bytes),
      ),
    );
    if (winner) {
      await unstage(ids, deps);
      return await replay(winner, printWithout(winner.rejected), deps);
    }
    for (const { id, size, attempts } of records) {
      deps.logger.info({ media_id: id, attempt: attempts, size }, 'accepted');
    }
    await measure('enqueue', () => enqueueAll(records, deps));
    return { records, rejected };
  } catch (error) {
    await unstageUnrecorded(ids, ownerId, deps);
    throw error;
  }
}

function toRecord(
  part: FilePart,
  file: StagedFile,
  owner: { owner_id: string; analyze: boolean; language: string },
  order: number,
  { now }: AcceptDeps,
): MediaRecord {
  const { fileName: file_name, contentType: content_type } = part;
  const { id, size } = file;
  return newMediaRecord(
    { ...owner, id, file_name, content_type, size, staging_object: id },
    now(),
    order,
  );
}

async function store(part: FilePart, deps: AcceptDeps): Promise<StagedFile> {
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

/** For a request whose key was used before: what is needed to tell whether it is the same request. */
async function digest({ bytes, signal }: FilePart): Promise<StagedFile> {
  const hash = createHash('md5');
  let size = 0;
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  signal.throwIfAborted();
  return { id: '', size, md5: hash.digest('base64') };
}

interface Sorted {
  staged: { part: FilePart; file: StagedFile }[];
  rejected: RejectedFile[];
}

function sortOut({ files }: Form<StagedFile>): Sorted {
  const sorted: Sorted = { staged: [], rejected: [] };
  for (const { part, outcome } of files) {
    if (outcome.status === 'fulfilled') {
      sorted.staged.push({ part, file: outcome.value });
      continue;
    }
    const { code, message } = toAppError(outcome.reason);
    // A form sent with nothing chosen still has the part, empty and without a name.
    if (code === 'empty_file' && part.fileName === '') continue;
    sorted.rejected.push({ index: part.index, file_name: part.fileName, code, message });
  }
  return sorted;
}

function parseLanguage(language: string | undefined): string {
  return language ? parse(languageSchema, language) : 'en';
}

/**
 * Two requests with equal fingerprints ask for the same thing.
 * @param rejected What the first of them did not take: it never knew those bytes to the end.
 */
function fingerprint(
  { files }: Form<StagedFile>,
  rejected: RejectedFile[],
  language: string,
  analyze: boolean,
): string {
  const unread = new Set(rejected.map(({ index }) => index));
  const parts = files.map(({ part, outcome }) => {
    const known = outcome.status === 'fulfilled' && !unread.has(part.index);
    const bytes = known ? [outcome.value.size, outcome.value.md5] : null;
    return [part.fileName, part.contentType, bytes];
  });
  return createHash('sha256')
    .update(JSON.stringify([parts, language, analyze]))
    .digest('hex');
}

/** Answers a repeated request with what the first one made, as it stands now. */
async function replay(earlier: Acceptance, print: string, deps: AcceptDeps): Promise<Accepted> {
  if (earlier.fingerprint !== print) {
    throw new AppError(
      'idempotency_key_reused',
      'This Idempotency-Key was used for a request with other files. Use a new key.',
    );
  }
  const records = await deps.media.getMany(earlier.media_ids, earlier.owner_id);
  // The first request may have died before it enqueued; task names make this harmless.
  await enqueueAll(
    records.filter(({ status }) => status === 'pending'),
    deps,
  );
  return { records, rejected: earlier.rejected };
}

/** What cannot be enqueued now, the sweeper enqueues: the media is accepted all the same. */
async function enqueueAll(records: MediaRecord[], { queue, logger }: AcceptDeps): Promise<void> {
  await Promise.all(
    records.map((record) =>
      queue.enqueue(nextPhase(record), taskOf(record)).catch((error: unknown) => {
        logger.error({ media_id: record.id, error }, 'not enqueued; the sweeper will do it');
      }),
    ),
  );
}

/** A commit that failed may have happened all the same: then the objects belong to their media. */
async function unstageUnrecorded(ids: string[], ownerId: string, deps: AcceptDeps): Promise<void> {
  const recorded = await deps.media.getMany(ids, ownerId).catch(() => undefined);
  if (recorded?.length === 0) await unstage(ids, deps);
}

async function unstage(ids: string[], { objects, logger }: AcceptDeps): Promise<void> {
  await Promise.all(
    ids.map((id) =>
      objects.unstage(id).catch((error: unknown) => {
        // The staging bucket deletes what is a day old.
        logger.warn({ object: id, error }, 'staged object not removed');
      }),
    ),
  );
}
