/** What was deleted in the last 30 days: a list in which each can be brought back, or erased. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import type { InfiniteData } from '@tanstack/react-query';
import { useEffect, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import { type BinList, type BinnedMedia, MediaClientError } from '../../client/index.ts';
import { ConfirmButton } from '../../components/base/confirm-button.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useModal } from '../../components/base/use-modal.ts';
import { Thumbnail } from '../../components/card/thumbnail.tsx';
import { useWords } from '../../components/words/index.ts';
import { useMediaCache, useQueryCache } from '../../hooks/context.ts';
import { type Library, useLibrary } from '../../hooks/index.ts';
import { usePages } from '../../hooks/use-pages.ts';
import './bin.css';
import { manyWordsFor } from '../selecting/many-words.ts';
import { FailedNotice } from '../shell/failures.tsx';
import { PageDialog } from '../shell/page-dialog.tsx';
import { useBackCloses } from '../shell/use-back-closes.ts';

const DAY_MS = 24 * 3_600_000;

const daysLeft = ({ erase_at }: BinnedMedia) =>
  Math.ceil((Date.parse(erase_at) - Date.now()) / DAY_MS);

/** What failed without a file, and would fail again, is no more when it is back. */
const isOfUse = ({ url, status, error_code }: BinnedMedia) =>
  url !== null || status !== 'failed' || error_code === null || isRetryableCode(error_code);

interface BinViewProps {
  /** Whether it is on a page of its own, where Back closes it, and not in an app. */
  isPage: boolean;
  onClose: () => void;
}

export function BinView({ isPage, onClose }: BinViewProps) {
  const { language, loadMore, loading, bin } = useWords();
  const words = manyWordsFor(language);
  const { media, hasMore, isLoading, isAtWork, failed, more, restore, erase, forget } =
    useBin(words);
  const modal = useModal(onClose);
  const list = useRef<HTMLUListElement>(null);
  // What is brought back or erased elsewhere leaves the list, and may have had the focus.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks when something may have left
  useLayoutEffect(() => {
    if (document.activeElement === document.body) keepFocus(list.current);
  }, [media.length]);
  useBackCloses(isPage, true, modal.close);
  const after = (work: Promise<void>) => {
    keepFocus(list.current);
    void work;
  };
  return (
    <PageDialog modal={modal} className="ma-bin" title={bin}>
      <p className="ma-muted" role="status">
        {isAtWork ? words.atWork : media.length === 0 && !hasMore ? words.binEmpty : words.binHint}
      </p>
      {media.length > 0 && !isAtWork && (
        <div className="ma-bin-all">
          {media.length > 1 && (
            <button type="button" className="ma-button" onClick={() => after(restore())}>
              {words.restoreAll}
            </button>
          )}
          <ConfirmButton
            name={words.allOfBin(media.length, hasMore)}
            onConfirm={() => after(erase())}
          >
            {words.eraseAll}
          </ConfirmButton>
        </div>
      )}
      <ul ref={list} tabIndex={-1} aria-label={bin}>
        {media.map((each) => (
          <li key={each.id}>
            <div className="ma-bin-picture">
              <Thumbnail
                mediaId={each.url === null ? undefined : each.id}
                rendition="binned"
                file={undefined}
                isVideo={each.content_type.startsWith('video/')}
                hasPoster={each.frames !== undefined}
                held={each.held}
                seconds={each.analytics?.duration_s}
              />
            </div>
            <div className="ma-bin-what">
              <span>{each.analytics?.title ?? each.file_name}</span>
              <span className="ma-muted">
                {(each.analytics?.title ?? each.file_name) !== each.file_name &&
                  `${each.file_name} · `}
                {words.left(daysLeft(each))}
              </span>
            </div>
            {isOfUse(each) && (
              <button
                type="button"
                className="ma-button"
                aria-label={words.restoreOf(each.file_name)}
                onClick={() => after(restore([each]))}
              >
                {words.restore}
              </button>
            )}
            <ConfirmButton name={each.file_name} onConfirm={() => after(erase([each]))} />
          </li>
        ))}
      </ul>
      {hasMore && (
        <button type="button" className="ma-button" disabled={isLoading} onClick={more}>
          {isLoading ? loading : loadMore}
        </button>
      )}
      {failed && (
        <div className="ma-bin-failed">
          <FailedNotice
            error={failed.error}
            what={failed.what}
            onRetry={failed.again}
            onClose={forget}
            onGone={() => keepFocus(list.current)}
          />
        </div>
      )}
    </PageDialog>
  );
}

function useBin(words: ReturnType<typeof manyWordsFor>) {
  const library = useLibrary();
  const cache = useMediaCache();
  // Here or elsewhere. It may be opened before a deletion has ended.
  const dropped = useSyncExternalStore(cache.subscribe, () => cache.dropped);
  const queries = useQueryCache();
  /** What was restored or erased here, or is about to be. A list that was asked for before that still has it. */
  const acted = useRef(new Set<string>());
  const hasActed = (each: BinnedMedia) => acted.current.has(stateOf(each));
  const withoutActed = (page: BinList): BinList => ({
    ...page,
    media: page.media.filter((each) => !hasActed(each)),
  });
  const { pages, hasMore, isLoading, loadMore, reload, error } = usePages(BIN, (options) =>
    library.bin(options).then(withoutActed),
  );
  // What comes into the bin meanwhile moves what is there to the next page.
  const all = new Map(pages?.flatMap((page) => page.media).map((each) => [each.id, each]));
  const isBack = ({ id, revision }: BinnedMedia) => (cache.get(id)?.revision ?? 0) > revision;
  const countBack = () => [...all.values()].filter(isBack).length;
  useSyncExternalStore(cache.subscribe, countBack);
  const media = [...all.values()].filter((each) => !isBack(each));
  const [isAtWork, setIsAtWork] = useState(false);
  const [failed, setFailed] = useState<Failed>();
  const [closed, close] = useState<unknown>();
  const begun = useRef(dropped);
  useEffect(() => {
    if (dropped === begun.current) return;
    // Many that are deleted together are told one after the other.
    const timer = setTimeout(reload, GATHER_MS);
    return () => clearTimeout(timer);
  }, [reload, dropped]);
  /** @param those Undefined: all of the bin, also what is not loaded. */
  const act = async (kind: Kind, those?: readonly BinnedMedia[]): Promise<void> => {
    setIsAtWork(those === undefined);
    const failedFor = (error: unknown, these = those): Failed => ({
      error,
      what: these && words.notDoneOf(kind, these.length, these[0]?.file_name),
      again: () => act(kind, these),
    });
    let failure: Failed | undefined;
    let meant = those ?? [];
    try {
      if (those === undefined) {
        const all = [...media, ...(await allFrom(library, pages?.at(-1)?.next_page_token))];
        meant = all.filter((each) => !hasActed(each));
      }
      for (const each of meant) acted.current.add(stateOf(each));
      const ids = meant.map(({ id }) => id);
      const { failed: all } = await (kind === 'restore'
        ? library.restore(ids)
        : library.remove(ids, { permanently: true, onlyBinned: true }));
      // What is not in the bin any more is no error: somebody was faster.
      const failures = all.filter(({ code }) => code !== 'not_found');
      const left = meant.filter(({ id }) => failures.some(({ media_id }) => media_id === id));
      for (const each of left) acted.current.delete(stateOf(each));
      queries.setQueryData<InfiniteData<BinList>>(
        [BIN],
        (known) => known && { ...known, pages: known.pages.map(withoutActed) },
      );
      const [first] = failures;
      if (first) {
        failure = failedFor(new MediaClientError(first.code, first.message, { status: 0 }), left);
      }
    } catch (error) {
      for (const each of meant) acted.current.delete(stateOf(each));
      failure = failedFor(error);
    }
    setIsAtWork(false);
    // What of it was done before an error, only the service knows.
    if (those === undefined) reload();
    setFailed(failure);
  };
  return {
    media,
    isLoading,
    isAtWork,
    failed: failed ?? (error === closed ? undefined : { error, again: async () => loadMore() }),
    hasMore,
    more: loadMore,
    restore: (those?: readonly BinnedMedia[]) => act('restore', those),
    erase: (those?: readonly BinnedMedia[]) => act('erase', those),
    forget: () => {
      setFailed(undefined);
      close(error);
    },
  };
}

const BIN = 'bin';
const GATHER_MS = 200;

/** A media that is brought back, and deleted once more, is in the bin with another one. */
const stateOf = ({ id, revision }: BinnedMedia) => `${id} ${revision}`;

type Kind = 'restore' | 'erase';

interface Failed {
  error: unknown;
  /** Absent: all of the bin, or its list; then the reason says it. */
  what?: string | undefined;
  again: () => Promise<void>;
}

/** Those on this page of the bin and on all after it. Undefined: there is none. */
async function allFrom(library: Library, pageToken: string | undefined): Promise<BinnedMedia[]> {
  if (pageToken === undefined) return [];
  const page = await library.bin({ pageToken });
  return [...page.media, ...(await allFrom(library, page.next_page_token))];
}
