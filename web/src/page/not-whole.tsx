/**
 * Parts of the page are loaded when they are needed. After a release those of an older page are gone from the server, and Chromium
 * does not ask again for one that has failed once, as without a line: such a page needs a reload.
 */
import { useEffect, useState } from 'react';
import { AlertIcon } from '../components/icons.tsx';
import { useWords } from '../components/words/index.ts';
import { notWholeWordsFor } from './not-whole-words.ts';

const AGAIN_MS = 5_000;

/** Loads what sends files before it is needed, and says when the page needs a reload. */
export function NotWhole() {
  const words = notWholeWordsFor(useWords().language);
  const [isNotWhole, setIsNotWhole] = useState(false);
  useEffect(() => {
    const ends = new AbortController();
    const { signal } = ends;
    const look = () => {
      needsReload(signal).then((is) => is && setIsNotWhole(true), reportError);
    };
    addEventListener('vite:preloadError', look, { signal, once: true });
    void loadSending();
    return () => ends.abort();
  }, []);
  if (!isNotWhole) return null;
  return (
    <div className="ma-notice" role="alert">
      <AlertIcon />
      <p>{words.notWhole}</p>
      <button type="button" className="ma-button" onClick={() => location.reload()}>
        {words.reload}
      </button>
    </div>
  );
}

/** @returns whether all of it is there */
async function loadSending(): Promise<boolean> {
  const parts = await Promise.allSettled([
    import('../client/analyze.ts'),
    import('../client/changed-files.ts'),
    import('../client/send-frames.ts'),
    import('../client/watch.ts'),
    import('../hooks/kept-uploads.ts'),
    import('./notices.tsx'),
  ]);
  return parts.every(({ status }) => status === 'fulfilled');
}

/** Waits for the server: without it, nothing helps. */
async function needsReload(signal: AbortSignal): Promise<boolean> {
  while (!signal.aborted) {
    const answer = await fetch('/', { cache: 'no-store' }).catch(() => undefined);
    if (answer?.ok) return !isOwn(await answer.text()) || !(await loadSending());
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  return false;
}

/** Whether the server's page begins with the same script as this one. */
function isOwn(page: string): boolean {
  const script = document.querySelector('script[type=module]')?.getAttribute('src');
  return script == null || page.includes(script);
}
