import { useWords } from '../words/index.ts';
import { useViewWords } from '../words/view.ts';
import { Button } from './button.tsx';
import { ErrorNotice } from './error-notice.tsx';

interface NotLoadedProps {
  /** Why; undefined: the browser does not tell. */
  error: unknown;
  onRetry: () => void;
}

/** In place of a picture or a video whose file does not come. */
export const NotLoaded = ({ error, onRetry }: NotLoadedProps) => (
  <div className="ma-unloaded">
    <ErrorNotice error={error} what={useViewWords().unloaded}>
      <Button onClick={onRetry}>{useWords().tryAgain}</Button>
    </ErrorNotice>
  </div>
);
