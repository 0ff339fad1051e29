/** Above the list: how many were found, why there are none yet, and what fewer conditions would find. */
import { skipToken, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useSyncExternalStore } from 'react';
import { type Media, MediaClientError, type MediaFilters } from '../../client/index.ts';
import { Button } from '../../components/base/button.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useWords } from '../../components/words/index.ts';
import { useMediaCache, useMediaClient, useQueryCache } from '../../hooks/context.ts';
import type { MediaSearchState } from '../../hooks/index.ts';
import { TryAgain } from '../loading/try-again.tsx';
import { isNarrowed, type OnSearch, withoutStart } from './search-address.ts';
import { fieldsOf, hasWords } from './search-fields.ts';
import { searchWordsFor } from './search-words.ts';
import { waysOn } from './ways-on.ts';

export interface SearchOutcomeProps {
  found: MediaSearchState;
  filters: MediaFilters | undefined;
  media: ReadonlyMap<string, Media>;
  onSearch: OnSearch;
}

export function SearchOutcome({ found, filters, media, onSearch }: SearchOutcomeProps) {
  const { language, loading, error: wordsOf } = useWords();
  const words = searchWordsFor(language);
  const client = useMediaClient();
  const cache = useMediaCache();
  // Media deleted here or elsewhere do not count.
  const count = useSyncExternalStore(
    cache.subscribe,
    () => found.ids.filter((each) => !cache.isGone(each)).length,
  );
  const { ids, error, isOutdated, hasMore, total, isOnlyNear } = found;
  const isAsked = isNarrowed(filters);
  const isFailed = filters !== undefined && isOutdated && error !== undefined;
  const isNone = isAsked && !isOutdated && !hasMore && error === undefined && count === 0;
  const isJump = filters?.start !== undefined;
  const isNotThere = isFailed && isJump;
  const isGoing = isJump && !isAsked && isOutdated && !isFailed;
  const { data: ways = [] } = useQuery(
    {
      queryKey: ['ways on', isNone && filters, language],
      queryFn:
        isNone && filters ? ({ signal }) => waysOn(client, filters, words, signal) : skipToken,
    },
    useQueryCache(),
  );
  const similarTo = media.get(filters?.similar_to ?? '');
  const { sort } = filters ?? {};
  const isUsual = sort === undefined || (sort === 'newest' && !hasWords(fieldsOf(filters)));

  const region = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // The user may choose a month far down in the list.
    if (isNotThere) region.current?.scrollIntoView({ block: 'nearest' });
  }, [isNotThere]);

  const search = (next: MediaFilters | undefined) => {
    onSearch(next);
    // The button disappears.
    keepFocus(region.current);
  };
  const said = () => {
    if (isFailed) {
      const { code = null, message = null } = error instanceof MediaClientError ? error : {};
      return words.notYet + wordsOf(code, message);
    }
    if (!isAsked) return isGoing && loading;
    if (error !== undefined) return '';
    if (isOutdated) return words.searching;
    if (isNone) return ways.length > 1 ? words.noneOfAll : words.none;
    const isCounted = hasMore && total !== undefined;
    const number = isCounted ? total - (ids.length - count) : count;
    const isMore = hasMore && !isCounted;
    return isOnlyNear ? words.near(number, isMore) : words.found(number, isMore);
  };
  return (
    <div className="ma-search-outcome" ref={region} tabIndex={-1}>
      {similarTo && (
        <p className="ma-search-similar">
          {words.similarTo(similarTo.analytics?.title ?? similarTo.file_name)}
        </p>
      )}
      <p className="ma-search-found" role="status" data-going={isGoing || undefined}>
        {said()}
      </p>
      {!isUsual && !isGoing && <p className="ma-search-order">{words.sorts[sort]}</p>}
      {ways.map(({ label, rest }) => (
        <Button key={label} onClick={() => search(rest)}>
          {label}
        </Button>
      ))}
      {isFailed && <TryAgain onPress={found.loadMore} home=".ma-search-outcome" />}
      {isNotThere && <Button onClick={() => search(withoutStart(filters))}>{words.showAll}</Button>}
    </div>
  );
}
