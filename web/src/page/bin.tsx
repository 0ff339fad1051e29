/** What was deleted in the last 30 days: a list in which each can be brought back, or erased. */
import { useCallback, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { BinnedMedia, Deleted } from '../client/index.ts';
import { ConfirmButton } from '../components/confirm-button.tsx';
import { ErrorNotice } from '../components/error-notice.tsx';
import { CloseIcon } from '../components/icons.tsx';
import { keepFocus } from '../components/keep-focus.ts';
import { Thumbnail } from '../components/thumbnail.tsx';
import { useWords } from '../components/words/index.ts';
import { type Library, useLibrary } from '../hooks/index.ts';
import './bin.css';
import { manyWordsFor } from './many-words.ts';

const DAY_MS = 24 * 3_600_000;

const daysLeft = ({ erase_at }: BinnedMedia) =>
  Math.ceil((Date.parse(erase_at) - Date.now()) / DAY_MS);

export function BinView({ onClose }: { onClose: () => void }) {
  const { language, close, loadMore, loading } = useWords();
  const words = manyWordsFor(language);
  const { media, hasMore, isLoading, isAtWork, error, notDone, more, restore, erase } = useBin();
  const dialog = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const titleId = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  const after = (work: Promise<void>) => {
    keepFocus(list.current);
    void work;
  };
  return (
    <dialog
      ref={dialog}
      className="ma-bin"
      aria-labelledby={titleId}
      onClose={() => dialog.current?.open === false && onClose()}
    >
      <div className="ma-bin-inner">
        <div className="ma-bin-head">
          <h2 id={titleId}>{words.bin}</h2>
          <button
            type="button"
            className="ma-button"
            data-kind="icon"
            aria-label={close}
            onClick={() => dialog.current?.close()}
          >
            <CloseIcon />
          </button>
        </div>
        <p className="ma-muted" role="status">
          {isAtWork
            ? words.atWork
            : media.length === 0 && !hasMore
              ? words.binEmpty
              : words.binHint}
        </p>
        {error !== undefined && <ErrorNotice error={error} />}
        {notDone > 0 && <p role="alert">{words.notDone(notDone)}</p>}
        {media.length > 1 && !isAtWork && (
          <div className="ma-bin-all">
            <button type="button" className="ma-button" onClick={() => after(restore())}>
              {words.restoreAll}
            </button>
            <ConfirmButton name={words.allOfBin} onConfirm={() => after(erase())}>
              {words.eraseAll}
            </ConfirmButton>
          </div>
        )}
        <ul ref={list} tabIndex={-1} aria-labelledby={titleId}>
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
                />
              </div>
              <div className="ma-bin-what">
                <span>{each.analytics?.title ?? each.file_name}</span>
                <span className="ma-muted">
                  {each.file_name} · {words.left(daysLeft(each))}
                </span>
              </div>
              <button
                type="button"
                className="ma-button"
                aria-label={words.restoreOf(each.file_name)}
                onClick={() => after(restore([each.id]))}
              >
                {words.restore}
              </button>
              <ConfirmButton name={each.file_name} onConfirm={() => after(erase([each.id]))} />
            </li>
          ))}
        </ul>
        {hasMore && (
          <button type="button" className="ma-button" disabled={isLoading} onClick={more}>
            {isLoading ? loading : loadMore}
          </button>
        )}
      </div>
    </dialog>
  );
}

function useBin() {
  const library = useLibrary();
  const [media, setMedia] = useState<readonly BinnedMedia[]>([]);
  /** Undefined: not asked yet; null: there is no further page. */
  const [next, setNext] = useState<string | null>();
  const [isLoading, setIsLoading] = useState(false);
  const [isAtWork, setIsAtWork] = useState(false);
  const [error, setError] = useState<unknown>();
  const [notDone, setNotDone] = useState(0);
  const load = useCallback(
    (pageToken: string | undefined, signal?: AbortSignal) => {
      setIsLoading(true);
      library
        .bin({ pageToken, signal })
        .then(
          (page) => {
            setMedia((known) => (pageToken === undefined ? page.media : [...known, ...page.media]));
            setNext(page.next_page_token ?? null);
          },
          (reason: unknown) => {
            if (!signal?.aborted) setError(reason);
          },
        )
        .finally(() => setIsLoading(false));
    },
    [library],
  );
  useEffect(() => {
    const stop = new AbortController();
    load(undefined, stop.signal);
    return () => stop.abort();
  }, [load]);
  /** @param ids Undefined: all of the bin, also what is not loaded. */
  const act = async (ids: readonly string[] | undefined, work: Work) => {
    setError(undefined);
    setNotDone(0);
    setIsAtWork(ids === undefined);
    try {
      const meant = ids ?? [...media.map(({ id }) => id), ...(await idsFrom(library, next))];
      const { failed } = await work(meant);
      const left = failed.filter(({ code }) => code !== 'not_found');
      setNotDone(left.length);
      const gone = new Set(meant);
      for (const { media_id } of left) gone.delete(media_id);
      setMedia((known) => known.filter(({ id }) => !gone.has(id)));
    } catch (reason) {
      setError(reason);
    }
    setIsAtWork(false);
    // What of it was done before an error, only the service knows.
    if (ids === undefined) load(undefined);
  };
  return {
    ...{ media, isLoading, isAtWork, error, notDone, hasMore: next !== null },
    more: () => {
      setError(undefined);
      load(next ?? undefined);
    },
    restore: (ids?: readonly string[]) => act(ids, (all) => library.restore(all)),
    erase: (ids?: readonly string[]) =>
      act(ids, (all) => library.remove(all, { permanently: true })),
  };
}

type Work = (ids: readonly string[]) => Promise<Pick<Deleted, 'failed'>>;

/** The ids on this page of the bin and on all after it. `null`: there is none. */
async function idsFrom(library: Library, next: string | null | undefined): Promise<string[]> {
  const ids: string[] = [];
  for (let pageToken = next; pageToken !== null; ) {
    const page = await library.bin({ pageToken });
    ids.push(...page.media.map(({ id }) => id));
    pageToken = page.next_page_token ?? null;
  }
  return ids;
}
