import type { RefObject } from 'react';
import { CloseIcon } from '../components/icons.tsx';
import { keepFocus } from '../components/keep-focus.ts';
import { useWords } from '../components/words/index.ts';
import { type Entry, isRetryable } from './entries.ts';
import { manyWordsFor } from './many-words.ts';

interface DismissAllProps {
  entries: readonly Entry[];
  onDismiss: (key: string) => void;
  /** It gets the focus, as the button disappears. */
  region: RefObject<HTMLElement | null>;
}

/** Takes all files off the list that were refused, and would be again. */
export function DismissAll({ entries, onDismiss, region }: DismissAllProps) {
  const words = manyWordsFor(useWords().language);
  const refused = entries.filter(
    (entry) => entry.upload?.state === 'rejected' && !isRetryable(entry),
  );
  if (refused.length < 2) return null;
  const dismissAll = () => {
    for (const { key } of refused) onDismiss(key);
    keepFocus(region.current);
  };
  return (
    <button type="button" className="ma-button" onClick={dismissAll}>
      <CloseIcon />
      {words.dismissAll(refused.length)}
    </button>
  );
}
