/**
 * Parts of the page are loaded when they are needed, and loaded again if that failed while offline. After a release the server no
 * longer has the parts of an older page: such a page needs a reload.
 */
import { useEffect, useState } from 'react';
import { AlertIcon } from '../../components/base/icons.tsx';
import { useWords } from '../../components/words/index.ts';
import { retryImport } from '../../hooks/retry-import.ts';
import { loadFailureWordsFor } from './load-failure-words.ts';

const AGAIN_MS = 5_000;
/** A part may fail this often although the server answers: the connection may have broken just then. */
const TRIES = 3;

/** Loads what sends files before it is needed, and says when the page needs a reload. */
export function LoadFailure() {
  const words = loadFailureWordsFor(useWords().language);
  const [isPartMissing, setIsPartMissing] = useState(false);
  useEffect(() => {
    const ends = new AbortController();
    const { signal } = ends;
    let isLooking = false;
    const look = async () => {
      if (isLooking) return;
      isLooking = true;
      setIsPartMissing(await needsReload(signal));
      isLooking = false;
    };
    addEventListener('vite:preloadError', () => void look().catch(reportError), { signal });
    retryImport(loadSending, { signal }).catch(() => undefined);
    return () => ends.abort();
  }, []);
  if (!isPartMissing) return null;
  return (
    <div className="ma-notice" role="alert">
      <AlertIcon />
      <p>{words.partMissing}</p>
      <button type="button" className="ma-button" onClick={() => location.reload()}>
        {words.reload}
      </button>
    </div>
  );
}

const loadSending = () =>
  Promise.all([
    import('../../client/analyze.ts'),
    import('../../client/cut-frames.ts'),
    import('../../client/watch.ts'),
    import('../../components/base/shrink.ts'),
    // Over a slow line it would come behind the first files.
    import('../sending/notices.tsx'),
  ]);

/** Waits for the server: without it, nothing helps. */
async function needsReload(signal: AbortSignal): Promise<boolean> {
  let tries = 0;
  while (!signal.aborted && tries < TRIES) {
    const answer = await fetch('/', { cache: 'no-store' }).catch(() => undefined);
    const page = answer?.ok ? await answer.text().catch(() => '') : '';
    if (page !== '') {
      if (!isOwn(page)) return true;
      const isWhole = await loadSending().then(
        () => true,
        () => false,
      );
      if (isWhole) return false;
      tries++;
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  return !signal.aborted;
}

/** Whether the server's page begins with the same scripts as this one. */
function isOwn(page: string): boolean {
  const scripts = [...document.querySelectorAll('script[type=module]')];
  return scripts.every((script) => page.includes(script.getAttribute('src') ?? ''));
}
