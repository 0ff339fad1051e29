/** Where moderation takes part in the life of a media. */
import { AppError } from '@media-analysis/shared/errors';
import type { Feature } from '../../core/media/moments.ts';
import { heldOf, type ModerationMode, refuseHeld, showsFrames, verdictOf } from './held.ts';
import type { ModerationStore } from './moderation.ts';

/** For each unit that shows media, or hands out their bytes. */
export function moderationShown(mode: ModerationMode): Feature {
  return {
    name: 'moderation',
    shown: (record, media) => {
      const held = heldOf(record, mode);
      const { frames, ...others } = media;
      return {
        ...others,
        ...(frames && showsFrames(mode) && { frames }),
        ...(held && { held }),
      };
    },
    serving: (record, which) => {
      refuseHeld(record, mode);
      if (which === 'original' || !record.frames || showsFrames(mode)) return;
      throw new AppError(
        'media_held',
        `The frames of "${record.file_name}" are what its sender has chosen, and nobody has compared them with the video: they are not shown here. Play the video.`,
      );
    },
  };
}

/** A verdict is written before the description: so no copy is served meanwhile that was found to be unsafe. */
export function moderationInWorker(store: Pick<ModerationStore, 'judge'>): Feature {
  return {
    name: 'moderation',
    asking: async ({ record }) => ({
      answered: (analytics, signal) => store.judge(record, verdictOf(analytics), signal),
    }),
  };
}
