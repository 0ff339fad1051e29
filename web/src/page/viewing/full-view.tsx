import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { Media, MediaFilters } from '../../client/index.ts';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { MediaDetails } from '../../components/view/media-details.tsx';
import { EditIcon } from '../../components/view/view-icons.tsx';
import { useWords } from '../../components/words/index.ts';
import type { MediaListState } from '../../hooks/index.ts';
import type { Entry } from '../library/entries.ts';
import { filtersFrom, readOrder } from '../search/search-address.ts';
import { Similar } from '../search/search-lazy.tsx';
import { manyWordsFor } from '../selecting/many-words.ts';
import { SameFile } from '../sending/same-file.tsx';
import type { Acts } from '../shell/use-acts.ts';
import { EarlierResults } from './earlier-results.tsx';
import { drafts, EditWords } from './edit-words.tsx';

/** More media are loaded when only this many are left in the list: the user turns without waiting. */
const AHEAD = 3;
/** A media that a link opened is looked for in at most this many further pages of 100. */
const FURTHER_PAGES = 3;

interface FullViewProps {
  openId: string;
  entries: readonly Entry[];
  list: MediaListState;
  /** The media with this id, which the list may not have; undefined until it is known. */
  linked: Media | undefined;
  isGone: boolean;
  /** Gets the focus of a card that disappears. */
  region: RefObject<HTMLElement | null>;
  /** Messages of the page, shown above the view. */
  notices: ReactNode;
  toBin: (id: string) => Promise<void>;
  fail: Acts['fail'];
  close: () => void;
  onTurn: (id: string) => void;
  onSearch: (filters: MediaFilters | undefined) => void;
}

export function FullView(props: FullViewProps) {
  const { openId, entries, list, linked, isGone, region, notices, fail, close, onTurn } = props;
  const words = manyWordsFor(useWords().language);
  const shown = useRef<Media>(undefined);
  const [leaving, setLeaving] = useState<readonly string[]>([]);
  const [editing, setEditing] = useState<{ id?: string }>({});
  const pencil = useRef<HTMLButtonElement>(null);
  const hasNoFile = linked?.url === null && linked.status === 'failed';
  const viewable = entries.flatMap(({ media }) =>
    media?.url == null || (media.id !== openId && leaving.includes(media.id)) ? [] : [media],
  );
  // A media that cannot be shown does not stay in the address.
  useEffect(() => {
    if (!isGone && !hasNoFile) return;
    const { id, file_name: name } = shown.current ?? {};
    if (!leaving.includes(openId))
      fail({ kind: 'open', id: openId, media: linked, name: id === openId ? name : undefined });
    close();
    // Its card, which would get the focus back, is gone too.
    if (id === openId && document.activeElement === document.body) keepFocus(region.current);
  }, [isGone, hasNoFile, linked, openId, leaving, close, fail, region]);

  const position = viewable.findIndex(({ id }) => id === openId);
  const first = position > 0 ? viewable[0] : undefined;
  const open = linked?.url != null ? linked : undefined;
  useEffect(() => {
    if (open) shown.current = open;
  }, [open]);
  useEffect(() => () => showCard(region.current, shown.current?.id), [region]);
  const [previous, next] = position < 0 ? [] : [viewable[position - 1], viewable[position + 1]];
  const beside = next ?? previous;
  const remove = async () => {
    setLeaving((now) => [...now, openId]);
    if (beside) onTurn(beside.id);
    else close();
    await props.toBin(openId);
    if (beside) setLeaving((now) => now.filter((id) => id !== openId));
  };
  const isAtEnd = position >= Math.max(0, viewable.length - AHEAD);
  const { hasMore, isLoading, error, loadMore } = list;
  const looked = useRef({ openId, pages: 0 });
  const isKnown = open !== undefined;
  useEffect(() => {
    if (!hasMore || isLoading || error !== undefined || !isKnown) return;
    if (looked.current.openId !== openId) looked.current = { openId, pages: 0 };
    if (position < 0 ? looked.current.pages++ < FURTHER_PAGES : isAtEnd) loadMore();
  }, [hasMore, isLoading, error, isKnown, openId, position, isAtEnd, loadMore]);
  const stack = <div className="ma-many-stack">{notices}</div>;
  if (!open) return stack;
  const isEditing = editing.id === openId || drafts.has(openId);
  return (
    <MediaDetails
      media={open}
      onRemove={() => void remove()}
      onClose={() => {
        close();
        // The step back takes some time.
        showCard(region.current, openId);
      }}
      onSearch={(filters) => {
        // The search comes first: Back leads from it to the media.
        props.onSearch(filtersFrom({ ...filters, sort: readOrder() }));
        close();
      }}
      onPrevious={previous && (() => onTurn(previous.id))}
      onNext={next && (() => onTurn(next.id))}
      onFirst={first && (() => onTurn(first.id))}
      previous={previous}
      next={next}
      hasMore={position >= 0 && hasMore && error === undefined}
      notices={stack}
      actions={
        <button
          ref={pencil}
          type="button"
          className="ma-button"
          data-kind="icon"
          title={words.edit}
          aria-expanded={isEditing}
          onClick={() => {
            setEditing({ id: openId });
            document.querySelector<HTMLElement>('.ma-ask [name=title]')?.focus();
          }}
        >
          <EditIcon />
        </button>
      }
      titleForm={
        isEditing && (
          <EditWords
            key={openId}
            media={open}
            onLate={fail}
            onClose={() => {
              setEditing({});
              // The pressed button disappears with the form.
              pencil.current?.focus();
            }}
          />
        )
      }
      titleNote={open.edits && words.edited}
    >
      {open.same_as && <SameFile id={open.same_as} onOpen={onTurn} />}
      {/* Only a second attempt leaves earlier results. */}
      {open.attempts > 1 && <EarlierResults key={open.id} media={open} />}
      {open.analytics && <Similar id={open.id} onClose={close} onSearch={props.onSearch} />}
    </MediaDetails>
  );
}

/** Focuses and shows the card of the last media after the view closes. */
function showCard(region: HTMLElement | null, id: string | undefined): void {
  const { activeElement: focused } = document;
  const card = region?.querySelector<HTMLElement>(
    `[data-media-id="${CSS.escape(id ?? '')}"] :is(button.ma-card-picture, .ma-card-picture input)`,
  );
  if (!card && focused !== document.body) return;
  keepFocus(card ?? region);
  const { top = 0, bottom = 0 } = card?.getBoundingClientRect() ?? {};
  if (bottom < 80 || top > innerHeight - 20) card?.scrollIntoView({ block: 'center' });
}
