/** All entries as cards, and the full view of one of them. */
import { useCallback, useMemo, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import type { MediaFilters } from '../../client/index.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import type { CardHandlers } from '../../components/card/media-card.tsx';
import { useWords } from '../../components/words/index.ts';
import { type MediaListState, useMediaActions, useMediaUploadSSE } from '../../hooks/index.ts';
import { useMediaParts } from '../loading/use-media-parts.ts';
import { isNarrowed, withoutStart } from '../search/search-address.ts';
import { useSelection } from '../selecting/selection.ts';
import { useHold } from '../selecting/use-hold.ts';
import type { SameFile } from '../sending/same-files.ts';
import { barWordsFor } from '../shell/bar-words.ts';
import type { MenuEntry } from '../shell/more-menu.tsx';
import type { Acts } from '../shell/use-acts.ts';
import { MoreButton } from '../shell/use-menu.tsx';
import { usePageKeys } from '../shell/use-page-keys.ts';
import { useOpenMedia } from '../viewing/use-open-media.ts';
import type { AboveProps } from './above.tsx';
import { type Entry, isRetryable } from './entries.ts';
import { More } from './more.tsx';

interface GalleryProps extends Pick<AboveProps, 'below' | 'search' | 'onJoined'> {
  isPage: boolean;
  /** The entries of "More" before and after those of the list. */
  menu: { first: MenuEntry[]; last: MenuEntry[] };
  menuPlace: HTMLElement | null;
  cards: typeof import('./card-list.tsx') | undefined;
  entries: readonly Entry[];
  list: MediaListState;
  /** The list that is loaded further at its end. */
  more: MediaListState;
  acts: Acts;
  onSearch: (filters: MediaFilters | undefined) => void;
  /** Sends them, even if they are here already. */
  onFiles: (files: File[]) => void;
  /** Chosen files that are here already, until the user decides about them. */
  same: readonly SameFile[];
  onSame: (isKept: boolean) => void;
  onSendAgain: (...keys: string[]) => void;
  onDismiss: (key: string) => void;
}

export function Gallery(props: GalleryProps) {
  const { isPage, menu, menuPlace, cards, entries, list, below, more, search, acts, same } = props;
  const { onJoined, onSearch, onFiles, onSame, onSendAgain, onDismiss } = props;
  const words = useWords();
  const barWords = barWordsFor(words.language);
  const { remove } = useMediaActions();
  const { openId, lastId, open: setOpenId, close } = useOpenMedia(isPage);
  // A link may open a media that the list does not have yet.
  const { media: linked, isGone } = useMediaUploadSSE(openId ?? '');
  const region = useRef<HTMLElement>(null);
  const stored = useMemo(() => entries.flatMap(({ media }) => media ?? []), [entries]);
  const order = useMemo(() => stored.map(({ id }) => id), [stored]);
  const { failures, act, fail, forget, retryOne, erase, deleted, addDeleted, endUndo } = acts;
  const [opened, setOpened] = useState<'again' | 'bin' | 'export' | 'shortcuts'>();
  const closeOpened = useCallback(() => setOpened(undefined), []);
  const isBinOpen = opened === 'bin';
  const { parts, error } = useMediaParts(
    entries.length > 0,
    isBinOpen || (openId ?? failures[0] ?? deleted[0]) !== undefined,
    openId ?? opened,
  );
  const { selected, rest, setSelection, onSelect, start, stop } = useSelection(order, region);
  const [againLabel, setAgainLabel] = useState<string>();
  const openAgain = useCallback(() => setOpened('again'), []);
  const presses = useRef(0);
  const toBin = useCallback(
    (id: string) => {
      presses.current++;
      const own = presses.current;
      const work = async () => {
        await remove(id);
        // The answer may come after that of a later press, which is the one to undo.
        if (own === presses.current) addDeleted(id);
      };
      return act({ kind: 'remove', id, isToBin: true, work });
    },
    [act, remove, addDeleted],
  );
  // Without the bar of the selection, a selection is useless.
  const hasParts = parts !== undefined;
  const handlers = useMemo((): CardHandlers => {
    return {
      onOpen: setOpenId,
      onRetry: (id) => void retryOne(id),
      ...(hasParts && { onSelect }),
      onRemove: (id, permanently) => void (permanently ? erase(id) : toBin(id)),
      onFiles: (files, waiting) => {
        onFiles(files);
        // The file replaces the media, which would wait for its bytes for a day.
        const { id = '', file_name, size } = waiting ?? {};
        if (files.some((file) => file.name === file_name && file.size === size)) void erase(id);
      },
      onSendAgain,
      onDismiss: (key) => {
        // The last card has no other beside it to take the focus.
        if (region.current?.querySelectorAll('.ma-card').length === 1) keepFocus(region.current);
        onDismiss(key);
      },
    };
  }, [retryOne, toBin, erase, setOpenId, onFiles, onSelect, hasParts, onSendAgain, onDismiss]);
  const openBin = () => {
    setOpened('bin');
    // The bin offers the same, and "moved to the bin" would be wrong after a restore there.
    endUndo();
  };
  const endSelection = () => {
    stop();
    // A focused card keeps the focus near.
    if (!document.activeElement?.closest('.ma-card')) keepFocus(region.current);
  };
  const hold = useCallback((id: string) => onSelect(id, false), [onSelect]);
  useHold(region, parts && hold);
  const hasMedia = stored.length > 0;
  const ofList = (act: () => void) => (hasMedia && parts && !selected ? act : undefined);
  const openShortcuts = isPage && hasMedia && parts ? () => setOpened('shortcuts') : undefined;
  usePageKeys(({ key }) => key === '?' && openShortcuts?.());
  const around = openId === undefined ? region : titleOfView;
  /** The notices lie above the open view. */
  const notices = parts && (
    <>
      <parts.Failures
        media={stored}
        {...{ failures, act, forget, region: around }}
        onDeleted={addDeleted}
        onBin={openBin}
      />
      {deleted.length > 0 && (
        <parts.Undo
          ids={deleted}
          region={around}
          onEnd={(back) => {
            endUndo(back);
            const [id] = back ?? [];
            if (openId !== undefined && id !== undefined) setOpenId(id);
          }}
        />
      )}
    </>
  );
  const entriesOfMenu: MenuEntry[] = [
    ...menu.first,
    { id: 'select', label: barWords.select, onPress: ofList(start) },
    {
      id: 'again',
      label: againLabel || '',
      onPress: againLabel ? ofList(openAgain) : undefined,
    },
    { id: 'export', label: barWords.export, onPress: ofList(() => setOpened('export')) },
    { id: 'bin', label: words.bin, onPress: openBin },
    // Phones have no keys.
    {
      id: 'shortcuts',
      label: barWords.shortcuts,
      onPress: matchMedia('(hover: hover)').matches ? openShortcuts : undefined,
    },
    ...menu.last,
  ];
  return (
    <section className="ma-gallery" aria-label={words.gallery} ref={region} tabIndex={-1}>
      {menuPlace && createPortal(<MoreButton entries={entriesOfMenu} />, menuPlace)}
      {parts && <parts.GoToMonth {...{ below, search, onSearch }} list={more} />}
      {hasMedia && parts && (
        <parts.AgainControl
          search={search}
          isOpen={opened === 'again'}
          onOpen={openAgain}
          onClose={closeOpened}
          onLabel={setAgainLabel}
        />
      )}
      {(openId !== undefined || isBinOpen || failures.length > 0) && error !== undefined && (
        <div ref={showNotice}>
          <ErrorNotice error={failures.at(-1)?.error ?? error}>
            <button type="button" className="ma-button" onClick={() => location.reload()}>
              {words.tryAgain}
            </button>
          </ErrorNotice>
        </div>
      )}
      {opened === 'export' && parts && (
        <parts.Export
          act={act}
          ids={selected && [...selected]}
          filters={(isNarrowed(search) && withoutStart(search)) || {}}
          onClose={closeOpened}
        />
      )}
      {opened === 'shortcuts' && parts && <parts.Shortcuts onClose={closeOpened} />}
      {isBinOpen && parts && <parts.BinView onClose={closeOpened} />}
      {cards && (
        <cards.CardList
          {...{ entries, list, search, selected, rest, setSelection, lastId }}
          onTop={parts && <parts.Above {...{ search, below, entries, region, onJoined }} />}
        >
          {(entry, place) => (
            <cards.MediaCard
              key={entry.key}
              upload={entry.upload}
              media={entry.media}
              isRetryable={isRetryable(entry)}
              reason={parts?.reasonOf(entry, words.language)}
              isSelected={selected && entry.media && selected.has(entry.media.id)}
              handlers={handlers}
              {...place}
            />
          )}
        </cards.CardList>
      )}
      {cards && <cards.FocusRestore region={region} entries={entries} />}
      {(cards || entries.length === 0) && <More list={more} />}
      {parts && (
        <div className="ma-many-stack">
          {!selected && <parts.ForeignNotice media={stored} />}
          {openId === undefined && notices}
          {same.length > 0 && (
            <parts.SameFilesNotice {...{ same, region }} onAnswer={onSame} onOpen={setOpenId} />
          )}
          {selected && (
            <parts.ManyBar
              {...{ list, search, rest, setSelection, act, fail }}
              onRetry={retryOne}
              ids={order}
              media={stored.filter(({ id }) => selected.has(id))}
              again={entries.filter(isRetryable)}
              onExport={() => setOpened('export')}
              onDeleted={addDeleted}
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
          {...{ openId, entries, linked, isGone, region, toBin, fail, close, notices }}
          {...{ onSearch, list }}
          onTurn={setOpenId}
        />
      )}
    </section>
  );
}

/** Gets the focus of a notice that disappears above the full view. */
const titleOfView = {
  get current() {
    return document.querySelector<HTMLElement>('.ma-details h2');
  },
};

/** The parts for an act could not be loaded. The pressed card may be far below the notice. */
const showNotice = (notice: HTMLElement | null) => notice?.scrollIntoView({ block: 'center' });
