import { type CutFrames, cutVideoFrames } from '../../client/index.ts';
import { retryImport } from '../../hooks/retry-import.ts';

/** A video that has arrived waits ten seconds for its frames. */
const MOST_MS = 4_000;

/** Cuts frames from a video as soon as what cuts them is there: a line that is down for a moment must not cost them. */
export const cutFrames: CutFrames = async (file, signal) => {
  await retryImport(() => import('../../client/cut-frames.ts'), { signal, mostMs: MOST_MS });
  return cutVideoFrames(file, signal);
};
