/** Says what could not be done, always in sight, and tries it again. */
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
import { Button } from '../../components/base/button.tsx';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { CloseIcon, TrashIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useWords } from '../../components/words/index.ts';
import { useMediaCache } from '../../hooks/context.ts';
import { manyWordsFor } from '../selecting/many-words.ts';
import { forEachConcurrently } from './concurrency.ts';
import type { Acts, Failure } from './use-acts.ts';

const UNDO = '.ma-many-undo [data-kind=primary]';

interface FailuresProps extends Pick<Acts, 'failures' | 'act' | 'forget'> {
  /** The notices name these media. */
  media: readonly Pick<Media, 'id' | 'file_name'>[];
  /** Gets the focus of a notice that disappears. */
  region: RefObject<HTMLElement | null>;
  /** Called when a deletion has worked after all: only the answer was lost. */
  onDeleted?: (...ids: readonly string[]) => void;
  /** Opens the bin, where a missing media may be. */
  onBin?: () => void;
}

/** One notice for each kind of act. */
export function Failures(props: FailuresProps) {
  const { media, region, act, forget, onDeleted, onBin } = props;
  const { language, bin } = useWords();
  const words = manyWordsFor(language);
  const cache = useMediaCache();
  // Only the answer was lost, or a missing media was restored elsewhere.
  const isSettled = ({ kind, id, media }: Failure) =>
    kind === 'remove'
      ? id.split(',').every((each) => cache.isGone(each))
      : kind === 'open' && !media && cache.get(id) !== undefined;
  const settled = useSyncExternalStore(cache.subscribe, () => props.failures.find(isSettled));
  useEffect(() => {
    if (!settled) return;
    forget(settled);
    if (settled.isToBin) onDeleted?.(...settled.id.split(','));
  }, [settled, forget, onDeleted]);
  const failures = props.failures.filter((each) => each !== settled);
  return [...new Set(failures.map(({ kind }) => kind))].map((kind) => {
    const same = failures.filter((each) => each.kind === kind);
    const count = same.reduce((sum, each) => sum + (each.count ?? 1), 0);
    const name = media.find(({ id }) => id === same[0]?.id)?.file_name;
    const again = same.flatMap(({ work, error, ...rest }) => (work ? { ...rest, work } : []));
    const last = same.at(-1);
    const isGone = kind === 'open' && !last?.media;
    const isNamed = kind !== 'sample' && kind !== 'open' && count > 0;
    return (
      <FailedNotice
        key={kind}
        error={kind === 'open' ? notOpened(last) : last?.error}
        what={isGone ? words.gone(last?.name) : isNamed && words.notDoneOf(kind, count, name)}
        onRetry={again.length > 0 ? () => forEachConcurrently(again, act) : undefined}
        onClose={() => forget(...same)}
        onGone={() =>
          // The last act may have shown "Undo" while this notice still had the focus.
          keepFocus(document.querySelector<HTMLElement>(UNDO) ?? region.current)
        }
      >
        {isGone && (
          <Button
            onClick={() => {
              forget(...same);
              onBin?.();
            }}
          >
            <TrashIcon />
            {bin}
          </Button>
        )}
      </FailedNotice>
    );
  });
}

/** Says why a media cannot be shown. */
function notOpened({ media, name }: Partial<Failure> = {}): MediaClientError {
  const { error_code, error_message } = media ?? {
    error_code: 'not_found',
    error_message: name
      ? 'It was deleted in another tab or on another device.'
      : 'It was deleted, or is not yours.',
  };
  return new MediaClientError(error_code ?? 'internal', error_message ?? '', { status: 0 });
}

interface FailedNoticeProps {
  error: unknown;
  what?: string | false | undefined;
  /** Undefined: another try cannot succeed. */
  onRetry: (() => Promise<unknown>) | undefined;
  onClose: () => void;
  /** Called when the notice disappears and has the focus. */
  onGone: () => void;
  /** Further buttons. */
  children?: ReactNode;
}

export function FailedNotice(props: FailedNoticeProps) {
  const { error, what, onRetry, onClose, onGone, children } = props;
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
  return (
    <ErrorNotice error={error} what={what || undefined}>
      {onRetry && canHelp && (
        <Button aria-disabled={isBusy} onClick={tryAgain}>
          {retry}
        </Button>
      )}
      {children}
      <Button
        ref={closer}
        className="ma-button ma-failed-close"
        kind="icon"
        aria-label={close}
        onClick={onClose}
      >
        <CloseIcon />
      </Button>
    </ErrorNotice>
  );
}
