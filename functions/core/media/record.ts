/** The Firestore document of one media: its fields, and how a new one begins. What its owner sees of it is in `view.ts`. */
import {
  type DocumentSnapshot,
  FieldValue,
  Timestamp,
  type UpdateData,
} from '@google-cloud/firestore';
import type { Tier, Usage } from '@media-analysis/shared/analytics';
import { AppError, type ErrorCode } from '@media-analysis/shared/errors';
import type { AnalysisResult, Media, Phase, TaskPayload } from '@media-analysis/shared/media';
import { plainName } from '@media-analysis/shared/plain-text';
import { addUsage } from '../../analysis/add-usage.ts';
import { DESCRIBE } from '../../analysis/catalog/analysis-definition.ts';
import type { MediaFacts } from '../../inspect/index.ts';
import type { SourceObject } from '../../storage/objects.ts';

export const MEDIA_COLLECTION = 'media';
/** Media that their owner has deleted, until they are erased. Features that look for all media of an owner look here, too. */
export const BIN_COLLECTION = 'bin';

/**
 * Grows when a release writes what the release before would misunderstand: docs/decisions/0030-one-command.md.
 * Version 1 is that of the releases 0.1.0 and 0.2.0, which do not write the field.
 */
export const SCHEMA_VERSION = 2;

/**
 * Where a media stands before its work has ended; see `places.ts`.
 * - `announced`: its bytes may still be on their way to Cloud Storage
 * - `waiting`: it has no task yet, because its owner has enough media in the queues
 * - `queued`: it has a place in the queues, until its work has ended
 * - `resting`: it waits until `retry_at`, and has given its place away; then its task asks for a place again
 */
export type QueueState = 'announced' | 'waiting' | 'queued' | 'resting';

/**
 * The Firestore document: the fields of `Media`, and fields that never leave the server. A feature adds its own fields in its
 * folder (`declare module`), and no other room reads them.
 */
export interface MediaRecord
  extends Omit<
    Media,
    'created_at' | 'updated_at' | 'retry_at' | 'wait_code' | 'analyses' | 'held' | 'frames'
  > {
  created_at: Timestamp;
  updated_at: Timestamp;
  retry_at: Timestamp | null;
  /** That the bytes have not arrived is read from `queue_state`. */
  wait_code: Exclude<Media['wait_code'], 'no_bytes'>;
  analyses?: Record<string, AnalysisResult>;
  owner_id: string;
  /** Files that were chosen together have the same one, also in several requests. Documents of earlier versions have none. */
  batch_id?: string;
  /** That of the release that last worked on the media; 1 without it. A release leaves a higher version than its own alone. */
  schema_version?: number;
  /** False: the media is only stored. */
  analyze: boolean;
  /**
   * The analyses that are still to be made in the current attempt, in their order. Documents of earlier versions do not
   * have this field.
   */
  wanted?: readonly string[];
  /** Why `describe` failed, while other analyses are made. When these have ended, the media has failed again. */
  failure?: { code: ErrorCode; message: string } | null;
  language: string;
  /** Asked in the current attempt in place of the model of the deployment. */
  asked_model?: string;
  /** `flex` is slower and costs less. Without it the media is analysed in the usual way. */
  tier?: Tier;
  /** How the present result of each analysis was made, by its name. Documents of earlier versions do not have it. */
  made?: Record<string, Made>;
  /** The cost of calls without an answer, by the name of their analysis, in the last attempt that had such calls. */
  unanswered?: Record<string, Unanswered>;
  /** The delivery that works on the media; `null` if there is none. After `expires_at` it no longer counts. */
  lease: { token: string; expires_at: Timestamp } | null;
  /** How often the current phase of the current attempt was claimed. */
  deliveries: number;
  /** `null` when the work has ended; absent in documents of earlier versions, which the sweeper completes. */
  queue_state?: QueueState | null;
  /**
   * How often the current phase of the current attempt was made to wait in a row. Documents of earlier versions do not
   * have this field.
   */
  waits?: number;
  /** When it was last made to wait. Only `waits` says whether that still counts. */
  waits_since?: Timestamp;
  /** Name of the object in the staging bucket, until it is promoted. */
  staging_object: string | null;
  /** The object in another bucket from which the media is read. Without it the bytes were sent. */
  source?: ImportSource;
  /** Frames that came with a video, and were not opened yet. */
  staged_frames?: StagedFrames | null;
  /** The frames of a video, in one object of the media bucket. */
  frames?: StoredFrames | null;
  /** Names of the objects in the media bucket. */
  object: string | null;
  preview_object: string | null;
  /** Tiles show it. Without it, as in documents of earlier versions, they show the preview. */
  small_object?: string | null;
  sha256: string | null;
  facts: MediaFacts | null;
  /** The same for all media that would get the same analysis: see `same-content.ts`. */
  content_key: string | null;
  /**
   * The cost of the attempts before the present one; `usage` is that of the present one. Without it there were none, or an
   * earlier version of this service has added them to `usage`.
   */
  earlier_usage?: Usage;
}

/** `in_place`: the bytes stay there, and are read there. */
type ImportSource = SourceObject & { in_place?: boolean };

/** Frames as their sender has sent them, one after the other in one object of the staging bucket. */
export interface StagedFrames {
  /** Seconds from the start of the video. */
  times: readonly number[];
  /** Bytes of each. */
  sizes: readonly number[];
  /** Which of them is the preview of the video, from 0. */
  poster: number;
}

/** Frames that were opened and encoded anew. */
export interface StoredFrames {
  /** The hash of all their bytes: a model that looks at others may answer something else. */
  sha256: string;
  list: readonly StoredFrame[];
}

interface StoredFrame {
  time_s: number;
  /** Bytes of its JPEG. */
  size: number;
  colors: MediaFacts['colors'];
}

/** How a result was made: what the result itself does not say. */
export interface Made {
  /** ISO 8601; null if that was not written down. */
  at: string | null;
  /** The attempt of the media in which it was made; 0: none, it was brought back. */
  attempt: number;
  input: Record<string, unknown>;
  language: string;
  /** Null if that was not written down. */
  usage: Usage | null;
  /** The model that was asked. The one that answered may have another name, such as that with its date. */
  asked: string | null;
  /** The id of the earlier result that was brought back as this one. */
  restored?: string;
}

/** The cost of calls that gave no answer. */
interface Unanswered {
  attempt: number;
  usage: Usage;
  /** The model that was to answer. */
  asked: string;
}

export interface NewMedia {
  id: string;
  file_name: string;
  content_type: string;
  size: number;
  owner_id: string;
  batch_id?: string;
  analyze: boolean;
  /** By default `describe`, if it is analysed at all. */
  wanted?: readonly string[];
  language: string;
  /** Null for what is imported from a `source`. */
  staging_object: string | null;
  source?: ImportSource;
  queue_state: QueueState;
}

/**
 * Makes the record of a new media.
 * @param order Position in its batch. It goes into the microseconds of `created_at`, so that lists sorted by
 *   time keep the order in which the files were sent.
 */
export function newMediaRecord(said: NewMedia, nowMs: number, order = 0): MediaRecord {
  const media = { ...said, file_name: plainName(said.file_name) };
  const { seconds, nanoseconds } = Timestamp.fromMillis(nowMs);
  const created_at = new Timestamp(seconds, nanoseconds + (order % 1_000) * 1_000);
  const wanted = wantedOf(media);
  const others = wanted.filter((name) => name !== DESCRIBE);
  return {
    ...media,
    wanted,
    ...(others.length > 0 && {
      analyses: Object.fromEntries(others.map((name) => [name, askedFor({}, nowMs)])),
    }),
    schema_version: SCHEMA_VERSION,
    status: 'pending',
    progress: 0,
    attempts: 1,
    error_code: null,
    error_message: null,
    retry_at: null,
    wait_code: null,
    url: null,
    analytics: null,
    usage: null,
    revision: 1,
    created_at,
    updated_at: created_at,
    lease: null,
    deliveries: 0,
    waits: 0,
    object: null,
    preview_object: null,
    sha256: null,
    facts: null,
    content_key: null,
  };
}

/** True after a rollback, or while a later release is being deployed: that release has written the record. */
export function isNewer({ schema_version = 1 }: Pick<MediaRecord, 'schema_version'>): boolean {
  return schema_version > SCHEMA_VERSION;
}

/** @throws {AppError} `unavailable` if a later release has written the record: then this one must not change it. */
export function refuseNewer(record: Pick<MediaRecord, 'id' | 'schema_version'>): void {
  if (isNewer(record)) throw newer(record, 'changed');
}

export function newer({ id }: Pick<MediaRecord, 'id'>, verb: 'changed' | 'shown'): AppError {
  return new AppError(
    'unavailable',
    `The media "${id}" was written by a later version of this service, and cannot be ${verb} by the one that runs now. Nothing of it is lost. Try again later.`,
    { retryAfterMs: NEWER_MS },
  );
}

/** When to look again at a record that a later release has written: a release or a rollback takes minutes. */
export const NEWER_MS = 5 * 60_000;

/** The cost of all attempts. */
export function usageOf({
  earlier_usage,
  usage,
}: Pick<MediaRecord, 'earlier_usage' | 'usage'>): Usage | null {
  const earlier = earlier_usage ?? null;
  return usage ? addUsage(earlier, usage) : earlier;
}

/** The next step of the work. Bytes that are stored already are never stored again. */
export function nextPhase(record: Pick<MediaRecord, 'object'>): Phase {
  return record.object === null ? 'upload' : 'analyze';
}

/** The change of a media when its next attempt begins. */
export function nextAttempt(record: MediaRecord, queue_state: QueueState, now: number) {
  return {
    status: 'pending',
    queue_state,
    attempts: record.attempts + 1,
    error_code: null,
    error_message: null,
    retry_at: null,
    wait_code: null,
    lease: null,
    deliveries: 0,
    waits: 0,
    revision: record.revision + 1,
    updated_at: Timestamp.fromMillis(now),
    // The receipt of the attempt that has ended.
    ...(record.usage && {
      usage: null,
      earlier_usage: addUsage(record.earlier_usage ?? null, record.usage),
    }),
  } as const;
}

/** The analyses that are still to be made in the current attempt. */
export function wantedOf({
  wanted,
  analyze,
}: Pick<MediaRecord, 'wanted' | 'analyze'>): readonly string[] {
  return wanted ?? (analyze ? [DESCRIBE] : []);
}

/**
 * The language in which the present answer to `name` was asked for. That of the media may be another one by now: it is of
 * what was asked last.
 */
export function languageOf(
  { made, analytics, language }: Pick<MediaRecord, 'made' | 'analytics' | 'language'>,
  name: string,
): string {
  // A model that has no words for a language answers in another one.
  return made?.[name]?.language ?? (name === DESCRIBE ? analytics?.language : null) ?? language;
}

/**
 * The state of an analysis that was asked for.
 * @param earlier Its answer stays until there is a new one.
 */
export function askedFor(
  input: Record<string, unknown>,
  nowMs: number,
  earlier?: AnalysisResult,
): AnalysisResult {
  const { output = null, model = null, version = null, usage = null } = earlier ?? {};
  return {
    status: 'pending',
    input,
    output,
    model,
    version,
    usage,
    error_code: null,
    error_message: null,
    updated_at: new Date(nowMs).toISOString(),
  };
}

/**
 * How a result was made that an earlier version of this service has written, as far as its media says. The media must not
 * have been asked for the next one yet.
 */
export function unwritten(record: MediaRecord, name: string): Made {
  const { analyses = {}, usage, attempts, language } = record;
  const result = analyses[name];
  const isAlone = attempts === 1 && Object.keys(analyses).length === 0;
  const own = name === DESCRIBE ? (isAlone ? usage : null) : result?.output ? result.usage : null;
  const isPresent = result?.status === 'completed';
  return {
    at: isPresent ? result.updated_at : null,
    attempt: 0,
    input: isPresent ? result.input : {},
    language,
    usage: own,
    asked: null,
  };
}

/** The payload of the task that sends this media to the worker. */
export function taskOf({
  id,
  attempts,
  content_key,
  tier,
}: Pick<MediaRecord, 'id' | 'attempts' | 'content_key' | 'tier'>): TaskPayload {
  return {
    media_id: id,
    attempt: attempts,
    ...(content_key && { content_key }),
    ...(tier && { tier }),
  };
}

/** Options of that task. An erased media, which is imported again with the same id, may have used its name. */
export function taskOptionsOf({ created_at }: Pick<MediaRecord, 'created_at'>) {
  return { ifGone: `-c${created_at.seconds}` };
}

/** Fields that a write changes. `undefined` removes the field. */
export type Change = { [Field in keyof MediaRecord]?: MediaRecord[Field] | undefined };

/** The record after a write. */
export function applied(record: MediaRecord, change: Change): MediaRecord {
  const after = Object.entries({ ...record, ...change }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(after) as unknown as MediaRecord;
}

/** The same change as Firestore takes it. */
export function toUpdate(change: Change): UpdateData<MediaRecord> {
  const fields = Object.entries(change).map(([name, value]) => [
    name,
    value ?? (value === undefined ? FieldValue.delete() : value),
  ]);
  return Object.fromEntries(fields) as UpdateData<MediaRecord>;
}

export function recordOf(snapshot: DocumentSnapshot): MediaRecord | undefined {
  return snapshot.data() as MediaRecord | undefined;
}

/** The same error for an unknown id and for the id of another owner's media. */
export function notFound(id: string): AppError {
  return new AppError('not_found', `You have no media "${id}".`);
}

/** The media was announced, and its work has not begun: its bytes may still be on their way. */
export function awaitsBytes({
  status,
  object,
  staging_object,
}: Pick<MediaRecord, 'status' | 'object' | 'staging_object'>): boolean {
  return status === 'pending' && object === null && staging_object !== null;
}

/** The work may begin as soon as the bytes are there. A document of an earlier version has no state. */
export function isAnnounced(record: MediaRecord): boolean {
  return awaitsBytes(record) && (record.queue_state ?? 'announced') === 'announced';
}

export function sizeDiffers(
  { file_name, size }: Pick<MediaRecord, 'file_name' | 'size'>,
  arrived: number,
): AppError {
  return new AppError(
    'upload_size_differs',
    `"${file_name}" was announced with ${size} bytes, and ${arrived} arrived. Send it again.`,
  );
}
