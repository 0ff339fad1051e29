/** Pictures of a video that are sent along with it, for services whose model accepts pictures only. */
import { isSaidToBePhoto } from '@media-analysis/shared/accepted';
import type { Clock } from './clock.ts';

/** Pictures that were cut from a video. */
export interface VideoFrames {
  /** The time of each picture in the video, in seconds, rising. */
  times: readonly number[];
  /** A JPEG of at most 300,000 bytes for each time; up to eight. */
  pictures: readonly Blob[];
  /** Index of the picture that is shown as the preview, from 0. */
  poster: number;
}

/**
 * Cuts pictures from a video.
 * @returns null if that fails, for example because the browser does not play this video
 */
export type CutFrames = (file: File, signal: AbortSignal) => Promise<VideoFrames | null>;

/**
 * Cuts up to eight frames from a video, by WebCodecs or by a hidden player; for `MediaClientOptions.cutFrames`. Its code is
 * loaded with the first video.
 * @example
 * import { createMediaClient, cutVideoFrames } from '@media-analysis/client';
 *
 * const client = createMediaClient({ cutFrames: cutVideoFrames });
 */
export const cutVideoFrames: CutFrames = async (file, signal) => {
  const { cutFrames } = await import('./cut-frames.ts');
  return cutFrames(file, signal);
};

/** How long a video waits for its frames after it has arrived, in milliseconds. */
const LATE_MS = 10_000;

export function isVideo({ name, type }: File): boolean {
  return !isSaidToBePhoto(name, type);
}

/** Starts cutting frames, and never fails. Call `end` when the bytes of the video have arrived. */
export function startCutting(file: File, clock: Clock, cutFrames: CutFrames | undefined) {
  if (!cutFrames || !isVideo(file)) return undefined;
  const stop = new AbortController();
  const cutting = cutFrames(file, stop.signal).catch(() => null);
  return {
    stop: () => stop.abort(),
    /** @returns null without frames, or if the frames come too late */
    end(): Promise<VideoFrames | null> {
      let cancel = () => {};
      const late = new Promise<null>((resolve) => {
        cancel = clock.after(LATE_MS, () => resolve(null));
      });
      return Promise.race([cutting, late]).finally(() => {
        cancel();
        stop.abort();
      });
    },
  };
}
