/** Pictures of a video that are sent along with it, for services whose model accepts pictures only. */
import { isSaidToBePhoto } from '@media-analysis/shared/accepted';
import { MAX_FRAME_BYTES, MAX_FRAMES } from '@media-analysis/shared/frames';
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
 * @returns null if it cannot, for example because the browser does not play this video
 */
export type CutFrames = (file: File, signal: AbortSignal) => Promise<VideoFrames | null>;

export interface FramesDeps {
  clock: Clock;
  /** By default videos are sent without frames. */
  cutFrames?: CutFrames | undefined;
}

/** How long a video waits for its frames after it has arrived, in milliseconds. */
const LATE_MS = 10_000;

export function isVideo({ name, type }: File): boolean {
  return !isSaidToBePhoto(name, type);
}

/** Starts cutting frames, and never fails. Call `end` when the bytes of the video have arrived. */
export function startCutting(file: File, { cutFrames, clock }: FramesDeps) {
  if (!cutFrames || !isVideo(file)) return undefined;
  const stop = new AbortController();
  const cutting = cutFrames(file, stop.signal).then(
    (frames) => (frames && isSound(frames) ? frames : null),
    () => null,
  );
  return {
    stop: () => stop.abort(),
    /** @returns null if there are none, or if they come too late */
    async end(): Promise<VideoFrames | null> {
      let cancel = () => {};
      const late = new Promise<null>((resolve) => {
        cancel = clock.after(LATE_MS, () => resolve(null));
      });
      try {
        return await Promise.race([cutting, late]);
      } finally {
        cancel();
        stop.abort();
      }
    },
  };
}

function isSound({ times, pictures }: VideoFrames): boolean {
  const isSmall = pictures.every(({ size }) => size > 0 && size <= MAX_FRAME_BYTES);
  return times.length > 0 && times.length <= MAX_FRAMES && isSmall;
}
