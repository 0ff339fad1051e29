/** What is above a list that begins with a month. It is loaded as one comes near it, and moves nothing that is in sight. */
import { Component, type RefObject, useEffect, useLayoutEffect, useState } from 'react';
import type { MediaFilters } from '../../client/index.ts';
import { useWords } from '../../components/words/index.ts';
import { type MediaListState, type MediaSearchState, useMediaSearch } from '../../hooks/index.ts';
import { isByWords } from './days.ts';
import type { Entry } from './entries.ts';
import { aboveOf, hasTime } from './months.ts';
import { More } from './more.tsx';

const WORDS = {
  en: { newer: 'Show newer', older: 'Show older' },
  ja: { newer: '新しい項目を表示', older: '古い項目を表示' },
};

/** What is loaded, above and below, as one list. */
export interface Joined extends MediaSearchState {
  above: MediaListState;
  below: MediaListState;
}

interface StartProps {
  /** The list that begins further down. */
  below: MediaSearchState;
  entries: readonly Entry[];
  /** What the cards are in. */
  region: RefObject<HTMLElement | null>;
}

export interface AboveProps extends StartProps {
  search: MediaFilters | undefined;
  /** Undefined: the list begins with its first one. */
  onJoined: (joined: Joined | undefined) => void;
}

export function Above({ search, ...props }: AboveProps) {
  const above = isByWords(search) ? undefined : aboveOf(search);
  return above && <AboveOf key={JSON.stringify(search)} above={above} {...props} />;
}

interface AboveOfProps extends Omit<AboveProps, 'search'> {
  above: MediaFilters;
}

function AboveOf({ above, onJoined, ...props }: AboveOfProps) {
  const { below, entries, region } = props;
  const words = WORDS[useWords().language === 'ja' ? 'ja' : 'en'];
  const isThere = useStart(props);
  const filters = isThere && hasTime(above) ? above : undefined;
  const { ids, hasMore, isLoading, error, loadMore } = useMediaSearch(filters);
  useEffect(() => {
    const own = { ids: [...ids].reverse(), hasMore: filters ? hasMore : !isThere };
    const parts = { above: { ...own, isLoading, error, loadMore }, below };
    onJoined({
      ...parts,
      ids: [...new Set([...own.ids, ...below.ids])],
      isLoading: isLoading || below.isLoading,
      hasMore: own.hasMore || below.hasMore,
      error: below.error ?? error,
      loadMore: () => {
        for (const each of [parts.above, below]) if (each.hasMore) each.loadMore();
      },
      corrected: undefined,
      total: undefined,
      isOutdated: below.isOutdated,
    });
  }, [below, ids, filters, isThere, hasMore, isLoading, error, loadMore, onJoined]);
  useEffect(() => () => onJoined(undefined), [onJoined]);
  const isOlder = above.sort === 'taken' || above.sort === 'newest';
  return (
    <div className="ma-above">
      {isThere && <KeptInPlace first={entries[0]?.key} region={region} />}
      <More
        list={{ hasMore: filters !== undefined && hasMore, isLoading, error, loadMore }}
        label={isOlder ? words.older : words.newer}
      />
    </div>
  );
}

/**
 * Scrolls to the beginning of the list as soon as it is there.
 * @returns whether it is there
 */
function useStart({ below, entries, region }: StartProps): boolean {
  const { ids, isLoading, isOutdated, error } = below;
  const [isThere, setIsThere] = useState(false);
  useLayoutEffect(() => {
    if (isThere || isOutdated || isLoading || error !== undefined) return;
    const [first] = ids;
    if (first !== undefined) {
      // For a moment those of the list before are still drawn, and the first one may be among them, further down.
      const drawn = entries.flatMap(({ media }) => media?.id ?? []);
      const those = new Set(ids);
      if (!drawn.includes(first) || !drawn.every((id) => those.has(id))) return;
      const card = region.current?.querySelector(`[data-media-id="${first}"]`);
      card?.closest('.ma-day')?.scrollIntoView();
    }
    setIsThere(true);
  }, [isThere, ids, isLoading, isOutdated, error, entries, region]);
  return isThere;
}

interface KeptProps {
  /** The key of the first card. With another one, more has come above. */
  first: string | undefined;
  region: RefObject<HTMLElement | null>;
}

/** A card that is in sight, and where it is in the document. */
interface Held {
  card: Element;
  top: number;
}

/** Blocks of cards near the screen get their heights within it. */
const SETTLED_MS = 1_000;

/** Browsers hold the page by themselves, but not at its top, nor while what they would hold it by gets another height. */
class KeptInPlace extends Component<KeptProps> {
  end = () => {};

  override getSnapshotBeforeUpdate({ first }: KeptProps): Held | null {
    const cards = this.props.region.current?.querySelectorAll('.ma-card') ?? [];
    if (first === this.props.first) return null;
    const card = [...cards].find((each) => each.getBoundingClientRect().bottom > 0);
    return card ? { card, top: topOf(card) } : null;
  }

  override componentDidUpdate(_props: KeptProps, _state: unknown, held: Held | null) {
    const region = this.props.region.current;
    if (!held || !region) return;
    this.end();
    const { style } = document.documentElement;
    style.overflowAnchor = 'none';
    const follow = () => {
      if (!held.card.isConnected) return;
      const top = topOf(held.card);
      if (Math.abs(top - held.top) < 0.5) return;
      scrollBy({ top: top - held.top, behavior: 'instant' });
      held.top = top;
    };
    follow();
    const heights = new ResizeObserver(follow);
    heights.observe(region);
    const timer = setTimeout(() => this.end(), SETTLED_MS);
    this.end = () => {
      heights.disconnect();
      clearTimeout(timer);
      style.overflowAnchor = '';
    };
  }

  override componentWillUnmount() {
    this.end();
  }

  override render() {
    return null;
  }
}

const topOf = (card: Element) => card.getBoundingClientRect().top + scrollY;
