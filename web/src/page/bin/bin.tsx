/** A list of what was deleted in the last 30 days. The user can bring back or erase each media. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import { useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { BinnedMedia } from '../../client/index.ts';
import { Button } from '../../components/base/button.tsx';
import { ConfirmButton } from '../../components/base/confirm-button.tsx';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { Thumbnail } from '../../components/card/thumbnail.tsx';
import { useWords } from '../../components/words/index.ts';
import { useMediaCache } from '../../hooks/context.ts';
import { type Library, useLibrary } from '../../hooks/index.ts';
import { usePages } from '../../hooks/use-pages.ts';
import './bin.css';
import { TryAgain } from '../loading/try-again.tsx';
import { manyWordsFor } from '../selecting/many-words.ts';
import { Failures } from '../shell/failures.tsx';
import { PageDialog } from '../shell/page-dialog.tsx';
import { useActs } from '../shell/use-acts.ts';
import { leftOf } from './move-to-bin.ts';

const DAY_MS = 24 * 3_600_000;

const daysLeft = ({ erase_at }: BinnedMedia) =>
  Math.ceil((Date.parse(erase_at) - Date.now()) / DAY_MS);

/** A media that failed without a file, and would fail again, is useless when it is back. */
const isOfUse = ({ url, status, error_code }: BinnedMedia) =>
  url !== null || status !== 'failed' || error_code === null || isRetryableCode(error_code);

export function BinView({ onClose }: { onClose: () => void }) {
  const { language, loadMore, loading, bin } = useWords();
  const words = manyWordsFor(language);
  const { media, list, isAtWork, acts, begin } = useBin();
  const { hasMore, isLoading, error } = list;
  const region = useRef<HTMLUListElement>(null);
  // A media that is restored or erased elsewhere leaves the list, and may have had the focus.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it looks when something may have left
  useLayoutEffect(() => {
    if (document.activeElement === document.body) keepFocus(region.current);
  }, [media.length]);
  const act = (kind: Kind, those?: readonly BinnedMedia[]) => {
    keepFocus(region.current);
    void begin(kind, those);
  };
  return (
    <PageDialog onClose={onClose} className="ma-bin" title={bin}>
      <p className="ma-muted" role="status">
        {isAtWork ? words.atWork : media.length === 0 && !hasMore ? words.binEmpty : words.binHint}
      </p>
      {media.length > 0 && !isAtWork && (
        <div className="ma-bin-all">
          {media.length > 1 && <Button onClick={() => act('restore')}>{words.restoreAll}</Button>}
          <ConfirmButton
            name={words.allOfBin(media.length, hasMore)}
            onConfirm={() => act('erase')}
          >
            {words.eraseAll}
          </ConfirmButton>
        </div>
      )}
      <ul ref={region} tabIndex={-1} aria-label={bin}>
        {media.map((each) => {
          const { id, url, file_name, analytics } = each;
          const title = analytics?.title ?? file_name;
          return (
            <li key={id}>
              <div className="ma-bin-picture">
                <Thumbnail
                  mediaId={url === null ? undefined : id}
                  rendition="binned"
                  file={undefined}
                  isVideo={each.content_type.startsWith('video/')}
                  hasPoster={each.frames !== undefined}
                  held={each.held}
                  seconds={analytics?.duration_s}
                />
              </div>
              <div className="ma-bin-what">
                <span>{title}</span>
                <span className="ma-muted">
                  {title !== file_name && `${file_name} · `}
                  {words.left(daysLeft(each))}
                </span>
              </div>
              {isOfUse(each) && (
                <Button
                  aria-label={words.restoreOf(file_name)}
                  onClick={() => act('restore', [each])}
                >
                  {words.restore}
                </Button>
              )}
              <ConfirmButton name={file_name} onConfirm={() => act('erase', [each])} />
            </li>
          );
        })}
      </ul>
      {error !== undefined ? (
        <ErrorNotice error={error}>
          <TryAgain onPress={list.loadMore} home="dialog" />
        </ErrorNotice>
      ) : (
        hasMore && (
          <Button disabled={isLoading} onClick={list.loadMore}>
            {isLoading ? loading : loadMore}
          </Button>
        )
      )}
      {acts.failures.length > 0 && (
        <div className="ma-bin-failed">
          <Failures {...acts} media={media} region={region} />
        </div>
      )}
    </PageDialog>
  );
}

type Kind = 'restore' | 'erase';

/** How often the bin is loaded again, to show changes made elsewhere and deletions that were still going on. */
const EVERY_MS = 5_000;

function useBin() {
  const library = useLibrary();
  const cache = useMediaCache();
  const { pages, reload, ...list } = usePages(
    'bin',
    (options) => library.bin(options),
    () => EVERY_MS,
  );
  const [erased, setErased] = useState<ReadonlySet<string>>(new Set());
  const [isAtWork, setIsAtWork] = useState(false);
  const acts = useActs();
  // Media new in the bin move others to the next page: two pages may list one.
  const all = new Map(pages?.flatMap((page) => page.media).map((each) => [each.id, each]));
  // A list requested earlier still has media that were erased or restored since, here or elsewhere.
  const isThere = ({ id, revision }: BinnedMedia) =>
    !erased.has(id) && (cache.get(id)?.revision ?? 0) <= revision;
  const find = () => [...all.values()].filter(isThere);
  useSyncExternalStore(cache.subscribe, () => find().length);
  const media = find();
  /** @param those Undefined: the whole bin, with what is not loaded. */
  const begin = async (kind: Kind, those?: readonly BinnedMedia[]) => {
    setIsAtWork(those === undefined);
    const work = async () => {
      const rest = those ? [] : await allFrom(library, pages?.at(-1)?.next_page_token);
      const ids = (those ?? [...media, ...rest]).map(({ id }) => id);
      const answer = await (kind === 'restore'
        ? library.restore(ids)
        : library.remove(ids, { permanently: true, onlyBinned: true }));
      const left = leftOf(answer);
      const done = ids.filter((id) => !left?.ids.includes(id));
      if (kind === 'erase') setErased((known) => new Set([...known, ...done]));
      if (answer.failed.length > 0) reload();
      if (left) throw left.error;
    };
    const id = those?.map((each) => each.id).join() ?? '';
    await acts.act({ kind, id, count: those?.length ?? 0, work });
    setIsAtWork(false);
    // After an error, only the service knows what was done.
    if (!those) reload();
  };
  return { media, list, isAtWork, acts, begin };
}

/** The media on this and all later pages of the bin. Undefined: none. */
async function allFrom(library: Library, pageToken: string | undefined): Promise<BinnedMedia[]> {
  if (pageToken === undefined) return [];
  const page = await library.bin({ pageToken });
  return [...page.media, ...(await allFrom(library, page.next_page_token))];
}
