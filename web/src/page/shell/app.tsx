import { type ComponentType, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { Button } from '../../components/base/button.tsx';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { UploadArea, useFileChoice } from '../../components/upload/photo-upload.tsx';
import { UploadProgress } from '../../components/upload/upload-progress.tsx';
import { useSwitch } from '../../components/view/remembered.ts';
import { baseOf, useWords } from '../../components/words/index.ts';
import { useMediaCache, useMediaClient } from '../../hooks/context.ts';
import {
  type BatchSummary,
  type MediaListState,
  useAnalyses,
  useAnalyzeMedia,
  useMediaAnalysisSSE,
  useMediaList,
  useMediaSearch,
} from '../../hooks/index.ts';
import type { Joined } from '../library/above.tsx';
import { entriesOf, openBatches } from '../library/entries.ts';
import { Gallery } from '../library/gallery.tsx';
import type { LiveProps } from '../library/live.tsx';
import { useHasMediaCache } from '../loading/has-media-cache.ts';
import { useLoaded } from '../loading/use-loaded.ts';
import { isNarrowed, useFilters, withoutStart } from '../search/search-address.ts';
import { Search, SearchOutcome } from '../search/search-lazy.tsx';
import { useChosenAnalyses } from '../sending/chosen-analyses.ts';
import { type SameFile, sortOut } from '../sending/same-files.ts';
import { NotTaken, Options } from '../sending/sending-lazy.ts';
import type { SharedProps } from '../sending/shared.tsx';
import { useStoredBatch } from '../sending/stored-batch.ts';
import { useBatch } from '../sending/use-batch.ts';
import { barWordsFor } from './bar-words.ts';
import { useActs } from './use-acts.ts';
import { type Account, useMenu } from './use-menu.tsx';

export interface BoardProps {
  /** The signed-in user; undefined: the page knows nobody. */
  account?: Account | undefined;
  /** The user whose files the browser may keep until they are accepted or dismissed; undefined: it keeps none. */
  keepFor?: string | undefined;
  /** URL of a sample photo, offered while the library is empty; undefined: none is offered. */
  sampleUrl?: string | undefined;
  /** Parts that only the page has, which owns its address, title and scrolling. Undefined: the board is in an app. */
  page?: {
    Afterwards: ComponentType<LiveProps>;
    Shared: ComponentType<SharedProps>;
    Notices: ComponentType<{ batch: BatchSummary }>;
    Name: ComponentType;
  };
}

/** The upload area at the top, the cards of all media below: as the page, and as a part of an app. */
export function Board({ keepFor, sampleUrl, account, page }: BoardProps) {
  const words = useWords();
  const isPage = page !== undefined;
  const catalog = useAnalyses();
  const [chosen, choose] = useChosenAnalyses(catalog);
  const sending = useAnalyzeMedia({ language: baseOf(words.language), analyses: chosen, keepFor });
  const { uploads, mediaIds, isSending, isRestored, analyze, pause, cancelHere, dismiss } = sending;
  const list = useMediaList();
  const stored = useStoredBatch(keepFor);
  const [{ order, ids: earlier }] = stored;
  const [filters, search] = useFilters(isPage);
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
  // Closing this tab does not stop the uploads of another tab.
  const isLosable = uploads.some((each) => each.state === 'sending' && !each.isElsewhere);
  useEffect(() => {
    if (!isLosable) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [isLosable]);
  // When the user signs out, nothing more is sent in their name.
  useEffect(() => cancelHere, [cancelHere]);

  // A batch is complete and keeps its order; the list may be loaded only in part.
  const all = useMemo(
    () => entriesOf(uploads, list.ids, media, order),
    [uploads, list.ids, media, order],
  );
  const isEmpty = all.length === 0;
  const isListed = !list.hasMore || list.ids.length > 0 || list.error !== undefined;
  // Parts that come one by one would push down what is there. After `ma-unknown`, all waits for its final place.
  const [wasKnown, setWasKnown] = useState(false);
  const isOrdered = filters !== undefined && !isNarrowed(filters);
  const isAwaited = isOrdered && below.isOutdated && !below.error;
  const isWhole = isListed && !isAwaited && !catalog.isLoading && isRestored;
  const isUnknown = !wasKnown && !isWhole && uploads.length === 0;
  // What was drawn once stays in sight, and new uploads are shown at once.
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
  const { summary, timeLeft, waiting, members: batch } = batched;
  const { ids: foundIds } = found;
  const matches = useMemo(
    () =>
      cards && filters
        ? cards.foundEntries({ entries, foundIds, media, filters, batch })
        : entriesOf([], foundIds, media),
    [cards, entries, foundIds, media, filters, batch],
  );

  // The previous list stays until the search has an answer, or its month is loaded. The search says so.
  const isGoing = filters?.start && filters !== linked && found.isOutdated;
  const isAll = !filters || ((found.error || isGoing) && !found.ids.length);
  const shown = isAll ? list : found;
  // The previous list loads no more: the user means the new search, not the rest of all.
  const isBefore = filters && below.isOutdated;

  const [isLooking, turnLooking] = useSwitch('look', 'off');
  const isUnsent = uploads.every(({ state, sent }) => state !== 'sending' || sent === 0);
  const send = useCallback(
    (files: File[]) => {
      void analyze(files);
      if (isLooking) pause();
      if (!isPage) return;
      if (filters?.start) {
        // A user who looks at one media stays there.
        if (document.querySelector('dialog[open]')) return;
        // New files are above the first month.
        search(withoutStart(filters));
      }
      scrollTo({ top: 0 });
    },
    [analyze, pause, isLooking, isPage, filters, search],
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
  const acts = useActs();
  const { act } = acts;
  const client = useMediaClient();
  const cache = useMediaCache();
  const cancelRest = () => {
    sending.cancel();
    // The button disappears with the uploads that it cancelled.
    keepFocus(document.querySelector('.ma-gallery'));
    if (waiting.length === 0) return;
    const work = async () => {
      const { binRest } = await import('../loading/media-parts.ts');
      await binRest(client, cache, waiting, acts.addDeleted);
    };
    // If two presses fail, the second one counts: both are mostly about the same media.
    void act({ kind: 'remove', id: 'rest', count: waiting.length, work });
  };
  const { sendAgain } = sending;
  const onSendAgain = useCallback((...keys: string[]) => void sendAgain(...keys), [sendAgain]);

  const files = useFileChoice(onFiles);
  const [areOptionsOpen, setAreOptionsOpen] = useState(false);
  const problems = entries.filter(({ stage }) => stage === 'failed' || stage === 'stopped');
  /** For users without a photo at hand. It is sent like any other. */
  const sendSample = (url: string) =>
    void act({
      kind: 'sample',
      id: '',
      work: async () => {
        const { fetchSample } = await import('../sending/fetch-sample.ts');
        onFiles([await fetchSample(url)]);
      },
    });
  // Until it is known whether there are photos, the layout is the one of the last time.
  const isLibrary = !isEmpty || isNarrowed(filters) || (isUnknown && hadMedia);
  const menu = useMenu(isLibrary ? files : undefined, () => setAreOptionsOpen(true), account);
  const [menuPlace, setMenuPlace] = useState<HTMLElement | null>(null);

  return (
    <>
      {page && isListed && (
        <page.Afterwards {...{ list, uploads }} remembered={earlier} onDismiss={dismiss} />
      )}
      {files.input}
      <div className="ma-bar" data-not-taken={problems.length > 0}>
        {page && <page.Name />}
        {isLibrary && <Search {...{ filters, media }} onSearch={search} />}
        <UploadProgress
          batch={summary}
          connection={connection}
          timeLeft={timeLeft}
          isPaused={sending.isPaused}
          onPause={isSending ? pause : undefined}
          upload={isLooking && isUnsent ? barWordsFor(words.language).upload : undefined}
          onCancel={isSending || waiting.length > 0 ? cancelRest : undefined}
        >
          {page && summary.total > 0 && <page.Notices batch={summary} />}
        </UploadProgress>
        {problems.length > 0 && (
          <NotTaken
            entries={problems}
            onSendAgain={onSendAgain}
            onRetry={acts.retryOne}
            onDismiss={dismiss}
            onErase={acts.erase}
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
              <Button kind="link" onClick={() => sendSample(sampleUrl)}>
                {barWordsFor(words.language).sample}
              </Button>
            )}
          </div>
        </UploadArea>
      )}
      {areOptionsOpen && (
        <Options
          analyses={catalog.analyses}
          chosen={chosen}
          onChange={choose}
          isLooking={isLooking}
          onLooking={turnLooking}
          onClose={() => setAreOptionsOpen(false)}
        />
      )}
      {page && <page.Shared onFiles={send} owner={keepFor ?? ''} />}
      {error !== undefined && (
        <ErrorNotice error={error}>
          <Button onClick={resume}>{words.tryAgain}</Button>
        </ErrorNotice>
      )}
      <div className="ma-board-list">
        {(!isEmpty || isNarrowed(filters)) && (
          <SearchOutcome {...{ found, filters, media }} onSearch={search} />
        )}
        <Gallery
          {...{ isPage, menu, menuPlace, cards, below }}
          entries={isAll ? entries : matches}
          list={isBefore ? withoutMore(shown) : shown}
          more={isBefore ? withoutMore(list) : isAll ? list : below}
          search={filters}
          onJoined={setJoined}
          acts={acts}
          onSearch={search}
          onFiles={send}
          onSame={answerSame}
          onDismiss={dismiss}
          {...{ same, onSendAgain }}
        />
      </div>
    </>
  );
}

/** The search says why this is not the list that was asked for. */
const withoutMore = (list: MediaListState) => ({ ...list, hasMore: false, error: undefined });
