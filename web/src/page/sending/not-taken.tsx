/** The files that failed or were stopped, grouped by the reason: easy to reach among many photos. */
import { useState } from 'react';
import { Button } from '../../components/base/button.tsx';
import { AlertIcon, CloseIcon, RetryIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { withId } from '../../components/base/with-id.ts';
import { failureText } from '../../components/card/failure-text.ts';
import { useWords } from '../../components/words/index.ts';
import { type Entry, isRetryable } from '../library/entries.ts';
import { barWordsFor } from '../shell/bar-words.ts';
import { forEachConcurrently } from '../shell/concurrency.ts';
import { reasonOf } from './day-limit-text.ts';

/** More names than these do not help. */
const MOST_NAMES = 5;

export interface NotTakenProps {
  entries: readonly Entry[];
  onSendAgain: (...keys: string[]) => void;
  /** Never rejects. */
  onRetry: (id: string) => Promise<void>;
  onDismiss: (key: string) => void;
  /** Never rejects. */
  onErase: (id: string) => Promise<void>;
}

export function NotTaken({ entries, onSendAgain, onRetry, onDismiss, onErase }: NotTakenProps) {
  const cardWords = useWords();
  const { language, stages } = cardWords;
  const words = barWordsFor(language);
  const [isOpen, setIsOpen] = useState(false);
  const again = entries.filter(isRetryable);
  // A media with a file can be useful, and is deleted like any other.
  const useless = entries.filter(
    (entry) => entry.stage === 'stopped' || (!isRetryable(entry) && entry.media?.url == null),
  );
  // A file that the user stopped was not refused.
  const stopped = entries.filter(({ stage }) => stage === 'stopped').length;
  const failed = entries.length - stopped;
  const act = (those: readonly Entry[], onId: (id: string) => Promise<void>) => {
    const ids = those.flatMap(({ media }) => media?.id ?? []);
    void forEachConcurrently(ids, onId);
    // The pressed button may disappear with its files.
    setIsOpen(false);
    keepFocus(document.querySelector('.ma-gallery'));
    return those.flatMap(({ key, media }) => (media ? [] : key));
  };
  const reason = (entry: Entry) => {
    const { stage, media, upload } = entry;
    if (stage === 'stopped') return stages.stopped;
    return reasonOf(entry, language) ?? failureText(upload, media, cardWords);
  };
  const namesOf = (those: readonly Entry[]) => {
    const names = those.slice(0, MOST_NAMES).map(nameOf);
    const more = those.length - names.length;
    return [...names, ...(more > 0 ? [words.andMore(more)] : [])].join(', ');
  };
  return (
    <section
      className="ma-not-taken"
      aria-label={failed > 0 ? words.notTakenTitle : stages.stopped}
      onKeyDown={({ key }) => key === 'Escape' && setIsOpen(false)}
      onBlur={({ currentTarget, relatedTarget }) =>
        currentTarget.contains(relatedTarget) || setIsOpen(false)
      }
    >
      <Button
        kind={failed > 0 ? 'danger' : undefined}
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        {failed > 0 && <AlertIcon />}
        {words.showFailed(failed, stopped)}
      </Button>
      {isOpen && (
        // Safari does not focus a button that is pressed.
        <div className="ma-not-taken-list" tabIndex={-1}>
          {groupsOf(entries, reason).map(([first, ...others]) => (
            <p key={first.key}>
              {withId(reason(first), first.upload?.error?.requestId)}
              {(others.length > 0 || first.stage === 'stopped') && (
                <span className="ma-muted"> {namesOf([first, ...others])}</span>
              )}
            </p>
          ))}
          <div className="ma-not-taken-buttons">
            {again.length > 0 && (
              <Button onClick={() => onSendAgain(...act(again, onRetry))}>
                <RetryIcon />
                {words.retry(again.length)}
              </Button>
            )}
            {useless.length > 0 && (
              <Button onClick={() => act(useless, onErase).forEach(onDismiss)}>
                <CloseIcon />
                {words.remove(useless.length)}
              </Button>
            )}
          </div>
        </div>
      )}
    </section>
  );
}

const nameOf = ({ media, upload }: Entry) => media?.file_name ?? upload?.file.name ?? '';

/** Groups entries whose reasons differ only in the name of the file. */
function groupsOf(
  entries: readonly Entry[],
  reason: (entry: Entry) => string,
): [Entry, ...Entry[]][] {
  const groups = new Map<string, [Entry, ...Entry[]]>();
  for (const entry of entries) {
    const why = reason(entry).replaceAll(nameOf(entry), '');
    const group = groups.get(why);
    if (group) group.push(entry);
    else groups.set(why, [entry]);
  }
  return [...groups.values()];
}
