import { useEffect, useRef } from 'react';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { watchSight } from '../../components/base/in-sight.ts';
import { useWords } from '../../components/words/index.ts';
import type { MediaListState } from '../../hooks/index.ts';
import { TryAgain } from '../loading/try-again.tsx';

interface MoreProps {
  list: Omit<MediaListState, 'ids'>;
  /** Text of the button. Default: "Show more". */
  label?: string | undefined;
}

/** Loads the next page when the user scrolls near it or presses its button. */
export function More({ list: { hasMore, isLoading, error, loadMore }, label }: MoreProps) {
  const words = useWords();
  const end = useRef<HTMLDivElement>(null);
  const isIdle = hasMore && !isLoading && error === undefined;
  useEffect(() => {
    if (isIdle)
      return watchSight(end.current, (seen) => seen.isIntersecting && loadMore(), '1000px');
  }, [isIdle, loadMore]);
  if (error !== undefined) {
    return (
      <ErrorNotice error={error}>
        <TryAgain onPress={loadMore} home=".ma-gallery" />
      </ErrorNotice>
    );
  }
  if (!hasMore) return null;
  return (
    <div className="ma-more" ref={end}>
      <button type="button" className="ma-button" disabled={isLoading} onClick={loadMore}>
        {isLoading ? words.loading : (label ?? words.loadMore)}
      </button>
    </div>
  );
}
