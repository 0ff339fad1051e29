/** What is above a list that begins with a month. It is loaded as one comes near it, and moves nothing that is in sight. */
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
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

/** What is loaded, above and below, as one list. */
export interface Joined extends MediaSearchState {
  above: MediaListState;
  below: MediaListState;
}

export interface AboveProps {
  /** The list that begins further down. */
  below: MediaSearchState;
  search: MediaFilters | undefined;
  entries: readonly Entry[];
  /** What the cards are in. */
  region: RefObject<HTMLElement | null>;
  /** Undefined: the list begins with its first one. */
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
  const held = useRef<Held>(undefined);
  useEffect(() => {
    // Before they are drawn.
    held.current = shownIds.length > 0 ? hold(region.current) : undefined;
    return () => held.current?.stop();
  }, [shownIds, region]);
  useEffect(() => {
    onJoined(join({ ids: shownIds, hasMore: isMore, isLoading, error, loadMore }, below));
  }, [below, shownIds, isMore, isLoading, error, loadMore, onJoined]);
  useEffect(() => () => onJoined(undefined), [onJoined]);
  useLayoutEffect(() => {
    if (!held.current || held.current.isOver()) return;
    keepInPlace(held.current);
    if (entries.some(({ media }) => media?.id === shownIds[0])) held.current.end();
  }, [entries, shownIds]);
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
 * Scrolls to the beginning of the list as soon as it is there.
 * @returns whether it is there
 */
function useStart(
  { ids, isLoading, error }: MediaListState,
  entries: readonly Entry[],
  region: RefObject<HTMLElement | null>,
): boolean {
  // At first, the list may still be the one of before.
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
      // For a moment those of the list before are still drawn, and the first one may be among them, further down.
      const those = new Set(ids);
      if (!drawn.includes(first) || !drawn.every((id) => those.has(id))) return;
      const card = region.current?.querySelector(`[data-media-id="${first}"]`);
      card?.closest('.ma-day')?.scrollIntoView();
    }
    setIsThere(true);
  }, [isThere, isAsked, first, ids, entries, isLoading, error, region]);
  return isThere;
}

/** A card that is in sight, and where it is: in the document, and on the screen. */
interface Held {
  card: Element;
  inDocument: number;
  onScreen: number;
  /** They are drawn: what is left is their heights. */
  end: () => void;
  stop: () => void;
  isOver: () => boolean;
}

/** Blocks of cards near the screen get their heights within it. Later, what moves the page has other reasons. */
const SETTLED_MS = 1_000;

function hold(region: HTMLElement | null): Held | undefined {
  const card = [...(region?.querySelectorAll('.ma-card') ?? [])].find(
    (each) => each.getBoundingClientRect().bottom > 0,
  );
  if (!region || !card) return;
  const ends = new AbortController();
  const { signal } = ends;
  const stop = () => ends.abort();
  // Of who scrolls meanwhile.
  const follow = () => {
    const { inDocument, onScreen } = placesOf(card);
    if (Math.abs(inDocument - held.inDocument) < 1) held.onScreen = onScreen;
  };
  addEventListener('scroll', follow, { passive: true, signal });
  let isDrawn = false;
  const end = () => {
    if (isDrawn) return;
    isDrawn = true;
    // Browsers do not hold the page where what they would hold it by gets another height.
    const heights = new ResizeObserver(() => keepInPlace(held));
    heights.observe(region);
    const timer = setTimeout(stop, SETTLED_MS);
    signal.addEventListener('abort', () => {
      heights.disconnect();
      clearTimeout(timer);
    });
    // Who scrolls now is not pulled back.
    for (const input of ['wheel', 'touchstart', 'pointerdown', 'keydown'])
      addEventListener(input, stop, { passive: true, signal });
  };
  const held: Held = { card, ...placesOf(card), end, stop, isOver: () => signal.aborted };
  return held;
}

function placesOf(card: Element): Pick<Held, 'inDocument' | 'onScreen'> {
  const { top } = card.getBoundingClientRect();
  return { inDocument: top + scrollY, onScreen: top };
}

/** Most browsers do it by themselves, but not at the top of the page; and it may be done already, or not yet. */
function keepInPlace(held: Held): void {
  if (!held.card.isConnected) return;
  const moved = placesOf(held.card).onScreen - held.onScreen;
  if (Math.abs(moved) >= 0.5) scrollBy({ top: moved, behavior: 'instant' });
  held.inDocument = placesOf(held.card).inDocument;
}
