/** The media above a list that begins with a month. They load as the user scrolls near, and move nothing in sight. */
import { type RefObject, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import type { MediaFilters } from '../../client/index.ts';
import { useWords } from '../../components/words/index.ts';
import { type MediaListState, type MediaSearchState, useMediaSearch } from '../../hooks/index.ts';
import { isByWords } from './days.ts';
import type { Entry } from './entries.ts';
import { aboveOf, hasTime } from './months.ts';
import { More } from './more.tsx';

const WORDS = {
  en: ['Show newer', 'Show older'],
  ja: ['新しい項目を表示', '古い項目を表示'],
};

/** All loaded media, above and below, as one list. */
export interface Joined extends MediaSearchState {
  above: MediaListState;
  below: MediaListState;
}

export interface AboveProps {
  /** The list that begins further down. */
  below: MediaSearchState;
  search: MediaFilters | undefined;
  entries: readonly Entry[];
  /** The element with the cards. */
  region: RefObject<HTMLElement | null>;
  /** Undefined: the list begins with its first media. */
  onJoined: (joined: Joined | undefined) => void;
}

export function Above({ search, ...props }: AboveProps) {
  const above = isByWords(search) ? undefined : aboveOf(search);
  return above && <AboveOf key={JSON.stringify(search)} above={above} {...props} />;
}

function join(above: MediaListState, below: MediaSearchState): Joined {
  return {
    above,
    below,
    ids: [...new Set([...above.ids, ...below.ids])],
    isLoading: above.isLoading || below.isLoading,
    hasMore: above.hasMore || below.hasMore,
    error: below.error ?? above.error,
    loadMore: () => {
      for (const each of [above, below]) if (each.hasMore) each.loadMore();
    },
    total: undefined,
    isOutdated: below.isOutdated,
    isOnlyNear: false,
  };
}

interface AboveOfProps extends Omit<AboveProps, 'search'> {
  above: MediaFilters;
}

function AboveOf({ above, below, entries, region, onJoined }: AboveOfProps) {
  const { language } = useWords();
  const isThere = useStart(below, entries, region);
  const filters = isThere && hasTime(above) ? above : undefined;
  const found = useMediaSearch(filters);
  const { ids, hasMore, isLoading, error, loadMore } = found;
  const isMore = filters ? hasMore : !isThere;
  const shownIds = useMemo(() => [...ids].reverse(), [ids]);
  useEffect(() => {
    onJoined(join({ ids: shownIds, hasMore: isMore, isLoading, error, loadMore }, below));
  }, [below, shownIds, isMore, isLoading, error, loadMore, onJoined]);
  useEffect(() => () => onJoined(undefined), [onJoined]);
  const isOlder = above.sort === 'taken' || above.sort === 'newest';
  const label = WORDS[language === 'ja' ? 'ja' : 'en'][Number(isOlder)];
  return (
    <div className="ma-above">
      <More
        list={{ hasMore: filters !== undefined && hasMore, isLoading, error, loadMore }}
        label={label}
      />
    </div>
  );
}

/**
 * Scrolls to the beginning of the list as soon as the list is loaded.
 * @returns whether it is loaded
 */
function useStart(
  { ids, isLoading, error }: MediaListState,
  entries: readonly Entry[],
  region: RefObject<HTMLElement | null>,
): boolean {
  // At first, this may still be the previous list.
  const [isAsked, setIsAsked] = useState(false);
  const [isThere, setIsThere] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsAsked(true));
    return () => clearTimeout(timer);
  }, []);
  const [first] = ids;
  useLayoutEffect(() => {
    if (isThere || !isAsked || isLoading || error !== undefined) return;
    if (first !== undefined) {
      const drawn = entries.flatMap(({ media }) => media?.id ?? []);
      // For a moment the previous list is still drawn, and may have the first media further down.
      const those = new Set(ids);
      if (!drawn.includes(first) || !drawn.every((id) => those.has(id))) return;
      const card = region.current?.querySelector(`[data-media-id="${first}"]`)?.closest('.ma-day');
      // The list begins with the card, which may not be drawn yet.
      (card ?? region.current?.querySelector('.ma-days'))?.scrollIntoView();
    }
    setIsThere(true);
  }, [isThere, isAsked, first, ids, entries, isLoading, error, region]);
  return isThere;
}
