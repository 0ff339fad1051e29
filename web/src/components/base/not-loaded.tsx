/** In place of a picture or a video whose file does not come. */

import { useWords } from '../words/index.ts';
import { useViewWords } from '../words/view.ts';
import { ErrorNotice } from './error-notice.tsx';

interface NotLoadedProps {
  /** Why; undefined: the browser does not tell. */
  error: unknown;
  onRetry: () => void;
}

export function NotLoaded({ error, onRetry }: NotLoadedProps) {
  const { tryAgain } = useWords();
  const { unloaded } = useViewWords();
  return (
    <div className="ma-unloaded">
      <ErrorNotice error={error} what={unloaded}>
        <button type="button" className="ma-button" onClick={onRetry}>
          {tryAgain}
        </button>
      </ErrorNotice>
    </div>
  );
}
