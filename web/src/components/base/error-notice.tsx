import type { ReactNode } from 'react';
import { MediaClientError } from '../../client/index.ts';
import { useWords } from '../words/index.ts';
import { AlertIcon } from './icons.tsx';
import { withId } from './with-id.ts';

interface ErrorNoticeProps {
  /** A `MediaClientError` has its own text. For any other value the notice says that something went wrong. */
  error: unknown;
  /** A sentence: what was not done because of the error. */
  what?: string | undefined;
  /** What the user can do, e.g. a button that tries again. */
  children?: ReactNode;
}

/**
 * Shows an error that concerns the whole page.
 * @example
 * ```tsx
 * import { ErrorNotice, useMediaList } from '@media-analysis/react';
 *
 * export function ListError() {
 *   const { error, loadMore } = useMediaList();
 *   if (error === undefined) return null;
 *   return (
 *     <ErrorNotice error={error}>
 *       <button onClick={loadMore}>Try again</button>
 *     </ErrorNotice>
 *   );
 * }
 * ```
 */
export function ErrorNotice({ error, what, children }: ErrorNoticeProps) {
  const words = useWords();
  const known = error instanceof MediaClientError ? error : undefined;
  const { code = null, message = null, status = 0, requestId } = known ?? {};
  return (
    <div className="ma-notice" role="alert">
      <AlertIcon />
      <p>
        {what && <strong>{what} </strong>}
        {withId(words.error(code, message), status >= 500 ? requestId : undefined)}
      </p>
      {children}
    </div>
  );
}
