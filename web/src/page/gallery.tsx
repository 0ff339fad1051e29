/** All entries as cards, and the full view of one of them. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { MediaClientError, type MediaFilters } from '../client/index.ts';
import { ErrorNotice } from '../components/error-notice.tsx';
import { RetryIcon, TrashIcon } from '../components/icons.tsx';
import { watchSight } from '../components/in-sight.ts';
import { keepFocus } from '../components/keep-focus.ts';
import { type CardHandlers, MediaCard } from '../components/media-card.tsx';
import { useWords } from '../components/words/index.ts';
import { type MediaListState, useMediaActions, useMediaUploadSSE } from '../hooks/index.ts';
import { CardList } from './card-list.tsx';
import { type Entry, isRetryable } from './entries.ts';
import { Similar } from './search-lazy.tsx';
import { useMediaParts } from './use-media-parts.ts';
import { useOpenMedia } from './use-open-media.ts';
import { useSelection } from './use-selection.ts';

interface GalleryProps {
  /** Whether it is on a page of its own, and not in an app. */
  isPage: boolean;
  /** Where a photo lies that is offered to try with, while there is nothing yet. */
  sampleUrl: string | undefined;
  entries: readonly Entry[];
  list: MediaListState;
  /** What was searched for; undefined: nothing, so they are all. */
  search: MediaFilters | undefined;
  onSimilar: (id: string) => void;
  onFiles: (files: File[]) => void;
  onSendAgain: (...keys: string[]) => void;
  onDismiss: (key: string) => void;
  onError: (error: unknown) => void;
}

export function Gallery({
  isPage,
  sampleUrl,
  entries,
  list,
  search,
  onSimilar,
  onFiles,
  onSendAgain,
  onDismiss,
  onError,
}: GalleryProps) {
  const words = useWords();
  const { retry, remove } = useMediaActions();
  const { openId, open: setOpenId, close } = useOpenMedia(isPage);
  // A link leads to a media that the list may not have yet.
  const { media: linked, isGone } = useMediaUploadSSE(openId ?? '');
  const region = useRef<HTMLElement>(null);
  const stored = useMemo(() => entries.flatMap(({ media }) => media ?? []), [entries]);
  const order = useMemo(() => stored.map(({ id }) => id), [stored]);
  const { selected, onSelect, start, stop, selectAll } = useSelection(order);
  const [deleted, setDeleted] = useState<readonly string[]>([]);
  const [isBinOpen, setIsBinOpen] = useState(false);
  const closeBin = useCallback(() => setIsBinOpen(false), []);
  const endUndo = useCallback(() => setDeleted([]), []);
  const handlers = useMemo((): CardHandlers => {
    const act = (work: Promise<void>) => {
      onError(undefined);
      work.catch(onError);
    };
    return {
      onOpen: setOpenId,
      onRetry: (id) => act(retry(id)),
      onSelect,
      onRemove: (id) => {
        act(remove(id).then(() => setDeleted([id])));
        keepFocus(region.current);
      },
      onFiles: (files, waiting) => {
        onFiles(files);
        // The file takes the place of the media, which would wait for its bytes for a day.
        const { id = '', file_name, size } = waiting ?? {};
        if (files.some((file) => file.name === file_name && file.size === size)) {
          act(remove(id, { permanently: true }));
        }
      },
      onSendAgain,
      onDismiss,
    };
  }, [retry, remove, setOpenId, onFiles, onSelect, onSendAgain, onDismiss, onError]);
  const removing = useRef<string>(undefined);
  const removeOpen = (id: string) => {
    removing.current = id;
    onError(undefined);
    close();
    remove(id).then(() => {
      setDeleted([id]);
      // The card to which the full view has given the focus back disappears.
      keepFocus(region.current);
    }, onError);
  };
  useEffect(() => {
    if (!isGone || openId === removing.current) return;
    onError(new MediaClientError('not_found', 'It was deleted, or is not yours.', { status: 404 }));
    close();
  }, [isGone, openId, close, onError]);

  const again = entries.filter(isRetryable);
  const tryAllAgain = () => {
    onError(undefined);
    onSendAgain(...again.flatMap(({ key, media }) => (media ? [] : key)));
    const failed = again.flatMap(({ media }) => media?.id ?? []);
    // It is there already if there are any.
    import('./media-parts.ts').then(({ fewAtOnce }) => fewAtOnce(failed, retry)).catch(onError);
    keepFocus(region.current);
  };

  const viewable = entries.flatMap(({ media }) => (media?.url != null ? [media] : []));
  const position = viewable.findIndex(({ id }) => id === openId);
  const open = linked?.url != null ? linked : undefined;
  const turnTo = (step: number) => {
    const id = position < 0 ? undefined : viewable[position + step]?.id;
    return id === undefined ? undefined : () => setOpenId(id);
  };
  const hasMedia = entries.some(({ media }) => media);
  const { parts, error } = useMediaParts(
    hasMedia || linked !== undefined || isBinOpen || entries.length > 1,
    openId ?? String(isBinOpen),
  );
  // The search says by itself that it has found nothing.
  const isEmpty = entries.length === 0 && !list.isLoading && list.error === undefined && !search;
  const openBin = () => {
    setIsBinOpen(true);
    // The bin offers the same, and what is brought back there was not "moved to the bin".
    endUndo();
  };
  /** For those who have no photo at hand. It is sent like any other. */
  const sendSample = (url: string) =>
    void import('./fetch-sample.ts')
      .then(({ fetchSample }) => fetchSample(url))
      .then((files) => files.length > 0 && onFiles(files))
      .catch(onError);
  const binButton = (
    <button type="button" className="ma-button" onClick={openBin}>
      <TrashIcon />
      {words.language === 'ja' ? 'ごみ箱' : 'Bin'}
    </button>
  );
  return (
    <section className="ma-gallery" aria-label={words.gallery} ref={region} tabIndex={-1}>
      {isEmpty ? (
        <div className="ma-empty">
          <h2>{words.empty}</h2>
          <p>{words.emptyHint}</p>
          <div className="ma-empty-buttons">
            {sampleUrl && (
              <button type="button" className="ma-button" onClick={() => sendSample(sampleUrl)}>
                {words.language === 'ja' ? 'サンプル写真で試す' : 'Try it with a sample photo'}
              </button>
            )}
            {binButton}
          </div>
        </div>
      ) : (
        <div className="ma-gallery-line">
          <h2>{words.gallery}</h2>
          {again.length > 1 && (
            <button type="button" className="ma-button" onClick={tryAllAgain}>
              <RetryIcon />
              {words.retryAll(again.length)}
            </button>
          )}
          {parts && <parts.DismissAll {...{ entries, onDismiss, region }} />}
          {hasMedia && parts && !selected && <parts.SelectButton onClick={start} />}
          {binButton}
          {/* Last: when it opens, it takes the lines below, and what came after it would stand under it. */}
          {hasMedia && parts && !selected && <parts.Again search={search} />}
        </div>
      )}
      {(open || isBinOpen) && error !== undefined && <NotOpened error={error} />}
      {isBinOpen && parts && <parts.BinView onClose={closeBin} />}
      <CardList entries={entries} hasMore={list.hasMore}>
        {(entry, place) => (
          <MediaCard
            key={entry.key}
            upload={entry.upload}
            media={entry.media}
            isRetryable={isRetryable(entry)}
            hasPlace={entry.hasPlace}
            isSelected={selected && entry.media && selected.has(entry.media.id)}
            handlers={handlers}
            {...place}
          />
        )}
      </CardList>
      {parts && <parts.MovedFocus region={region} entries={entries} />}
      <More list={list} />
      {selected && parts && (
        <parts.ManyBar
          media={stored.filter(({ id }) => selected.has(id))}
          retryable={again.flatMap(({ media }) =>
            media && selected.has(media.id) ? media.id : [],
          )}
          isAll={selected.size === order.length}
          onAll={selectAll}
          onDeleted={(ids) => {
            setDeleted(ids);
            stop();
            keepFocus(region.current);
          }}
          onClose={() => {
            stop();
            keepFocus(region.current);
          }}
        />
      )}
      {deleted.length > 0 && parts && <parts.Undo ids={deleted} onEnd={endUndo} />}
      {open && parts && (
        <parts.MediaDetails
          media={open}
          onRemove={() => removeOpen(open.id)}
          onClose={close}
          onPrevious={turnTo(-1)}
          onNext={turnTo(1)}
        >
          <parts.EditWords key={`${open.id} edit`} media={open} />
          {/* Without a second attempt there is nothing earlier. */}
          {open.attempts > 1 && <parts.EarlierResults key={open.id} media={open} />}
          {open.analytics && (
            <Similar
              onClick={() => {
                close();
                onSimilar(open.id);
              }}
            />
          )}
        </parts.MediaDetails>
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
