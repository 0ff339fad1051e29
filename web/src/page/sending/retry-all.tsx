import type { RefObject } from 'react';
import { RetryIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useWords } from '../../components/words/index.ts';
import type { Entry } from '../library/entries.ts';
import { forEachConcurrently } from '../shell/concurrency.ts';

interface RetryAllProps {
  /** What failed and may work now. */
  again: readonly Entry[];
  onSendAgain: (...keys: string[]) => void;
  /** Tries a media again. It never throws. */
  onRetry: (id: string) => Promise<void>;
  /** It gets the focus, as the button disappears. */
  region: RefObject<HTMLElement | null>;
}

export function RetryAll({ again, onSendAgain, onRetry, region }: RetryAllProps) {
  const words = useWords();
  if (again.length < 2) return null;
  const tryAll = () => {
    onSendAgain(...again.flatMap(({ key, media }) => (media ? [] : key)));
    void forEachConcurrently(
      again.flatMap(({ media }) => media?.id ?? []),
      onRetry,
    );
    keepFocus(region.current);
  };
  return (
    <button type="button" className="ma-button" onClick={tryAll}>
      <RetryIcon />
      {words.retryAll(again.length)}
    </button>
  );
}
