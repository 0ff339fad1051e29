/** Where moderation takes part in the life of a media. */
import { AppError } from '@media-analysis/shared/errors';
import type { Feature } from '../../core/media/moments.ts';
import type { ModerationStore } from './store.ts';
import {
  type ModerationMode,
  refuseWithheld,
  showsFrames,
  verdictOf,
  withheldOf,
} from './withheld.ts';

export function moderationShown(mode: ModerationMode): Feature {
  return {
    name: 'moderation',
    shown: (record, media) => {
      const held = withheldOf(record, mode);
      const { frames, ...others } = media;
      return {
        ...others,
        ...(frames && showsFrames(mode) && { frames }),
        ...(held && { held }),
      };
    },
    serving: (record, which) => {
      refuseWithheld(record, mode);
      if (which === 'original' || !record.frames || showsFrames(mode)) return;
      throw new AppError(
        'media_held',
        `The frames of "${record.file_name}" are what its sender has chosen, and nobody has compared them with the video: they are not shown here. Play the video.`,
      );
    },
  };
}

/** Writes the verdict before the description, so that no copy is served that was found to be unsafe. */
export function moderationInWorker(store: Pick<ModerationStore, 'judge'>): Feature {
  return {
    name: 'moderation',
    asking: async ({ record }) => ({
      answered: (analytics, signal) => store.judge(record, verdictOf(analytics), signal),
    }),
  };
}

/**
 * A description from a time without moderation may say `unsafe`, and no verdict knows it. So the verdict is written first, as for a
 * new analysis: copies follow, an operator finds it, and a crash leaves nothing visible. Any other description may say less than is
 * known, so it does not replace the description of a withheld media.
 */
export function moderationOfRestored(store: Pick<ModerationStore, 'judge'>): Feature {
  return {
    name: 'moderation',
    restoring: async (record, { safety }) => {
      if (safety.verdict !== 'unsafe') return (present) => refuseWithheld(present, 'hold');
      await store.judge(record, 'unsafe');
      return () => undefined;
    },
  };
}
