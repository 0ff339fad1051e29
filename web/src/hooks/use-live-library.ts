/** Shows changes of the user's media on other devices. */
import { useEffect, useRef } from 'react';
import { libraryOf } from '../client/index.ts';
import { useMediaCache, useMediaClient } from './context.ts';
import { LiveLibrary } from './live-library.ts';
import type { Upload } from './uploads.ts';
import type { MediaListState } from './use-media-pages.ts';
import { whileActive } from './while-active.ts';

const NONE: readonly Upload[] = [];

/**
 * Shows media that other devices of the user send, delete, bring back and edit, within about two seconds, in all hooks of the
 * same client. It holds a stream, and so an instance of the service, open only while the page is visible and was used in the last
 * five minutes, or a media is unfinished. Where streams are blocked, it reads the list every half minute and when the user comes
 * back. Use it once.
 * @param list from `useMediaList`
 * @param uploads from `useAnalyzeMedia`, so that files that are being sent here are not shown twice
 * @example
 * ```tsx
 * import { useLiveLibrary, useMediaAnalysisSSE, useMediaList } from '@media-analysis/react';
 *
 * export function Gallery() {
 *   const list = useMediaList();
 *   useLiveLibrary(list);
 *   const { media } = useMediaAnalysisSSE(list.ids);
 *   return list.ids.map((id) => <p key={id}>{media.get(id)?.file_name}</p>);
 * }
 * ```
 */
export function useLiveLibrary(
  { ids, hasMore }: Pick<MediaListState, 'ids' | 'hasMore'>,
  uploads: readonly Upload[] = NONE,
): void {
  const client = useMediaClient();
  const cache = useMediaCache();
  const known = useRef({ ids, hasMore, uploads });
  const live = useRef<LiveLibrary>(undefined);
  useEffect(() => {
    known.current = { ids, hasMore, uploads };
    live.current?.know(ids, hasMore, uploads);
  }, [ids, hasMore, uploads]);
  useEffect(() => {
    const ends = new AbortController();
    const { signal } = ends;
    const library = new LiveLibrary(client, cache, signal);
    live.current = library;
    library.know(known.current.ids, known.current.hasMore, known.current.uploads);
    const calls = libraryOf(client);
    let since: string | undefined;
    let isThrough = false;
    const follow = async (stop: AbortSignal) => {
      const updates = calls.watch({
        signal: stop,
        since,
        onSince: (time) => {
          since = time;
        },
        onConnection: (connection) => {
          if (connection === 'live') library.begin();
          if (connection !== 'connecting') isThrough = connection === 'live';
        },
      });
      for await (const update of updates) library.take(update);
    };
    const open = (stop: AbortSignal) => {
      // It was aborted.
      follow(stop).catch(() => undefined);
    };
    whileActive(open, () => library.isBusy, signal);
    const comeBack = () => {
      if (!isThrough && document.visibilityState === 'visible') library.look();
    };
    for (const event of ['focus', 'online', 'visibilitychange'])
      addEventListener(event, comeBack, { signal });
    return () => ends.abort();
  }, [client, cache]);
}
