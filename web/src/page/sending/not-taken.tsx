/** What failed or was stopped, grouped by its reason: in reach, however many photos there are. */
import { useState } from 'react';
import { AlertIcon, CloseIcon, RetryIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useWords } from '../../components/words/index.ts';
import { type Entry, isRetryable } from '../library/entries.ts';
import { barWordsFor } from '../shell/bar-words.ts';
import { forEachConcurrently } from '../shell/concurrency.ts';
import { reasonOf } from './day-limit-text.ts';

/** More names than these say nothing. */
const MOST_NAMES = 5;

export interface NotTakenProps {
  /** All that failed or was stopped. */
  entries: readonly Entry[];
  onSendAgain: (...keys: string[]) => void;
  /** Tries a media again. It never throws. */
  onRetry: (id: string) => Promise<void>;
  /** Takes a file off the list that was not accepted. */
  onDismiss: (key: string) => void;
  /** Erases a media. It never throws. */
  onErase: (id: string) => Promise<void>;
}

export function NotTaken({ entries, onSendAgain, onRetry, onDismiss, onErase }: NotTakenProps) {
  const { language, error, stages } = useWords();
  const words = barWordsFor(language);
  const [isOpen, setIsOpen] = useState(false);
  const again = entries.filter(isRetryable);
  // What has a file can be of use, and is deleted like any other.
  const useless = entries.filter(
    (entry) => entry.stage === 'stopped' || (!isRetryable(entry) && entry.media?.url == null),
  );
  // What was pressed may go with what it is about.
  const leave = () => {
    setIsOpen(false);
    keepFocus(document.querySelector('.ma-gallery'));
  };
  const tryAgain = () => {
    onSendAgain(...again.flatMap(({ key, media }) => (media ? [] : key)));
    void forEachConcurrently(idsOf(again), onRetry);
    leave();
  };
  const remove = () => {
    for (const { key, media } of useless) if (!media) onDismiss(key);
    void forEachConcurrently(idsOf(useless), onErase);
    leave();
  };
  const reason = (entry: Entry) => {
    const { stage, media, upload } = entry;
    if (stage === 'stopped') return stages.stopped;
    const code = media?.error_code ?? upload?.error?.code ?? null;
    const message = media?.error_message ?? upload?.error?.message ?? null;
    return reasonOf(entry, language) ?? error(code, message, nameOf(entry));
  };
  return (
    <section className="ma-not-taken" aria-label={words.notTakenTitle}>
      <button
        type="button"
        className="ma-button"
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        <AlertIcon />
        {words.notTaken(entries.length)}
      </button>
      {isOpen && (
        <div className="ma-not-taken-list">
          {groupsOf(entries).map(([first, ...others]) => (
            <p key={first.key}>
              {reason(first)}
              {(others.length > 0 || first.stage === 'stopped') && (
                <span className="ma-muted"> {namesOf([first, ...others], words)}</span>
              )}
            </p>
          ))}
          <div className="ma-not-taken-buttons">
            {again.length > 0 && (
              <button type="button" className="ma-button" onClick={tryAgain}>
                <RetryIcon />
                {words.retry(again.length)}
              </button>
            )}
            {useless.length > 0 && (
              <button type="button" className="ma-button" onClick={remove}>
                <CloseIcon />
                {words.remove(useless.length)}
              </button>
            )}
          </div>
        </div>
      )}
    </section>
  );
}

const idsOf = (entries: readonly Entry[]) => entries.flatMap(({ media }) => media?.id ?? []);

const nameOf = ({ media, upload }: Pick<Entry, 'media' | 'upload'>) =>
  media?.file_name ?? upload?.file.name ?? '';

/** Those that failed for one reason are a group, whatever their messages say of each file. */
function groupsOf(entries: readonly Entry[]): [Entry, ...Entry[]][] {
  const groups = new Map<string, [Entry, ...Entry[]]>();
  for (const entry of entries) {
    const { stage, media, upload } = entry;
    const why = stage === 'stopped' ? stage : (media?.error_code ?? upload?.error?.code ?? '');
    const group = groups.get(why);
    if (group) group.push(entry);
    else groups.set(why, [entry]);
  }
  return [...groups.values()];
}

function namesOf(entries: readonly Entry[], { andMore }: ReturnType<typeof barWordsFor>): string {
  const names = entries.slice(0, MOST_NAMES).map(nameOf);
  const more = entries.length - names.length;
  return [...names, ...(more > 0 ? [andMore(more)] : [])].join(', ');
}
