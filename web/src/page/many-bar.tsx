/** What can be done to the selected media. It stays in sight while one scrolls. */
import { type MouseEvent, type ReactNode, type Ref, useEffect, useRef, useState } from 'react';
import type { ExportFormat, Media } from '../client/index.ts';
import { ErrorNotice } from '../components/error-notice.tsx';
import { CloseIcon, RetryIcon, TrashIcon } from '../components/icons.tsx';
import { keepFocus } from '../components/keep-focus.ts';
import { DownloadIcon, ExportIcon } from '../components/view-icons.tsx';
import { useWords } from '../components/words/index.ts';
import { useLibrary, useMediaActions } from '../hooks/index.ts';
import { Again } from './again.tsx';
import { fewAtOnce } from './few-at-once.ts';
import { manyWordsFor } from './many-words.ts';
import { downloadsOf, saveFile } from './save-file.ts';

interface ManyBarProps {
  /** In the order of the page. */
  media: readonly Media[];
  /** Ids of those of them that can be tried again. */
  retryable: readonly string[];
  isAll: boolean;
  onAll: (isAll: boolean) => void;
  onDeleted: (ids: string[]) => void;
  onClose: () => void;
}

const FORMATS: ExportFormat[] = ['csv', 'json', 'ndjson'];

export function ManyBar({ media, retryable, isAll, onAll, onDeleted, onClose }: ManyBarProps) {
  const words = manyWordsFor(useWords().language);
  const library = useLibrary();
  const { retry } = useMediaActions();
  const [busy, setBusy] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [notDone, setNotDone] = useState(0);
  const [isExporting, setIsExporting] = useState(false);
  const exporter = useRef<HTMLButtonElement>(null);
  const ids = media.map(({ id }) => id);
  const act = async (what: string, work: () => Promise<void>) => {
    setBusy(what);
    setError(undefined);
    setNotDone(0);
    await work().catch(setError);
    setBusy(undefined);
  };
  const remove = () =>
    act(words.remove, async () => {
      const { media_ids, failed } = await library.remove(ids);
      setNotDone(failed.filter(({ code }) => code !== 'not_found').length);
      if (media_ids.length > 0) onDeleted(media_ids);
    });
  const tryAgain = () => act(words.retry(retryable.length), () => fewAtOnce(retryable, retry));
  const download = () =>
    act(words.downloading(1, 1), async () => {
      const parts = downloadsOf(media.filter(({ url }) => url !== null));
      for (const [n, part] of parts.entries()) {
        setBusy(words.downloading(n + 1, parts.length));
        await saveFile(await library.download(part), 'media.zip');
      }
    });
  const exportAs = (format: ExportFormat) =>
    act(words.exportAs, async () => {
      setIsExporting(false);
      // The service takes 500 at once.
      for (const part of downloadsOf(media.map(({ id }) => ({ id, size: 0 })))) {
        await saveFile(await library.exportAs(format, { ids: part }), `media.${format}`);
      }
    });
  const isIdle = ids.length > 0 && busy === undefined;
  useKeys((key) => {
    if (key === 'Escape') {
      // What was opened last is closed first: the selection may have taken a while.
      if (isExporting) {
        setIsExporting(false);
        keepFocus(exporter.current);
      } else onClose();
    }
    if (key === 'Delete' && isIdle) void remove();
  }, onAll);
  return (
    <section className="ma-many-bar" aria-label={words.bar}>
      {error !== undefined && <ErrorNotice error={error} />}
      {notDone > 0 && <p role="alert">{words.notDone(notDone)}</p>}
      <div className="ma-many-head">
        <p role="status">{busy ?? words.selected(ids.length)}</p>
        <button type="button" className="ma-button" onClick={() => onAll(!isAll)}>
          {isAll ? words.none : words.all}
        </button>
        <button type="button" className="ma-button ma-many-close" onClick={onClose}>
          <CloseIcon />
          {words.done}
        </button>
      </div>
      <div className="ma-many-actions">
        <Action isIdle={isIdle} onClick={() => void remove()}>
          <TrashIcon />
          {words.remove}
        </Action>
        {retryable.length > 0 && (
          <Action isIdle={isIdle} onClick={() => void tryAgain()}>
            <RetryIcon />
            {words.retry(retryable.length)}
          </Action>
        )}
        <Action isIdle={isIdle} onClick={() => void download()}>
          <DownloadIcon />
          {words.download}
        </Action>
        <Action
          ref={exporter}
          isIdle={isIdle}
          isExpanded={isExporting}
          // The second press of a double click would close what the first one has opened.
          onClick={({ detail }) => detail < 2 && setIsExporting(!isExporting)}
        >
          <ExportIcon />
          {words.exportAs}
        </Action>
        {ids.length > 0 && <Again ids={ids} />}
      </div>
      {isExporting && (
        <fieldset className="ma-many-export">
          <legend>{words.exportFormat}</legend>
          {FORMATS.map((format) => (
            <Action key={format} isIdle={isIdle} onClick={() => void exportAs(format)}>
              <DownloadIcon />
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
  /** Of a button that opens something. */
  isExpanded?: boolean;
  onClick: (event: MouseEvent) => void;
  children: ReactNode;
}

function Action({ ref, isIdle, isExpanded, onClick, children }: ActionProps) {
  return (
    <button
      ref={ref}
      type="button"
      className="ma-button"
      disabled={!isIdle}
      aria-expanded={isExpanded}
      onClick={onClick}
    >
      {children}
    </button>
  );
}

/** Keys that act on the selection, unless a person is writing or another view lies above. */
function useKeys(onKey: (key: string) => void, onAll: (isAll: boolean) => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, metaKey } = event;
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      const isWriting =
        target instanceof Element && target.matches('input:not([type=checkbox]), select, textarea');
      if (isWriting) return;
      if ((ctrlKey || metaKey) && key === 'a') {
        event.preventDefault();
        onAll(true);
      } else onKey(key);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
}
