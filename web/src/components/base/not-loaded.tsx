import { useEffect } from 'react';
import { useWords } from '../words/index.ts';
import { useViewWords } from '../words/view.ts';
import { Button } from './button.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { useIsOffline } from './in-browser.ts';

interface NotLoadedProps {
  /** Undefined: the browser does not tell why. */
  error: unknown;
  onRetry: () => void;
}

/** Shown in place of a picture or a video that could not be loaded. */
export function NotLoaded({ error, onRetry }: NotLoadedProps) {
  const { outage, tryAgain } = useWords();
  const { unloaded } = useViewWords();
  const isOffline = useIsOffline();
  useEffect(() => {
    addEventListener('online', onRetry);
    return () => removeEventListener('online', onRetry);
  }, [onRetry]);
  return (
    <div className="ma-unloaded">
      {isOffline ? (
        <p className="ma-notice" role="alert">
          {outage.offline}
        </p>
      ) : (
        <ErrorNotice error={error} what={unloaded}>
          <Button onClick={onRetry}>{tryAgain}</Button>
        </ErrorNotice>
      )}
    </div>
  );
}
