/** The media that is open, and what can be done with it. */
import { type RefObject, useEffect, useRef } from 'react';
import type { Media, MediaFilters } from '../../client/index.ts';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { MediaDetails } from '../../components/view/media-details.tsx';
import type { MediaListState } from '../../hooks/index.ts';
import type { Entry } from '../library/entries.ts';
import { Similar } from '../search/search-lazy.tsx';
import { SameFile } from '../sending/same-file.tsx';
import type { Acts } from '../shell/use-acts.ts';
import { EarlierResults } from './earlier-results.tsx';
import { EditWords } from './edit-words.tsx';

/** Further ones are loaded before the list ends: one turns without waiting. */
const AHEAD = 3;
/** A media that was opened by a link is looked for in so many further pages, each of which has 100. */
const FURTHER_PAGES = 3;

interface FullViewProps {
  openId: string;
  /** Those of the list: from one to the next one turns. */
  entries: readonly Entry[];
  list: MediaListState;
  /** The media with this id, which the list may not have; undefined until it is known. */
  linked: Media | undefined;
  isGone: boolean;
  /** It gets the focus of a card that disappears. */
  region: RefObject<HTMLElement | null>;
  toBin: (id: string, then?: () => void) => Promise<void>;
  fail: Acts['fail'];
  close: () => void;
  onTurn: (id: string) => void;
  onSearch: (filters: MediaFilters | undefined) => void;
}

export function FullView(props: FullViewProps) {
  const { openId, entries, list, linked, isGone, region, fail, close, onTurn } = props;
  const removing = useRef<string>(undefined);
  const shown = useRef<Media>(undefined);
  const remove = () => {
    removing.current = openId;
    close();
    // The card to which the full view has given the focus back disappears.
    void props.toBin(openId, () => keepFocus(region.current));
  };
  const hasNoFile = linked?.url === null && linked.status === 'failed';
  const viewable = entries.flatMap(({ media }) => (media?.url == null ? [] : [media]));
  // What cannot be shown does not stay in the address.
  useEffect(() => {
    if (!isGone && !hasNoFile) return;
    const { id, file_name: name } = shown.current ?? {};
    if (openId !== removing.current)
      fail({ kind: 'open', id: openId, media: linked, name: id === openId ? name : undefined });
    close();
    // So has its card, which would get the focus back.
    if (id === openId && document.activeElement === document.body) keepFocus(region.current);
  }, [isGone, hasNoFile, linked, openId, close, fail, region]);

  const position = viewable.findIndex(({ id }) => id === openId);
  const first = position > 0 ? viewable[0] : undefined;
  const open = linked?.url != null ? linked : undefined;
  useEffect(() => {
    if (open) shown.current = open;
  }, [open]);
  useEffect(
    () => () => {
      // It was opened by a link, so there is nothing that gets the focus back.
      if (document.activeElement !== document.body) return;
      const card = `[data-media-id="${CSS.escape(shown.current?.id ?? '')}"] .ma-card-picture`;
      keepFocus(region.current?.querySelector<HTMLElement>(card) ?? region.current);
    },
    [region],
  );
  const [previous, next] = position < 0 ? [] : [viewable[position - 1], viewable[position + 1]];
  const looked = useRef({ openId, pages: 0 });
  const isKnown = open !== undefined;
  const isAtEnd = position >= viewable.length - AHEAD;
  const { hasMore, isLoading, error, loadMore } = list;
  useEffect(() => {
    if (!hasMore || isLoading || error !== undefined || !isKnown) return;
    if (looked.current.openId !== openId) looked.current = { openId, pages: 0 };
    if (position < 0 ? looked.current.pages++ < FURTHER_PAGES : isAtEnd) loadMore();
  }, [hasMore, isLoading, error, isKnown, openId, position, isAtEnd, loadMore]);
  if (!open) return null;
  return (
    <MediaDetails
      media={open}
      onRemove={remove}
      onClose={close}
      onPrevious={previous && (() => onTurn(previous.id))}
      onNext={next && (() => onTurn(next.id))}
      onFirst={first && (() => onTurn(first.id))}
      previous={previous}
      next={next}
      hasMore={position >= 0 && hasMore && error === undefined}
      actions={<EditWords key={open.id} media={open} onLate={fail} />}
    >
      {open.same_as && <SameFile id={open.same_as} onOpen={onTurn} />}
      {/* Without a second attempt there is nothing earlier. */}
      {open.attempts > 1 && <EarlierResults key={open.id} media={open} />}
      {open.analytics && <Similar id={open.id} onClose={close} onSearch={props.onSearch} />}
    </MediaDetails>
  );
}
