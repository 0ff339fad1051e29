import type { CutFrames } from './frames.ts';

/**
 * Cuts up to eight frames from a video, by WebCodecs or by a hidden player; for `MediaClientOptions.cutFrames`. Its code is
 * loaded with the first video.
 * @example
 * import { createMediaClient, cutVideoFrames } from '@media-analysis/client';
 *
 * const client = createMediaClient({ cutFrames: cutVideoFrames });
 * const { media } = await client.analyze(files);
 * show(media.map(({ frames }) => frames?.length ?? 0));
 */
export const cutVideoFrames: CutFrames = async (file, signal) => {
  const { cutFrames } = await import('./cut-frames.ts');
  return cutFrames(file, signal);
};
