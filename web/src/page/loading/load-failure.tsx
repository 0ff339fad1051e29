/**
 * Parts of the page are loaded when needed, and again if that failed while offline. After a release the server no
 * longer has the parts of an older page: such a page needs a reload.
 */
import { useEffect, useState } from 'react';
import { Button } from '../../components/base/button.tsx';
import { AlertIcon } from '../../components/base/icons.tsx';
import { useWords } from '../../components/words/index.ts';
import { retryImport } from '../../hooks/retry-import.ts';

const en = {
  partMissing:
    'A part of this page could not be loaded. Reload the page, and choose again what was not sent.',
  reload: 'Reload',
};

const ja: typeof en = {
  partMissing:
    'ページの一部を読み込めませんでした。再読み込みして、送信されていないファイルをもう一度選択してください。',
  reload: '再読み込み',
};

/** Loads the code that sends files before it is needed, and says when the page needs a reload. */
export function LoadFailure() {
  const words = useWords().language === 'ja' ? ja : en;
  const [isPartMissing, setIsPartMissing] = useState(false);
  useEffect(() => {
    const ends = new AbortController();
    const { signal } = ends;
    const look = () => isOutdated().then((is) => is && setIsPartMissing(true), nothing);
    addEventListener('vite:preloadError', look, { signal });
    retryImport(loadSending, { signal }).catch(nothing);
    return () => ends.abort();
  }, []);
  if (!isPartMissing) return null;
  return (
    <div className="ma-notice" role="alert">
      <AlertIcon />
      <p>{words.partMissing}</p>
      <Button onClick={() => location.reload()}>{words.reload}</Button>
    </div>
  );
}

const loadSending = () =>
  Promise.all([
    import('../../client/analyze.ts'),
    import('../../client/cut-frames.ts'),
    import('../../client/watch.ts'),
    import('../../components/base/shrink.ts'),
    // On a slow connection it would arrive after the first files.
    import('../sending/notices.tsx'),
  ]);

const nothing = () => undefined;

/** Whether the server's page begins with other scripts now. Without an answer, no: the part is asked for again. */
async function isOutdated(): Promise<boolean> {
  const answer = await fetch('/', { cache: 'no-store' });
  if (!answer.ok) return false;
  const page = await answer.text();
  const scripts = [...document.querySelectorAll('script[type=module]')];
  return !scripts.every((script) => page.includes(script.getAttribute('src') ?? ''));
}
