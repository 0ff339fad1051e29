/** One progress bar for the whole way of a file: sending, storing, analysing. */
import { PROGRESS } from '@media-analysis/shared/status';
import type { Media } from '../client/index.ts';
import { type Upload, USUAL_SENDING } from './uploads.ts';

/** Of what the server does, storing takes about this part of the time. Its own progress gives it one half. */
const STORING = 0.1;

/**
 * How far a file has come, 0 to 1, from the first byte sent to the end of its analysis. The number never
 * falls within an attempt.
 * @param upload From `useAnalyzeMedia`; undefined for a media that was sent earlier.
 * @param media Its newest state; undefined while the file is not accepted.
 * @example
 * ```tsx
 * import { overallProgress, useAnalyzeMedia, useMediaAnalysisSSE } from '@media-analysis/react';
 *
 * export function Bars() {
 *   const { uploads, mediaIds } = useAnalyzeMedia();
 *   const { media } = useMediaAnalysisSSE(mediaIds);
 *   return uploads.map((upload) => (
 *     <progress key={upload.key} value={overallProgress(upload, media.get(upload.mediaId ?? ''))} />
 *   ));
 * }
 * ```
 */
export function overallProgress(upload: Upload | undefined, media: Media | undefined): number {
  const sending = upload?.sendingShare ?? USUAL_SENDING;
  if (media) return sending + (1 - sending) * timeShare(media.progress);
  if (!upload || upload.file.size === 0) return 0;
  return sending * Math.min(1, upload.sent / upload.file.size);
}

/** The bar of a file follows time: analysing takes most of it. */
function timeShare(progress: number): number {
  const { stored, done } = PROGRESS;
  if (progress < stored) return (progress / stored) * STORING;
  return STORING + ((progress - stored) / (done - stored)) * (1 - STORING);
}

/**
 * What is happening to a file, from its choice to its result.
 * - `sending`: the browser sends its bytes
 * - `paused`: the user has paused sending
 * - `stopped`: the user has stopped sending it
 * - `missing`: not all of its bytes have arrived, and this page does not have them
 * - `waiting`: the media is accepted, and waits for the worker or for its analysis
 * - `storing`: the worker checks the bytes and stores them
 * - `analyzing`: a model describes the media
 * - `completed`: the work is done
 * - `failed`: the file was not accepted, or the work on the media failed
 */
export type Stage =
  | 'sending'
  | 'paused'
  | 'stopped'
  | 'missing'
  | 'waiting'
  | 'storing'
  | 'analyzing'
  | 'completed'
  | 'failed';

/**
 * The stage of a file.
 * @param upload From `useAnalyzeMedia`; undefined for a media that was sent earlier.
 * @param media Its newest state; undefined while the file is not accepted.
 * @example
 * ```ts
 * import { stageOf } from '@media-analysis/react';
 *
 * show(stageOf(undefined, media)); // 'waiting' for a media that is `pending`
 * ```
 */
export function stageOf(upload: Upload | undefined, media: Media | undefined): Stage {
  const status = media?.status;
  switch (status) {
    case undefined:
      if (upload?.state === 'stopped' || upload?.state === 'missing') return upload.state;
      if (upload?.state === 'rejected') return 'failed';
      return upload?.isPaused ? 'paused' : 'sending';
    case 'pending':
      return media?.wait_code === 'no_bytes' ? 'missing' : 'waiting';
    case 'uploading':
      // The media is stored and waits for its analysis.
      return media && media.progress >= PROGRESS.stored ? 'waiting' : 'storing';
    default:
      return status;
  }
}
