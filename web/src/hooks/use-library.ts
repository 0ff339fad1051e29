/** Actions of a user on many media at once. */
import { useMemo } from 'react';
import {
  type Deleted,
  type EditMedia,
  type LibraryClient,
  libraryOf,
  type MediaClient,
  type Restored,
} from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';
import type { MediaCache } from './store.ts';

/** Returned by `useLibrary`. Its functions throw `MediaClientError`s. */
export interface Library extends Pick<LibraryClient, 'bin' | 'exportAs' | 'download'> {
  /** Moves media to the bin, or erases them. */
  remove: (
    ids: readonly string[],
    options?: {
      /** True: erases the media at once, also from the bin. They cannot be brought back. */
      permanently?: boolean | undefined;
      /** True: leaves media outside the bin, perhaps brought back, as they are, and answers `not_found`. */
      onlyBinned?: boolean | undefined;
    },
  ) => Promise<Deleted>;
  /** Brings media back from the bin. */
  restore: (ids: readonly string[]) => Promise<Restored>;
  /** Replaces the model's title, summary or tags by the user's own; `null` brings the model's back. */
  edit: (id: string, words: EditMedia) => Promise<void>;
}

/**
 * Functions for many media. All hooks of the same client, and all tabs that share news, show the change at once.
 * @example
 * const { restore } = useLibrary();
 * const undo = () => restore(ids).catch(show);
 */
export function useLibrary(): Library {
  const client = useMediaClient();
  const store = useMediaCache();
  return useMemo(() => libraryFor(client, store), [client, store]);
}

/** Makes the functions of `useLibrary` for code that is not a hook. */
export function libraryFor(client: MediaClient, store: MediaCache): Library {
  const library = libraryOf(client);
  return {
    ...library,
    async remove(ids, options) {
      const answer = await library.remove(ids, options);
      for (const id of answer.media_ids) store.drop(id);
      // Media that are not in the bin may be in the library.
      for (const { code, media_id } of options?.onlyBinned ? [] : answer.failed)
        if (code === 'not_found') store.drop(media_id);
      return answer;
    },
    async restore(ids) {
      const answer = await library.restore(ids);
      store.bringBack(...answer.media);
      return answer;
    },
    edit: async (id, words) => store.tell(await library.edit(id, words)),
  };
}
