/** Opens files in this very process: for tests that are about something else, and of files that are known. */
import { bareVideo, writeBareVideo } from '../../functions/inspect/bare-video.ts';
import { inspectMedia } from '../../functions/inspect/index.ts';
import type { FileInspector } from '../../functions/inspect/inspector.ts';

export const inProcess: FileInspector = {
  prepare: () => undefined,
  inspect: (content, fileName, _ownerId, options) => inspectMedia(content, fileName, options),
  bareVideo,
  writeBareVideo: (video, _ownerId, write, signal) => writeBareVideo(video, write, signal),
};
