/** What can be done to the selected media. It stays in sight while one scrolls. */
import {
  type MouseEvent,
  type ReactNode,
  type Ref,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import type { ExportFormat, Media } from '../../client/index.ts';
import { CloseIcon, RetryIcon, TrashIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import {
  DownloadIcon,
  ExportIcon,
  SelectAllIcon,
  SelectNoneIcon,
} from '../../components/view/view-icons.tsx';
import { baseOf, isForeign, useWords } from '../../components/words/index.ts';
import { useMediaCache } from '../../hooks/context.ts';
import { useLibrary } from '../../hooks/index.ts';
import { Again } from '../again/again.tsx';
import { MOST_AT_ONCE } from '../again/again-scope.ts';
import { moveToBin } from '../bin/move-to-bin.ts';
import type { Entry } from '../library/entries.ts';
import { isNarrowed } from '../search/search-address.ts';
import { forEachConcurrently } from '../shell/concurrency.ts';
import { FailedNotice } from '../shell/failures.tsx';
import type { Failure } from '../shell/use-acts.ts';
import { useBackCloses } from '../shell/use-back-closes.ts';
import { FORMATS } from './export.tsx';
import { manyWordsFor } from './many-words.ts';
import { downloadsOf, saveFile } from './save-file.ts';
import { type SelectAllOptions, useSelectAll } from './use-select-all.ts';

interface ManyBarProps extends SelectAllOptions {
  /** In the order of the page. */
  media: readonly Media[];
  /** What can be tried again, also of others. */
  again: readonly Entry[];
  /** Tries one again. It never throws. */
  onRetry: (id: string) => Promise<void>;
  /** @param isDone Otherwise some are left, and stay selected. */
  onDeleted: (ids: string[], isDone: boolean) => void;
  /** It could not be done, and the bar is closed already. */
  onLate: (failure: Failure) => void;
  onClose: () => void;
}

interface Failed {
  error: unknown;
  /** Those for which it was not done. */
  ids: readonly string[];
}

/** @returns what is left; it may also throw why nothing was done */
type Work = (ids: readonly string[]) => Promise<Failed | undefined>;

export function ManyBar(props: ManyBarProps) {
  const { media, again, onRetry, onDeleted, onLate, onClose } = props;
  const { language } = useWords();
  const words = manyWordsFor(language);
  const library = useLibrary();
  const [busy, setBusy] = useState<string>();
  const [failed, setFailed] = useState<
    Failed & { kind: Failure['kind']; what: string; again: () => Promise<void> }
  >();
  const [isExporting, setIsExporting] = useState(false);
  const region = useRef<HTMLElement>(null);
  const exporter = useRef<HTMLButtonElement>(null);
  const ids = media.map(({ id }) => id);
  const selected = new Set(ids);
  const retryable = again.flatMap(({ media: failed }) =>
    failed && selected.has(failed.id) ? failed.id : [],
  );
  const isShown = useRef(true);
  useEffect(() => {
    isShown.current = true;
    return () => {
      isShown.current = false;
    };
  }, []);
  const tellLate = (kind: Failure['kind'], { error, ids: those }: Failed, work: Work) =>
    onLate({
      kind,
      id: those.join(),
      count: those.length,
      error,
      work: async () => {
        const left = await work(those);
        if (left?.ids.length === those.length) throw left.error;
        if (left) tellLate(kind, left, work);
      },
    });
  /** What failed stays in sight until another try has worked, also if the bar does not. */
  const act = async (
    kind: 'remove' | 'download' | 'export',
    busyText: string,
    those: readonly string[],
    work: Work,
  ): Promise<void> => {
    setBusy(busyText);
    const left = await work(those).catch((error: unknown) => ({ error, ids: those }));
    setBusy(undefined);
    if (left && !isShown.current) tellLate(kind, left, work);
    else {
      const name = media.find(({ id }) => id === left?.ids[0])?.file_name;
      const what = words.notDoneOf(kind, left?.ids.length ?? 0, name);
      setFailed(left && { ...left, kind, what, again: () => act(kind, busyText, left.ids, work) });
    }
  };
  const remove = () => {
    // What another try deletes is part of it.
    const deleted: string[] = [];
    return act('remove', words.remove, ids, async (those) => {
      const moved = await moveToBin(library, those);
      deleted.push(...moved.ids);
      // Another selection may have begun since: it goes on.
      const isDone = !moved.left && isShown.current;
      if (moved.ids.length > 0) onDeleted([...deleted], isDone);
      return moved.left;
    });
  };
  const cache = useMediaCache();
  const isDeleted = useSyncExternalStore(
    cache.subscribe,
    () => failed?.kind === 'remove' && failed.ids.every((id) => cache.isGone(id)),
  );
  // It was done, and only the answer to it was lost.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is told once
  useEffect(() => {
    if (!isDeleted || !failed) return;
    setFailed(undefined);
    onDeleted([...failed.ids], true);
  }, [isDeleted, failed]);
  /** Each that fails is among the failures of the gallery. */
  const tryAgain = async () => {
    setBusy(words.retry(retryable.length));
    setFailed(undefined);
    await forEachConcurrently(retryable, onRetry);
    setBusy(undefined);
  };
  const download = () => {
    const files = media.filter(({ url }) => url !== null);
    const those = files.map(({ id }) => id);
    return act('download', words.downloading(1, 1), those, async () => {
      const parts = downloadsOf(files);
      for (const [n, part] of parts.entries()) {
        setBusy(words.downloading(n + 1, parts.length));
        await saveFile(await library.download(part), 'media.zip');
      }
      return undefined;
    });
  };
  const exportAs = (format: ExportFormat) => {
    setIsExporting(false);
    return act('export', words.exportAs, ids, async (those) => {
      // The service takes 500 at once.
      for (const part of downloadsOf(those.map((id) => ({ id, size: 0 })))) {
        await saveFile(await library.exportAs(format, { ids: part }), `media.${format}`);
      }
      return undefined;
    });
  };
  const { selectAll } = useSelectAll('*', props);
  const { list, rest, setSelection } = props;
  const stop = () => setSelection((now) => now && { ...now, rest: undefined });
  /** What has kept a page from coming. */
  const error = rest === undefined ? undefined : list.error;
  const isSelecting = rest !== undefined && error === undefined;
  const isAll = ids.length === props.ids.length && !list.hasMore;
  // More than a request may name need no names if they are all that there are.
  const isWhole = isAll && !isNarrowed(props.search) && ids.length > MOST_AT_ONCE;
  const isIdle = ids.length > 0 && busy === undefined && !isSelecting;
  useBackCloses(true, onClose);
  useKeys(
    (key) => {
      if (key === 'Escape') {
        // What was opened last is closed first: the selection may have taken a while.
        if (isExporting) {
          setIsExporting(false);
          keepFocus(exporter.current);
        } else if (isSelecting) stop();
        else onClose();
      }
      if (key === 'Delete' && isIdle) void remove();
    },
    () => selectAll(true, 'drop'),
  );
  return (
    <section ref={region} tabIndex={-1} className="ma-many-bar" aria-label={words.bar}>
      {failed && (
        <FailedNotice
          error={failed.error}
          what={failed.what}
          onRetry={failed.again}
          onClose={() => setFailed(undefined)}
          onGone={() => keepFocus(region.current)}
        />
      )}
      {error !== undefined && (
        <FailedNotice
          error={error}
          onRetry={async () => list.loadMore()}
          onClose={stop}
          onGone={() => keepFocus(region.current)}
        />
      )}
      <button
        type="button"
        className="ma-button"
        aria-label={words.done}
        title={words.done}
        // With "Select all" the bar grows, and the second press of a double click on that would come here.
        onClick={({ detail }) => detail < 2 && onClose()}
      >
        <CloseIcon />
      </button>
      <p role="status">{busy ?? (isSelecting ? words.selectingAll : words.selected)(ids.length)}</p>
      <button
        type="button"
        className="ma-button"
        onClick={({ detail }) => {
          if (!isSelecting) selectAll(!isAll, 'drop');
          // The second press of a double click would stop what the first one has begun.
          else if (detail < 2) stop();
        }}
      >
        {isSelecting ? <CloseIcon /> : isAll ? <SelectNoneIcon /> : <SelectAllIcon />}
        <span>{isSelecting ? words.stop : isAll ? words.none : words.all}</span>
      </button>
      <Action isIdle={isIdle} icon={<TrashIcon />} onClick={() => void remove()}>
        {words.remove}
      </Action>
      {retryable.length > 0 && (
        <Action isIdle={isIdle} icon={<RetryIcon />} onClick={() => void tryAgain()}>
          {words.retry(retryable.length)}
        </Action>
      )}
      <Action isIdle={isIdle} icon={<DownloadIcon />} onClick={() => void download()}>
        {words.download}
      </Action>
      <Action
        ref={exporter}
        isIdle={isIdle}
        icon={<ExportIcon />}
        isExpanded={isExporting}
        // The second press of a double click would close what the first one has opened.
        onClick={({ detail }) => detail < 2 && setIsExporting(!isExporting)}
      >
        {words.exportAs}
      </Action>
      {ids.length > 0 && (
        <Again
          language={media.some((each) => isForeign(each, language)) ? baseOf(language) : undefined}
          ids={isWhole ? undefined : ids}
        />
      )}
      {isExporting && (
        <fieldset className="ma-many-export">
          <legend>{words.exportFormat}</legend>
          {FORMATS.map((format) => (
            <Action
              key={format}
              isIdle={isIdle}
              icon={<DownloadIcon />}
              onClick={() => void exportAs(format)}
            >
              {words.formats[format]}
            </Action>
          ))}
        </fieldset>
      )}
    </section>
  );
}

interface ActionProps {
  ref?: Ref<HTMLButtonElement>;
  isIdle: boolean;
  icon: ReactNode;
  /** Of a button that opens something. */
  isExpanded?: boolean;
  onClick: (event: MouseEvent) => void;
  children: string;
}

const Action = ({ ref, isIdle, icon, isExpanded, onClick, children }: ActionProps) => (
  <button
    ref={ref}
    type="button"
    className="ma-button"
    title={children}
    disabled={!isIdle}
    aria-expanded={isExpanded}
    onClick={onClick}
  >
    {icon}
    <span>{children}</span>
  </button>
);

/** Keys that act on the selection, unless a person is writing or another view lies above. */
function useKeys(onKey: (key: string) => void, onAll: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, metaKey } = event;
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      const isWriting =
        target instanceof Element && target.matches('input:not([type=checkbox]), select, textarea');
      if (isWriting) return;
      if ((ctrlKey || metaKey) && key === 'a') {
        event.preventDefault();
        onAll();
      } else onKey(key);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
}
