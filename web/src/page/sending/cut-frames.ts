import { type CutFrames, cutVideoFrames } from '../../client/index.ts';
import { retryImport } from '../../hooks/retry-import.ts';

/** A video that has arrived waits ten seconds for its frames. */
const MOST_MS = 4_000;

/** Cuts frames from a video as soon as the code for it is loaded: a short loss of the connection costs none. */
export const cutFrames: CutFrames = async (file, signal) => {
  await retryImport(() => import('../../client/cut-frames.ts'), { signal, mostMs: MOST_MS });
  return cutVideoFrames(file, signal);
};
