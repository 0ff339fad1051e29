/** What a user does with many media at once. */
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

/** What `useLibrary` returns. */
export interface Library extends Pick<LibraryClient, 'bin' | 'exportAs' | 'download'> {
  /**
   * Moves media to the bin, or erases them.
   * @throws {MediaClientError}
   */
  remove: (
    ids: readonly string[],
    options?: {
      /** True: erased now, also from the bin. Nothing brings them back. */
      permanently?: boolean;
      /** True: what is not in the bin, also because it was brought back, stays as it is, and is `not_found`. */
      onlyBinned?: boolean;
    },
  ) => Promise<Deleted>;
  /**
   * Brings media back from the bin.
   * @throws {MediaClientError}
   */
  restore: (ids: readonly string[]) => Promise<Restored>;
  /**
   * Writes a title or tags of one's own; `null` brings the model's back.
   * @throws {MediaClientError}
   */
  edit: (id: string, words: EditMedia) => Promise<void>;
}

/**
 * Functions for many media. All hooks of the same client, and all tabs that share news, show the change at once.
 * @example
 * ```tsx
 * import { useLibrary } from '@media-analysis/react';
 *
 * export function DeleteAll({ ids, onError }: { ids: string[]; onError: (error: unknown) => void }) {
 *   const { remove, restore } = useLibrary();
 *   return (
 *     <>
 *       <button onClick={() => remove(ids).catch(onError)}>Delete</button>
 *       <button onClick={() => restore(ids).catch(onError)}>Undo</button>
 *     </>
 *   );
 * }
 * ```
 */
export function useLibrary(): Library {
  const client = useMediaClient();
  const store = useMediaCache();
  return useMemo(() => libraryFor(client, store), [client, store]);
}

/** What `useLibrary` returns, for what is no hook. */
export function libraryFor(client: MediaClient, store: MediaCache): Library {
  const library = libraryOf(client);
  return {
    ...library,
    async remove(ids, options) {
      const answer = await library.remove(ids, options);
      for (const id of answer.media_ids) store.drop(id);
      // What is not in the bin may be in the library.
      if (options?.onlyBinned) return answer;
      const gone = answer.failed.filter(({ code }) => code === 'not_found');
      for (const { media_id } of gone) store.drop(media_id);
      return answer;
    },
    async restore(ids) {
      const answer = await library.restore(ids);
      store.bringBack(...answer.media);
      return answer;
    },
    async edit(id, words) {
      store.tell(await library.edit(id, words));
    },
  };
}
