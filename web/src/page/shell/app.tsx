/** The upload area at the top, the cards of all media below: as the page, and as a part of an app. */
import { type ComponentType, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { UploadArea, useFileChoice } from '../../components/upload/photo-upload.tsx';
import { UploadProgress } from '../../components/upload/upload-progress.tsx';
import { offeredOf } from '../../components/view/analysis-words.ts';
import { baseOf, useWords } from '../../components/words/index.ts';
import { useMediaCache, useMediaClient } from '../../hooks/context.ts';
import {
  type BatchSummary,
  type MediaListState,
  useAnalyses,
  useAnalyzeMedia,
  useMediaActions,
  useMediaAnalysisSSE,
  useMediaList,
  useMediaSearch,
} from '../../hooks/index.ts';
import { useBinned } from '../bin/use-binned.ts';
import type { Joined } from '../library/above.tsx';
import { entriesOf, openBatches } from '../library/entries.ts';
import { Gallery } from '../library/gallery.tsx';
import type { LiveProps } from '../library/live.tsx';
import { Afterwards } from '../loading/afterwards-lazy.tsx';
import { useHasMediaCache } from '../loading/has-media-cache.ts';
import { useLoaded } from '../loading/use-loaded.ts';
import { isNarrowed, useFilters, withoutStart } from '../search/search-address.ts';
import { Search, SearchOutcome } from '../search/search-lazy.tsx';
import { useChosenAnalyses } from '../sending/chosen-analyses.ts';
import { Notices } from '../sending/notices-lazy.tsx';
import { type SameFile, sortOut } from '../sending/same-files.ts';
import { NotTaken, Options } from '../sending/sending-lazy.ts';
import type { SharedProps } from '../sending/shared.tsx';
import { Shared } from '../sending/shared-lazy.tsx';
import { useStoredBatch } from '../sending/stored-batch.ts';
import { useBatch } from '../sending/use-batch.ts';
import { barWordsFor } from './bar-words.ts';
import { PageName } from './header.tsx';
import { type Account, useMenu } from './use-menu.tsx';

interface AppProps {
  /** Who is signed in; absent: the page knows nobody. */
  account?: Account | undefined;
  /** Whose files the browser may keep until they are accepted; absent: it keeps none. */
  keepFor?: string | undefined;
  /** Where a photo lies that is offered to try with, while there is nothing yet; absent: none is offered. */
  sampleUrl?: string | undefined;
}

export const App = (props: AppProps) => (
  <main className="page-main ma-board">
    <Board {...props} page={{ Afterwards, Shared, Notices, Name: PageName }} />
  </main>
);

interface BoardProps extends AppProps {
  /** What only the page has: it owns its address, its title and its scrolling. Absent: the board is in an app. */
  page?: {
    Afterwards: ComponentType<LiveProps>;
    Shared: ComponentType<SharedProps>;
    Notices: ComponentType<{ batch: BatchSummary }>;
    Name: ComponentType;
  };
}

export function Board({ keepFor, sampleUrl, account, page }: BoardProps) {
  const words = useWords();
  const barWords = barWordsFor(words.language);
  const isPage = page !== undefined;
  const catalog = useAnalyses();
  const [chosen, choose] = useChosenAnalyses(catalog);
  const sending = useAnalyzeMedia({ language: baseOf(words.language), analyses: chosen, keepFor });
  const { uploads, mediaIds, isSending, isRestored } = sending;
  const { analyze, sendAgain, cancel, cancelHere, dismiss } = sending;
  const list = useMediaList();
  const stored = useStoredBatch(keepFor);
  const [{ order, ids: earlier }] = stored;
  const [filters, setFilters] = useFilters(isPage);
  const [linked] = useState(filters);
  const below = useMediaSearch(filters);
  const [joined, setJoined] = useState<Joined>();
  const found = joined ?? below;
  const similarTo = filters?.similar_to ?? '';
  const ids = useMemo(
    () => [...new Set([...mediaIds, ...earlier, ...list.ids, ...found.ids, similarTo])],
    [mediaIds, earlier, list.ids, found.ids, similarTo],
  );
  const { media, goneIds, connection, error, resume } = useMediaAnalysisSSE(ids);
  // What another tab sends is not lost with this one.
  useWarningWhile(uploads.some((each) => each.state === 'sending' && !each.isElsewhere));
  // When the user signs out, nothing more is sent in their name.
  useEffect(() => cancelHere, [cancelHere]);

  // A batch is whole, and stays in its order; the list may be loaded only in part.
  const all = useMemo(
    () => entriesOf(uploads, list.ids, media, order),
    [uploads, list.ids, media, order],
  );
  const isEmpty = all.length === 0;
  const isListed = !list.hasMore || list.ids.length > 0 || list.error !== undefined;
  // What comes one after the other would push down what is there. What follows `ma-unknown` waits until it can be drawn in its place.
  const [wasKnown, setWasKnown] = useState(false);
  const isOrdered = filters !== undefined && !isNarrowed(filters);
  const isWhole =
    isListed &&
    !(isOrdered && below.isOutdated && !below.error) &&
    !catalog.isLoading &&
    isRestored;
  const isUnknown = !wasKnown && !isWhole && uploads.length === 0;
  // What was drawn once stays in sight, and who sends something sees it at once.
  if (!isUnknown && !wasKnown) setWasKnown(true);
  const hadMedia = useHasMediaCache(isUnknown ? undefined : !isEmpty);
  const cards = useLoaded(
    isListed || hadMedia || !isEmpty,
    () => import('../library/card-list.tsx'),
  );
  const entries = useMemo(
    () => cards?.orderBatches(all, list.ids, openBatches(media.values()), list.hasMore) ?? all,
    [cards, all, list.ids, list.hasMore, media],
  );
  const batched = useBatch({ entries, list, stored, media, goneIds, sending, owner: keepFor });
  const { summary: batch, timeLeft, waiting, members } = batched;
  const matches = useMemo(() => {
    const [foundIds, batch] = [found.ids, members];
    if (!cards || !filters) return entriesOf([], foundIds, media);
    return cards.foundEntries({ entries, foundIds, media, filters, batch });
  }, [cards, entries, found.ids, media, filters, members]);

  // What was there before stays until it can be searched, or its month is loaded. The search says so.
  const isGoing = filters?.start && filters !== linked && found.isOutdated;
  const isAll = !filters || ((found.error || isGoing) && !found.ids.length);
  const shown = isAll ? list : found;
  // Of the list of before, no more is meant: nobody has seen what the search will find, nor asked for the rest of all.
  const isBefore = filters && below.isOutdated;

  const send = useCallback(
    (files: File[]) => {
      void analyze(files);
      if (!isPage) return;
      if (cards && filters?.start) {
        // Who looks at one media stays there.
        if (document.querySelector('dialog[open]')) return;
        // What is sent is above the first month.
        const all = withoutStart(filters);
        cards.writeSearch(all);
        setFilters(all);
      }
      scrollTo({ top: 0 });
    },
    [analyze, isPage, cards, filters, setFilters],
  );
  const [same, setSame] = useState<readonly SameFile[]>([]);
  const known = useRef({ uploads, media });
  useEffect(() => {
    known.current = { uploads, media };
  });
  const onFiles = useCallback(
    (files: File[]) => {
      const sorted = sortOut(files, known.current.uploads, known.current.media.values());
      if (sorted.same.length > 0) setSame((before) => [...before, ...sorted.same]);
      if (sorted.fresh.length > 0) send(sorted.fresh);
    },
    [send],
  );
  const answerSame = (isKept: boolean) => {
    setSame([]);
    if (isKept) send(same.map(({ file }) => file));
  };
  const binned = useBinned();
  const { act, addDeleted } = binned;
  const { retry, remove } = useMediaActions();
  const client = useMediaClient();
  const cache = useMediaCache();
  const cancelRest = () => {
    cancel();
    // The button goes with what it has cancelled.
    keepFocus(document.querySelector('.ma-gallery'));
    if (waiting.length === 0) return;
    const work = async () => {
      const { binRest } = await import('../loading/media-parts.ts');
      await binRest(client, cache, waiting, addDeleted);
    };
    // Of two presses that fail, the second one counts: most of what it is about is the same.
    void act({ kind: 'remove', id: 'rest', count: waiting.length, work });
  };
  const onSendAgain = useCallback((...keys: string[]) => void sendAgain(...keys), [sendAgain]);

  const files = useFileChoice(onFiles);
  const [areOptionsOpen, setAreOptionsOpen] = useState(false);
  const closeOptions = useCallback(() => setAreOptionsOpen(false), []);
  const hasOptions = offeredOf(catalog.analyses).length > 1;
  const problems = entries.filter(({ stage }) => stage === 'failed' || stage === 'stopped');
  const erase = (id: string) =>
    act({ kind: 'remove', id, work: () => remove(id, { permanently: true }) });
  const retryOne = useCallback(
    (id: string) => act({ kind: 'retry', id, work: () => retry(id) }),
    [act, retry],
  );
  /** For those who have no photo at hand. It is sent like any other. */
  const sendSample = (url: string) =>
    void act({
      kind: 'sample',
      id: '',
      work: async () => {
        const { fetchSample } = await import('../sending/fetch-sample.ts');
        await fetchSample(url, onFiles);
      },
    });
  // Until it is known whether there are photos, it is as it was the last time.
  const isLibrary = !isEmpty || isNarrowed(filters) || (isUnknown && hadMedia);
  const menu = useMenu({
    files: isLibrary ? files : undefined,
    onOptions: hasOptions ? () => setAreOptionsOpen(true) : undefined,
    account,
  });
  const [menuPlace, setMenuPlace] = useState<HTMLElement | null>(null);

  return (
    <>
      {page && isListed && (
        <page.Afterwards {...{ list, uploads }} remembered={earlier} onDismiss={dismiss} />
      )}
      {files.inputs}
      <div className="ma-bar">
        {page && <page.Name />}
        {isLibrary && <Search {...{ filters, isPage, media }} onSearch={setFilters} />}
        <UploadProgress
          batch={batch}
          connection={connection}
          timeLeft={timeLeft}
          isPaused={sending.isPaused}
          onPause={isSending ? sending.pause : undefined}
          onCancel={isSending || waiting.length > 0 ? cancelRest : undefined}
        >
          {page && batch.total > 0 && <page.Notices batch={batch} />}
        </UploadProgress>
        {problems.length > 0 && (
          <NotTaken
            entries={problems}
            onSendAgain={onSendAgain}
            onRetry={retryOne}
            onDismiss={dismiss}
            onErase={erase}
          />
        )}
        {isLibrary && <UploadArea files={files} isCompact />}
        <div className="ma-bar-menu" ref={setMenuPlace} />
      </div>
      {isUnknown && <span className="ma-unknown" hidden={true} />}
      {!isLibrary && (
        <UploadArea files={files}>
          <div className="ma-upload-more">
            {sampleUrl && (
              <button
                type="button"
                className="ma-button"
                data-kind="link"
                onClick={() => sendSample(sampleUrl)}
              >
                {barWords.sample}
              </button>
            )}
          </div>
        </UploadArea>
      )}
      {areOptionsOpen && (
        <Options
          isPage={isPage}
          analyses={catalog.analyses}
          chosen={chosen}
          onChange={choose}
          onClose={closeOptions}
        />
      )}
      {page && <page.Shared {...{ uploads, isRestored }} onFiles={send} owner={keepFor ?? ''} />}
      {error !== undefined && (
        <ErrorNotice error={error}>
          <button type="button" className="ma-button" onClick={resume}>
            {words.tryAgain}
          </button>
        </ErrorNotice>
      )}
      <div className="ma-board-list">
        {(!isEmpty || isNarrowed(filters)) && (
          <SearchOutcome {...{ found, filters, isPage, media }} onSearch={setFilters} />
        )}
        <Gallery
          isPage={isPage}
          menu={menu}
          menuPlace={menuPlace}
          cards={cards}
          entries={isAll ? entries : matches}
          list={isBefore ? withoutMore(shown) : shown}
          below={below}
          more={isBefore ? withoutMore(list) : isAll ? list : below}
          search={filters}
          onJoined={setJoined}
          binned={binned}
          onSearch={setFilters}
          onFiles={send}
          same={same}
          onSame={answerSame}
          onRetry={retryOne}
          onSendAgain={onSendAgain}
          onDismiss={dismiss}
        />
      </div>
    </>
  );
}

/** Why it is not the one that was asked for, the search says. */
const withoutMore = ({ ids, isLoading, loadMore }: MediaListState): MediaListState => ({
  ids,
  isLoading,
  loadMore,
  hasMore: false,
  error: undefined,
});

/** Makes the browser ask before the user leaves the page while files are being sent. */
function useWarningWhile(isSending: boolean): void {
  useEffect(() => {
    if (!isSending) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [isSending]);
}
