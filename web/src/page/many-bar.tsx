/** What can be done to the selected media. It stays in sight while one scrolls. */
import { useEffect, useState } from 'react';
import type { ExportFormat, Media } from '../client/index.ts';
import { ErrorNotice } from '../components/error-notice.tsx';
import { CloseIcon, RetryIcon, TrashIcon } from '../components/icons.tsx';
import { useWords } from '../components/words/index.ts';
import { useLibrary, useMediaActions } from '../hooks/index.ts';
import { Again } from './again.tsx';
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

/** Requests side by side: a browser has six connections to a host. */
const AT_ONCE = 4;

const FORMATS: ExportFormat[] = ['csv', 'json', 'ndjson'];

export function ManyBar({ media, retryable, isAll, onAll, onDeleted, onClose }: ManyBarProps) {
  const words = manyWordsFor(useWords().language);
  const library = useLibrary();
  const { retry } = useMediaActions();
  const [busy, setBusy] = useState<string>();
  const [error, setError] = useState<unknown>();
  const [notDone, setNotDone] = useState(0);
  const [isExporting, setIsExporting] = useState(false);
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
    if (key === 'Escape') onClose();
    if (key === 'Delete' && isIdle) void remove();
  }, onAll);
  return (
    <section className="many-bar" aria-label={words.bar}>
      {error !== undefined && <ErrorNotice error={error} />}
      {notDone > 0 && <p role="alert">{words.notDone(notDone)}</p>}
      <p className="many-count" role="status">
        {busy ?? words.selected(ids.length)}
      </p>
      <button type="button" className="ma-button" onClick={() => onAll(!isAll)}>
        {isAll ? words.none : words.all}
      </button>
      <button type="button" className="ma-button" disabled={!isIdle} onClick={() => void remove()}>
        <TrashIcon />
        {words.remove}
      </button>
      {retryable.length > 0 && (
        <button
          type="button"
          className="ma-button"
          disabled={!isIdle}
          onClick={() =>
            void act(words.retry(retryable.length), async () => {
              for (let n = 0; n < retryable.length; n += AT_ONCE) {
                await Promise.all(retryable.slice(n, n + AT_ONCE).map(retry));
              }
            })
          }
        >
          <RetryIcon />
          {words.retry(retryable.length)}
        </button>
      )}
      <button
        type="button"
        className="ma-button"
        disabled={!isIdle}
        onClick={() => void download()}
      >
        {words.download}
      </button>
      <button
        type="button"
        className="ma-button"
        disabled={!isIdle}
        aria-expanded={isExporting}
        onClick={() => setIsExporting(!isExporting)}
      >
        {words.exportAs}
      </button>
      {isExporting &&
        FORMATS.map((format) => (
          <button
            key={format}
            type="button"
            className="ma-button"
            onClick={() => void exportAs(format)}
          >
            {words.formats[format]}
          </button>
        ))}
      {ids.length > 0 && <Again ids={ids} />}
      <button type="button" className="ma-button many-close" onClick={onClose}>
        <CloseIcon />
        {words.done}
      </button>
    </section>
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
