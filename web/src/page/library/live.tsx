import { MAX_IDS } from '@media-analysis/shared/stream';
import { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { libraryOf } from '../../client/index.ts';
import { CloseIcon } from '../../components/base/icons.tsx';
import { useWords } from '../../components/words/index.ts';
import { useMediaCache, useMediaClient } from '../../hooks/context.ts';
import type { MediaListState, Upload } from '../../hooks/index.ts';
import { useLiveLibrary } from '../../hooks/live-library.ts';
import { manyWordsFor } from '../selecting/many-words.ts';
import { useBackCloses } from '../shell/use-back-closes.ts';

export interface LiveProps {
  list: MediaListState;
  uploads: readonly Upload[];
  /** Ids of the media that the browser remembers. */
  remembered: readonly string[];
  /** Takes a file that is being sent off the list. */
  onDismiss: (key: string) => void;
}

const ignore = () => undefined;

/** Shows what other devices do, and stops sending what they have deleted. */
export function Live({ list, uploads, remembered, onDismiss }: LiveProps) {
  useLiveLibrary(list, uploads);
  useRemembered(remembered);
  // A view closed by a reload left a history entry. The hook removes it.
  useBackCloses(false, ignore);
  const cache = useMediaCache();
  const { language } = useWords();
  const [stopped, setStopped] = useState<readonly string[]>([]);
  useEffect(() => {
    const stop = () => {
      for (const { key, file, state, announcedId, error, isElsewhere } of uploads) {
        // A file that was sent to its end is gone like any other media. The client removes what the user has stopped.
        if (isElsewhere || !announcedId || state === 'accepted' || state === 'stopped') continue;
        // A page that was hidden learns of it from the service's answer, after all bytes are sent.
        if (error?.code === 'not_found') cache.drop(announcedId);
        if (!cache.isGone(announcedId)) continue;
        onDismiss(key);
        setStopped((names) => [...names, file.name]);
      }
    };
    stop();
    return cache.subscribe(stop);
  }, [cache, uploads, onDismiss]);
  // Above the other notices at the bottom of the window.
  const stack = document.querySelector('.ma-many-stack');
  if (stopped.length === 0 || !stack) return null;
  return createPortal(
    <section className="ma-many-undo">
      <p role="status">{wordsOf(stopped, language)}</p>
      <button
        type="button"
        className="ma-button"
        data-kind="icon"
        aria-label={manyWordsFor(language).dismiss}
        onClick={() => setStopped([])}
      >
        <CloseIcon />
      </button>
    </section>,
    stack,
  );
}

function wordsOf(names: readonly string[], language: string): string {
  const { length } = names;
  if (language === 'ja') {
    const files = length === 1 ? names[0] : `${length}件のファイル`;
    return `${files}は、ほかのタブまたは端末で削除されたため、アップロードを中止しました。`;
  }
  return length === 1
    ? `${names[0]} was deleted on another tab or device, so its upload was stopped.`
    : `${length} files were deleted on another tab or device, so their upload was stopped.`;
}

/** Before this, a stream reports most states. */
const LOOK_MS = 1_000;

/** Asks for states that no stream told: it covers some unfinished media only. Until then the bar counts as before. */
function useRemembered(ids: readonly string[]): void {
  const client = useMediaClient();
  const cache = useMediaCache();
  const wanted = useRef(ids);
  useEffect(() => {
    wanted.current = ids;
  }, [ids]);
  useEffect(() => {
    const ends = new AbortController();
    let isAsking = false;
    const look = async () => {
      const unknown = wanted.current.filter((id) => !cache.get(id) && !cache.isGone(id));
      const some = unknown.slice(0, MAX_IDS);
      if (isAsking || some.length === 0 || document.visibilityState !== 'visible') return;
      isAsking = true;
      const { signal } = ends;
      const states = await libraryOf(client)
        .get(some, { signal })
        .catch(() => undefined);
      isAsking = false;
      for (const media of states ?? []) cache.tell(media);
      const found = new Set(states?.map(({ id }) => id));
      for (const id of states ? some : []) if (!found.has(id) && !cache.get(id)) cache.drop(id);
    };
    const timer = setInterval(() => void look(), LOOK_MS);
    return () => {
      ends.abort();
      clearInterval(timer);
    };
  }, [client, cache]);
}
