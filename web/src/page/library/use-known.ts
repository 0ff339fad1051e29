/** The states of the media that the browser remembers. */
import { MAX_IDS } from '@media-analysis/shared/stream';
import { useEffect, useRef } from 'react';
import { libraryOf } from '../../client/index.ts';
import { useMediaCache, useMediaClient } from '../../hooks/context.ts';

/** Most are told by a stream before. */
const LOOK_MS = 1_000;

/**
 * Asks for what no stream has told: the watch of unfinished media covers some of them only, and until all are known the bar counts
 * what it had counted before.
 */
export function useKnown(ids: readonly string[]): void {
  const client = useMediaClient();
  const cache = useMediaCache();
  const wanted = useRef(ids);
  useEffect(() => {
    wanted.current = ids;
  }, [ids]);
  useEffect(() => {
    const ends = new AbortController();
    let isAsking = false;
    const ask = async () => {
      const unknown = wanted.current.filter((id) => !cache.get(id) && !cache.isGone(id));
      const some = unknown.slice(0, MAX_IDS);
      if (some.length === 0 || document.visibilityState !== 'visible') return;
      const states = await libraryOf(client).get(some, { signal: ends.signal });
      const found = new Set(states.map(({ id }) => id));
      for (const media of states) cache.tell(media);
      for (const id of some) if (!found.has(id) && !cache.get(id)) cache.drop(id);
    };
    const look = async () => {
      if (isAsking) return;
      isAsking = true;
      await ask().catch(() => undefined);
      isAsking = false;
    };
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => {
      ends.abort();
      clearInterval(timer);
    };
  }, [client, cache]);
}
