/** One bar for the whole way of a file: sending, storing, analysing. */
import { PROGRESS } from '@media-analysis/shared/status';
import type { Media } from '../client/index.ts';
import type { Upload } from './uploads.ts';

/** Share of the bar that is sending; the rest is the server's own progress. */
const SENDING = 0.3;

/** 0 to 1; never falls within an attempt. */
export function overallProgress(upload: Upload | undefined, media: Media | undefined): number {
  if (media) return SENDING + (1 - SENDING) * media.progress;
  if (!upload || upload.file.size === 0) return 0;
  return SENDING * Math.min(1, upload.sent / upload.file.size);
}

export type Stage = 'sending' | 'waiting' | 'storing' | 'analyzing' | 'completed' | 'failed';

/** What is happening to a file, in one word. */
export function stageOf(upload: Upload | undefined, media: Media | undefined): Stage {
  const status = media?.status;
  switch (status) {
    case undefined:
      return upload?.state === 'rejected' ? 'failed' : 'sending';
    case 'pending':
      return 'waiting';
    case 'uploading':
      // It is stored, and its turn to be analysed has not come.
      return media && media.progress >= PROGRESS.stored ? 'waiting' : 'storing';
    default:
      return status;
  }
}
