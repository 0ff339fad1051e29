/** Pictures of a video that are sent along with it. A service whose model looks at pictures only has nothing else to look at. */
import { isSaidToBePhoto } from '@media-analysis/shared/accepted';
import { MAX_FRAME_BYTES, MAX_FRAMES } from '@media-analysis/shared/frames';
import type { Clock } from './clock.ts';

/** Pictures that were cut from a video. */
export interface VideoFrames {
  /** When each of them is seen, in seconds from the start of the video. They rise. */
  times: readonly number[];
  /** A JPEG of at most 300,000 bytes for each of `times`; up to eight. */
  pictures: readonly Blob[];
  /** Which of them is shown in place of the video, from 0. */
  poster: number;
}

/**
 * Cuts pictures from a video.
 * @returns null if it cannot, for example because the browser does not play this video
 */
export type CutFrames = (file: File, signal: AbortSignal) => Promise<VideoFrames | null>;

export interface FramesDeps {
  clock: Clock;
  /** Absent: videos are sent without frames. */
  cutFrames?: CutFrames | undefined;
}

/** How long a video that has arrived waits for its frames, in milliseconds. */
const LATE_MS = 10_000;

/** Whether frames are cut from a file. */
export function isVideo({ name, type }: File): boolean {
  return !isSaidToBePhoto(name, type);
}

/** Begins to cut frames, and never fails. Call `end` when the bytes of the video have arrived. */
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
