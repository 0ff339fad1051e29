/** Says what could not be done, in sight wherever one has scrolled to, and tries it again. */
import { isRetryableCode } from '@media-analysis/shared/retryable';
import {
  type ReactNode,
  type RefObject,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { type Media, MediaClientError } from '../../client/index.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { AlertIcon, CloseIcon, TrashIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useWords } from '../../components/words/index.ts';
import { useMediaCache } from '../../hooks/context.ts';
import { manyWordsFor } from '../selecting/many-words.ts';
import { forEachConcurrently } from './concurrency.ts';
import type { Failure, useActs } from './use-acts.ts';

interface FailuresProps extends Pick<ReturnType<typeof useActs>, 'failures' | 'act' | 'forget'> {
  /** By these they are named. */
  media: readonly Media[];
  /** It gets the focus of a notice that disappears. */
  region: RefObject<HTMLElement | null>;
  /** Opens the bin, where what is gone may be. */
  onBin: () => void;
  /** Told of those that are in the bin, though the answer to it was lost. */
  onDeleted: (...ids: readonly string[]) => void;
}

/** One notice for each kind of act. */
export function Failures({
  failures: all,
  media,
  region,
  act,
  forget,
  onBin,
  onDeleted,
}: FailuresProps) {
  const { language, bin } = useWords();
  const words = manyWordsFor(language);
  const cache = useMediaCache();
  // What was gone may be brought back elsewhere.
  const isBack = ({ kind, id, media }: Failure) => kind === 'open' && !media && cache.get(id);
  const back = useSyncExternalStore(cache.subscribe, () => all.find(isBack));
  useEffect(() => {
    if (back) forget(back);
  }, [back, forget]);
  const isDone = ({ kind, id }: Failure) =>
    kind === 'remove' && id.split(',').every((each) => cache.isGone(each));
  const done = useSyncExternalStore(cache.subscribe, () => all.find(isDone));
  useEffect(() => {
    if (!done) return;
    forget(done);
    if (done.isToBin) onDeleted(...done.id.split(','));
  }, [done, forget, onDeleted]);
  const failures = all.filter((each) => each !== done);
  return [...new Set(failures.map(({ kind }) => kind))].map((kind) => {
    const same = failures.filter((each) => each.kind === kind);
    const count = same.reduce((sum, each) => sum + (each.count ?? 1), 0);
    const name = media.find(({ id }) => id === same[0]?.id)?.file_name;
    const again = same.flatMap(({ work, error, ...rest }) => (work ? { ...rest, work } : []));
    const last = same.at(-1);
    const isGone = kind === 'open' && !last?.media;
    return (
      <FailedNotice
        key={kind}
        error={kind === 'open' ? notOpened(last?.media) : last?.error}
        what={
          isGone
            ? words.gone(last?.name)
            : kind === 'sample' || kind === 'open'
              ? undefined
              : words.notDoneOf(kind, count, name)
        }
        why={isGone && last?.name ? words.elsewhere : undefined}
        onRetry={again.length > 0 ? () => forEachConcurrently(again, act) : undefined}
        onClose={() => forget(...same)}
        onGone={() => keepFocus(region.current)}
      >
        {isGone && (
          <button
            type="button"
            className="ma-button"
            onClick={() => {
              forget(...same);
              onBin();
            }}
          >
            <TrashIcon />
            {bin}
          </button>
        )}
      </FailedNotice>
    );
  });
}

/** Why there is nothing to show. */
function notOpened(media: Media | undefined): MediaClientError {
  const { error_code, error_message } = media ?? {};
  if (media)
    return new MediaClientError(error_code ?? 'internal', error_message ?? '', { status: 0 });
  return new MediaClientError('not_found', 'It was deleted, or is not yours.', { status: 404 });
}

interface FailedNoticeProps {
  error: unknown;
  what?: string | undefined;
  /** What has become of it, in place of the words for the error. */
  why?: string | undefined;
  /** It is offered only if another try can succeed. */
  onRetry: (() => Promise<unknown>) | undefined;
  onClose: () => void;
  /** The notice disappears, and has the focus. */
  onGone: () => void;
  /** What else can be done. */
  children?: ReactNode;
}

export function FailedNotice(props: FailedNoticeProps) {
  const { error, what, why, onRetry, onClose, onGone, children } = props;
  const { retry, close } = useWords();
  const [isBusy, setIsBusy] = useState(false);
  const closer = useRef<HTMLButtonElement>(null);
  const gone = useRef(onGone);
  useLayoutEffect(() => {
    const notice = closer.current?.parentElement;
    return () => {
      if (notice?.contains(document.activeElement)) gone.current();
    };
  }, []);
  const tryAgain = () => {
    if (isBusy || !onRetry) return;
    setIsBusy(true);
    void onRetry().finally(() => setIsBusy(false));
  };
  const canHelp = !(error instanceof MediaClientError) || isRetryableCode(error.code);
  const inside = (
    <>
      {onRetry && canHelp && (
        <button type="button" className="ma-button" aria-disabled={isBusy} onClick={tryAgain}>
          {retry}
        </button>
      )}
      {children}
      <button
        ref={closer}
        type="button"
        className="ma-button ma-failed-close"
        data-kind="icon"
        aria-label={close}
        onClick={onClose}
      >
        <CloseIcon />
      </button>
    </>
  );
  if (why === undefined) return <ErrorNotice {...{ error, what }}>{inside}</ErrorNotice>;
  return (
    <div className="ma-notice" role="alert">
      <AlertIcon />
      <p>
        <strong>{what}</strong> {why}
      </p>
      {inside}
    </div>
  );
}
