/** Says for ten seconds what was deleted, and brings it back. */
import { useEffect, useState } from 'react';
import { ErrorNotice } from '../components/error-notice.tsx';
import { CloseIcon } from '../components/icons.tsx';
import { useWords } from '../components/words/index.ts';
import { useLibrary } from '../hooks/index.ts';
import { manyWordsFor } from './many-words.ts';

const SHOWN_MS = 10_000;

interface UndoProps {
  ids: readonly string[];
  onEnd: () => void;
}

export function Undo({ ids, onEnd }: UndoProps) {
  const words = manyWordsFor(useWords().language);
  const { restore } = useLibrary();
  // It stays while somebody is at it: https://www.w3.org/WAI/WCAG22/Understanding/timing-adjustable
  const [isHeld, setIsHeld] = useState(false);
  const [error, setError] = useState<unknown>();
  const [gone, setGone] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: for what was deleted since, the time begins anew
  useEffect(() => {
    if (isHeld || error !== undefined) return;
    const timer = setTimeout(onEnd, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [ids, isHeld, error, onEnd]);
  const undo = () => {
    setIsHeld(true);
    setError(undefined);
    restore(ids).then(({ failed }) => {
      if (failed.length === 0) onEnd();
      else setGone(failed.length);
    }, setError);
  };
  return (
    <section
      className="ma-many-undo"
      aria-label={words.undo}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      {error !== undefined && <ErrorNotice error={error} />}
      <p role="status">{gone > 0 ? words.notBack(gone) : words.deleted(ids.length)}</p>
      {gone === 0 && (
        <button type="button" className="ma-button" data-kind="primary" onClick={undo}>
          {words.undo}
        </button>
      )}
      <button
        type="button"
        className="ma-button"
        data-kind="icon"
        aria-label={words.dismiss}
        onClick={onEnd}
      >
        <CloseIcon />
      </button>
    </section>
  );
}
