import type { RefObject } from 'react';
import { CloseIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useWords } from '../../components/words/index.ts';
import { type Entry, isRetryable } from '../library/entries.ts';
import { manyWordsFor } from '../selecting/many-words.ts';
import { forEachConcurrently } from '../shell/concurrency.ts';

interface RemoveFailedProps {
  entries: readonly Entry[];
  /** Takes a file off the list that was not accepted. */
  onDismiss: (key: string) => void;
  /** Erases a media. It never throws. */
  onErase: (id: string) => Promise<void>;
  /** It gets the focus, as the button disappears. */
  region: RefObject<HTMLElement | null>;
}

/**
 * Removes all that failed, would fail again, and has no file that could be of use; and all that a person has stopped: they may
 * not want it any more.
 */
export function RemoveFailed({ entries, onDismiss, onErase, region }: RemoveFailedProps) {
  const words = manyWordsFor(useWords().language);
  const failed = entries.filter(
    (entry) => entry.stage === 'failed' && !isRetryable(entry) && entry.media?.url == null,
  );
  const stopped = entries.filter(({ stage }) => stage === 'stopped');
  const removeAll = (those: readonly Entry[]) => {
    for (const { key, media } of those) if (!media) onDismiss(key);
    const ids = those.flatMap(({ media }) => media?.id ?? []);
    void forEachConcurrently(ids, onErase);
    keepFocus(region.current);
  };
  const button = (those: readonly Entry[], text: (count: number) => string) =>
    those.length > 1 && (
      <button type="button" className="ma-button" onClick={() => removeAll(those)}>
        <CloseIcon />
        {text(those.length)}
      </button>
    );
  return (
    <>
      {button(failed, words.removeFailed)}
      {button(stopped, words.removeStopped)}
    </>
  );
}
