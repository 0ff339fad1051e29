/** Says for ten seconds what was deleted, and brings it back. */
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { MediaClientError } from '../../client/index.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { CloseIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useWords } from '../../components/words/index.ts';
import { useMediaCache } from '../../hooks/context.ts';
import { useLibrary } from '../../hooks/index.ts';
import { manyWordsFor } from '../selecting/many-words.ts';

const SHOWN_MS = 10_000;

interface UndoProps {
  ids: readonly string[];
  /** It gets the focus of the button that goes with what it has brought back. */
  region: RefObject<HTMLElement | null>;
  /** @param ids Those that are back. Absent: it was shown for long enough. */
  onEnd: (ids?: readonly string[]) => void;
}

export function Undo({ ids, region, onEnd }: UndoProps) {
  const words = manyWordsFor(useWords().language);
  const { restore } = useLibrary();
  const cache = useMediaCache();
  // It stays while somebody is at it: https://www.w3.org/WAI/WCAG22/Understanding/timing-adjustable
  const [isHeld, setIsHeld] = useState(false);
  // It stays until its answer is there, too: an undo that has failed would pass for done.
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [gone, setGone] = useState<ReadonlySet<string>>(new Set());
  const unsent = ids.filter((id) => !gone.has(id) && cache.wasUnsent(id));
  const left = ids.filter((id) => !gone.has(id) && !unsent.includes(id));
  const said = [
    left.length > 0 && words.deleted(left.length),
    unsent.length > 0 && words.erased(unsent.length),
    left.length + unsent.length === 0 && words.notBack(gone.size),
  ];
  const notice = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const { current } = notice;
    return () => {
      if (current?.contains(document.activeElement)) keepFocus(region.current);
    };
  }, [region]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: for what was deleted since, the time begins anew
  useEffect(() => {
    if (isHeld || isBusy || error !== undefined) return;
    const timer = setTimeout(() => onEnd(), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [ids, isHeld, isBusy, error, onEnd]);
  const undo = async () => {
    if (isBusy) return;
    setIsBusy(true);
    setError(undefined);
    try {
      const { failed } = await restore(left);
      const stopped = failed.find(({ code }) => code !== 'not_found');
      if (stopped) setError(new MediaClientError(stopped.code, stopped.message, { status: 0 }));
      const lost = failed.flatMap(({ code, media_id }) => (code === 'not_found' ? media_id : []));
      setGone((known) => new Set([...known, ...lost]));
      const notBack = new Set(failed.map(({ media_id }) => media_id));
      onEnd(left.filter((id) => !notBack.has(id)));
    } catch (reason) {
      setError(reason);
    }
    setIsBusy(false);
  };
  return (
    <section
      ref={notice}
      className="ma-many-undo"
      aria-label={words.undo}
      onPointerEnter={() => setIsHeld(true)}
      onPointerLeave={() => setIsHeld(false)}
      onFocus={() => setIsHeld(true)}
      onBlur={() => setIsHeld(false)}
    >
      {error !== undefined && <ErrorNotice error={error} />}
      <p role="status">{said.filter(Boolean).join(words.between)}</p>
      {left.length > 0 && (
        <button
          type="button"
          className="ma-button"
          data-kind="primary"
          aria-disabled={isBusy}
          onClick={() => void undo()}
        >
          {words.undo}
        </button>
      )}
      <button
        type="button"
        className="ma-button"
        data-kind="icon"
        aria-label={words.dismiss}
        onClick={() => onEnd()}
      >
        <CloseIcon />
      </button>
    </section>
  );
}
