import { useWords } from '../words/index.ts';
import { useViewWords } from '../words/view.ts';
import { Button } from './button.tsx';
import { ErrorNotice } from './error-notice.tsx';

interface NotLoadedProps {
  /** Undefined: the browser does not tell why. */
  error: unknown;
  onRetry: () => void;
}

/** Shown in place of a picture or a video that could not be loaded. */
export const NotLoaded = ({ error, onRetry }: NotLoadedProps) => (
  <div className="ma-unloaded">
    <ErrorNotice error={error} what={useViewWords().unloaded}>
      <Button onClick={onRetry}>{useWords().tryAgain}</Button>
    </ErrorNotice>
  </div>
);
