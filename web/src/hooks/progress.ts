/** One progress bar for all steps of a file: sending, storing, analysing. */
import { PROGRESS } from '@media-analysis/shared/status';
import type { Media } from '../client/index.ts';
import type { Upload } from './uploads/list.ts';

/** A usual line sends this many bytes in the time of the work on a photo. */
const BYTES_DURING_WORK = 12_000_000;
const LEAST_SENDING = 0.15;
/** Storing takes about this part of the server's time. In the server's own progress, storing is one half. */
const STORING = 0.1;

/**
 * How far a file has come, 0 to 1, from the first byte sent to the end of its analysis. The number never falls within an attempt.
 * @param upload from `useAnalyzeMedia`; undefined for a media that was sent earlier
 * @param media its newest state; undefined while the file is not accepted
 * @example
 * export const Bar = () => <progress value={overallProgress(undefined, media)} />;
 */
export function overallProgress(upload: Upload | undefined, media: Media | undefined): number {
  if (media) return 1 - (1 - sendingShare(media.size)) * (1 - timeShare(media.progress));
  // A browser looks a file up on disk when its size is first asked for.
  if (!upload || upload.sent === 0 || upload.file.size === 0) return 0;
  return sendingShare(upload.file.size) * Math.min(1, upload.sent / upload.file.size);
}

/** The part of a file's time that sending takes. It depends only on the size, which each page and device knows. */
const sendingShare = (size: number): number =>
  Math.max(LEAST_SENDING, size / (size + BYTES_DURING_WORK));

/** The bar follows time, and analysing takes most of it. */
function timeShare(progress: number): number {
  const { stored, done } = PROGRESS;
  if (progress < stored) return (progress / stored) * STORING;
  return STORING + ((progress - stored) / (done - stored)) * (1 - STORING);
}

/**
 * The stage of a file, from its choice to its result.
 * - `sending`: the browser sends its bytes
 * - `paused`, `stopped`: the user has paused or stopped sending it
 * - `missing`: not all of its bytes have arrived, and this page does not have them
 * - `waiting`: the media is accepted, and waits for the worker or for its analysis
 * - `storing`: the worker checks the bytes and stores them
 * - `analyzing`: a model describes the media
 * - `completed`: the work is done
 * - `failed`: the file was not accepted, or the work on the media failed
 */
export type Stage =
  | Exclude<Upload['state'], 'accepted' | 'rejected'>
  | Exclude<Media['status'], 'pending' | 'uploading'>
  | 'paused'
  | 'waiting'
  | 'storing';

/**
 * Finds the stage of a file.
 * @param upload from `useAnalyzeMedia`; undefined for a media that was sent earlier
 * @param media its newest state; undefined while the file is not accepted
 * @example
 * show(stageOf(undefined, media)); // 'waiting' for a media that is `pending`
 */
export function stageOf(upload: Upload | undefined, media: Media | undefined): Stage {
  if (!media) {
    if (upload?.state === 'stopped' || upload?.state === 'missing') return upload.state;
    if (upload?.state === 'rejected') return 'failed';
    return upload?.isPaused ? 'paused' : 'sending';
  }
  const { status, wait_code, progress } = media;
  if (status === 'pending') return wait_code === 'no_bytes' ? 'missing' : 'waiting';
  // A stored media waits for its analysis.
  if (status === 'uploading') return progress >= PROGRESS.stored ? 'waiting' : 'storing';
  return status;
}

/** Counts of a batch of files and media. */
export interface BatchSummary {
  /** Number of items in the batch. */
  total: number;
  /** Number of completed items. */
  ready: number;
  /** Number of failed or rejected items. */
  failed: number;
  /** The mean progress of all items, 0 to 1. An item that completed or failed counts as 1. */
  progress: number;
  /** Number of files that the user has stopped; by default none. They are not among the items. */
  stopped?: number;
}

/** The remaining time as a range, since nobody knows it exactly. */
export interface TimeLeft {
  /** In seconds, at least. */
  from: number;
  /** In seconds, at most. */
  to: number;
}

/** True if the item does not change any more by itself. */
export const isOver = ({ stage }: { stage: Stage }): boolean =>
  stage === 'completed' || stage === 'failed' || stage === 'stopped';

/**
 * Counts a batch for `UploadProgress`. Files that the user has stopped are not counted.
 * @param unknown number of further items whose states are not known yet
 * @example
 * const { ready, total } = summaryOf([{ upload: undefined, media }]);
 */
export function summaryOf(
  items: readonly {
    /** From `useAnalyzeMedia`; undefined for a media that was sent earlier. */
    upload: Upload | undefined;
    /** Its newest state; undefined while the file is not accepted. */
    media: Media | undefined;
  }[],
  unknown = 0,
): BatchSummary {
  const counts = { total: unknown, ready: 0, failed: 0, progress: 0, stopped: 0 };
  for (const { upload, media } of items) {
    const stage = stageOf(upload, media);
    if (stage === 'stopped') {
      counts.stopped++;
      continue;
    }
    counts.total++;
    if (stage === 'completed') counts.ready++;
    if (stage === 'failed') counts.failed++;
    counts.progress += isOver({ stage }) ? 1 : overallProgress(upload, media);
  }
  counts.progress /= counts.total || 1;
  return counts;
}

/** Until this age of an announced media, another tab or device is probably sending its bytes. */
const SENDING_MS = 15 * 60_000;

/** @returns how many more milliseconds another tab or device counts as sending the media, or 0 */
export const remoteSendingMs = ({ created_at }: Pick<Media, 'created_at'>): number =>
  Math.max(0, Date.parse(created_at) + SENDING_MS - Date.now());
