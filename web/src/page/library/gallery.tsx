/** All entries as cards, and the full view of one of them. */
import { type ComponentType, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type { MediaFilters } from '../../client/index.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { CheckIcon, SparkIcon, TrashIcon } from '../../components/base/icons.tsx';
import { watchSight } from '../../components/base/in-sight.ts';
import { keepFocus } from '../../components/base/keep-focus.ts';
import type { CardHandlers, MediaCard } from '../../components/card/media-card.tsx';
import { useWords } from '../../components/words/index.ts';
import { type MediaListState, useMediaActions, useMediaUploadSSE } from '../../hooks/index.ts';
import { useMediaParts } from '../loading/use-media-parts.ts';
import { isNarrowed, withoutStart } from '../search/search-address.ts';
import { useHold } from '../selecting/use-hold.ts';
import { useSelection } from '../selecting/use-selection.ts';
import type { SameFile } from '../sending/same-files.ts';
import { barWordsFor } from '../shell/bar-words.ts';
import type { MenuEntry } from '../shell/more-menu.tsx';
import type { Acts } from '../shell/use-acts.ts';
import { MoreButton } from '../shell/use-menu.tsx';
import { useOpenMedia } from '../viewing/use-open-media.ts';
import type { AboveProps } from './above.tsx';
import type { CardListProps } from './card-list.tsx';
import { type Entry, isRetryable } from './entries.ts';

interface GalleryProps {
  /** Whether it is on a page of its own, and not in an app. */
  isPage: boolean;
  /** What is behind "More" before and after what can be done to the list. */
  menu: { first: MenuEntry[]; last: MenuEntry[] };
  /** Where the button for it stands. */
  menuPlace: HTMLElement | null;
  /** Undefined until it is loaded. */
  cards: { CardList: ComponentType<CardListProps>; MediaCard: typeof MediaCard } | undefined;
  entries: readonly Entry[];
  list: MediaListState;
  /** Of that, what was searched for and goes on below. */
  below: AboveProps['below'];
  /** What the end of the list loads. */
  more: MediaListState;
  onJoined: AboveProps['onJoined'];
  /** What was searched for; undefined: nothing, so they are all. */
  search: MediaFilters | undefined;
  binned: Acts;
  onSearch: (filters: MediaFilters | undefined) => void;
  /** Sends them, whatever is here already. */
  onFiles: (files: File[]) => void;
  /** What was chosen and is here already, until it is said what becomes of it. */
  same: readonly SameFile[];
  onSame: (isKept: boolean) => void;
  onSendAgain: (...keys: string[]) => void;
  onDismiss: (key: string) => void;
}

export function Gallery({
  isPage,
  menu,
  menuPlace,
  cards,
  entries,
  list,
  below,
  more,
  onJoined,
  search,
  binned,
  onSearch,
  onFiles,
  same,
  onSame,
  onSendAgain,
  onDismiss,
}: GalleryProps) {
  const words = useWords();
  const barWords = barWordsFor(words.language);
  const { remove } = useMediaActions();
  const { openId, open: setOpenId, close } = useOpenMedia(isPage);
  // A link leads to a media that the list may not have yet.
  const { media: linked, isGone } = useMediaUploadSSE(openId ?? '');
  const region = useRef<HTMLElement>(null);
  const stored = useMemo(() => entries.flatMap(({ media }) => media ?? []), [entries]);
  const order = useMemo(() => stored.map(({ id }) => id), [stored]);
  const { failures, act, fail, forget, retryOne, erase, deleted, addDeleted, endUndo } = binned;
  const [isBinOpen, setIsBinOpen] = useState(false);
  const [isExportOpen, setIsExportOpen] = useState(false);
  const { parts, error } = useMediaParts(
    entries.length > 0,
    isBinOpen || (openId ?? failures[0] ?? deleted[0]) !== undefined,
    openId ?? String(isBinOpen),
  );
  const { selected, rest, setSelection, onSelect, start, stop } = useSelection(order, parts);
  const [againLabel, setAgainLabel] = useState<string>();
  const [isAgainOpen, setIsAgainOpen] = useState(false);
  const openAgain = useCallback(() => setIsAgainOpen(true), []);
  const closeAgain = useCallback(() => setIsAgainOpen(false), []);
  const closeExport = useCallback(() => setIsExportOpen(false), []);
  const closeBin = useCallback(() => setIsBinOpen(false), []);
  const toBin = useCallback(
    (id: string, then?: () => void) =>
      act({
        kind: 'remove',
        id,
        work: async () => {
          await remove(id);
          addDeleted(id);
          then?.();
        },
      }),
    [act, remove, addDeleted],
  );
  const handlers = useMemo((): CardHandlers => {
    return {
      onOpen: setOpenId,
      onRetry: (id) => void retryOne(id),
      onSelect,
      onRemove: (id, permanently) => void (permanently ? erase(id) : toBin(id)),
      onFiles: (files, waiting) => {
        onFiles(files);
        // The file takes the place of the media, which would wait for its bytes for a day.
        const { id = '', file_name, size } = waiting ?? {};
        if (files.some((file) => file.name === file_name && file.size === size)) {
          void erase(id);
        }
      },
      onSendAgain,
      onDismiss: (key) => {
        // The last card has no other beside it that gets its focus.
        if (region.current?.querySelectorAll('.ma-card').length === 1) keepFocus(region.current);
        onDismiss(key);
      },
    };
  }, [retryOne, toBin, erase, setOpenId, onFiles, onSelect, onSendAgain, onDismiss]);
  const hasMedia = entries.some(({ media }) => media);
  const openBin = () => {
    setIsBinOpen(true);
    // The bin offers the same, and what is brought back there was not "moved to the bin".
    endUndo();
  };
  const endSelection = () => {
    stop();
    keepFocus(region.current);
  };
  const hold = useCallback((id: string) => onSelect(id, false), [onSelect]);
  useHold(region, parts && hold);
  const ofList: MenuEntry[] = [
    { id: 'select', label: barWords.select, icon: <CheckIcon />, onPress: start },
    ...(againLabel
      ? [{ id: 'again', label: againLabel, icon: <SparkIcon />, onPress: openAgain }]
      : []),
    { id: 'export', label: barWords.export, onPress: () => setIsExportOpen(true) },
  ];
  const entriesOfMenu = [
    ...menu.first,
    ...(hasMedia && parts && !selected ? ofList : []),
    { id: 'bin', label: words.bin, icon: <TrashIcon />, onPress: openBin },
    ...menu.last,
  ];
  return (
    <section className="ma-gallery" aria-label={words.gallery} ref={region} tabIndex={-1}>
      {menuPlace && createPortal(<MoreButton entries={entriesOfMenu} />, menuPlace)}
      {parts && <parts.GoToMonth {...{ below, search, onSearch }} list={more} />}
      {hasMedia && parts && (
        <parts.AgainControl
          search={search}
          isOpen={isAgainOpen}
          onOpen={openAgain}
          onClose={closeAgain}
          onLabel={setAgainLabel}
        />
      )}
      {(openId !== undefined || isBinOpen) && error !== undefined && <NotOpened error={error} />}
      {failures.length > 0 && error !== undefined && <ErrorNotice error={failures.at(-1)?.error} />}
      {isExportOpen && parts && (
        <parts.Export
          filters={(isNarrowed(search) && withoutStart(search)) || {}}
          act={act}
          onClose={closeExport}
        />
      )}
      {isBinOpen && parts && <parts.BinView onClose={closeBin} />}
      {parts && <parts.Above {...{ search, below, entries, region, onJoined }} />}
      {cards && (
        <cards.CardList {...{ entries, list, search, selected, rest, setSelection }}>
          {(entry, place) => (
            <cards.MediaCard
              key={entry.key}
              upload={entry.upload}
              media={entry.media}
              isRetryable={isRetryable(entry)}
              reason={parts?.reasonOf(entry, words.language)}
              hasPlace={entry.hasPlace}
              isSelected={selected && entry.media && selected.has(entry.media.id)}
              handlers={handlers}
              {...place}
            />
          )}
        </cards.CardList>
      )}
      {parts && <parts.FocusRestore region={region} entries={entries} />}
      {(cards || entries.length === 0) && <More list={more} />}
      {parts && (
        <div className="ma-many-stack">
          {!selected && <parts.ForeignNotice media={stored} />}
          <parts.Failures media={stored} {...{ failures, act, forget, region }} onBin={openBin} />
          {same.length > 0 && (
            <parts.SameFilesNotice {...{ same, region }} onAnswer={onSame} onOpen={setOpenId} />
          )}
          {deleted.length > 0 && <parts.Undo ids={deleted} region={region} onEnd={endUndo} />}
          {selected && (
            <parts.ManyBar
              media={stored.filter(({ id }) => selected.has(id))}
              again={entries.filter(isRetryable)}
              onRetry={retryOne}
              ids={order}
              {...{ list, search, rest, setSelection }}
              onDeleted={(ids, isDone) => {
                addDeleted(...ids);
                if (isDone) endSelection();
              }}
              onLate={fail}
              onClose={endSelection}
            />
          )}
        </div>
      )}
      {isPage && parts && (
        <parts.Printed
          media={stored.filter(({ id }) =>
            openId === undefined ? !selected?.size || selected.has(id) : id === openId,
          )}
        />
      )}
      {openId !== undefined && parts && (
        <parts.FullView
          {...{
            openId,
            entries,
            linked,
            isGone,
            region,
            toBin,
            fail,
            close,
            onSearch,
            list,
          }}
          onTurn={setOpenId}
        />
      )}
    </section>
  );
}

/** The full view could not be loaded. A new start also helps where a new version of the page has taken its place. */
function NotOpened({ error }: { error: unknown }) {
  const { tryAgain } = useWords();
  return (
    <div ref={showNotice}>
      <ErrorNotice error={error}>
        <button type="button" className="ma-button" onClick={() => location.reload()}>
          {tryAgain}
        </button>
      </ErrorNotice>
    </div>
  );
}

/** The card that was opened may be far below. */
function showNotice(notice: HTMLElement | null): void {
  notice?.scrollIntoView({ block: 'center' });
}

/** Loads the next page when the user scrolls near the end of the list or presses the button. */
function More({ list: { hasMore, isLoading, error, loadMore } }: { list: MediaListState }) {
  const words = useWords();
  const end = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!hasMore || isLoading || error !== undefined) return;
    return watchSight(end.current, ({ isIntersecting }) => isIntersecting && loadMore(), '1000px');
  }, [hasMore, isLoading, error, loadMore]);
  if (error !== undefined) {
    return (
      <ErrorNotice error={error}>
        <button type="button" className="ma-button" onClick={loadMore}>
          {words.tryAgain}
        </button>
      </ErrorNotice>
    );
  }
  if (!hasMore) return null;
  return (
    <div className="ma-more" ref={end}>
      <button type="button" className="ma-button" disabled={isLoading} onClick={loadMore}>
        {isLoading ? words.loading : words.loadMore}
      </button>
    </div>
  );
}
