/** Says what was deleted last, and brings it back: by its button, or by Ctrl+Z and Cmd+Z. The user closes it. */
import { type RefObject, useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import { MediaClientError } from '../../client/index.ts';
import { Button } from '../../components/base/button.tsx';
import { takeDeleteKey } from '../../components/base/delete-key.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { CloseIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useWords } from '../../components/words/index.ts';
import { useMediaCache } from '../../hooks/context.ts';
import { useLibrary } from '../../hooks/index.ts';
import { manyWordsFor } from '../selecting/many-words.ts';

const FIELDS = 'input:not([type=checkbox]), textarea, select, [contenteditable]';
/** Deletions whose notice has had the focus: it is mounted anew when the full view opens or closes. */
const told = new WeakSet<readonly string[]>();

interface UndoProps {
  ids: readonly string[];
  region: RefObject<HTMLElement | null>;
  /** @param ids The restored media. Undefined: the user closed the notice. */
  onEnd: (ids?: readonly string[]) => void;
}

export function Undo({ ids, region, onEnd }: UndoProps) {
  const words = manyWordsFor(useWords().language);
  const { restore } = useLibrary();
  const cache = useMediaCache();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const left = ids.filter((id) => !cache.wasUnsent(id));
  const unsent = ids.length - left.length;
  const said = [left.length > 0 && words.deleted(left.length), unsent > 0 && words.erased(unsent)];
  const text = useId();
  const notice = useRef<HTMLElement>(null);
  const restored = useRef<string>(undefined);
  /** Position of the card that had the focus; the next card there takes it. */
  const place = useRef<string | null>(null);
  // The focused element is gone, and a card beside it may have the focus. A user who is elsewhere by now stays there.
  useEffect(() => {
    const { activeElement } = document;
    const isLost = activeElement === document.body || activeElement === region.current;
    const card = activeElement?.closest('.ma-card');
    const isInView = notice.current?.closest('dialog')?.contains(activeElement);
    const isNew = !told.has(ids);
    told.add(ids);
    // A user who deletes with the key goes on with the next card.
    const isByKey = isNew && takeDeleteKey();
    const isNear = (card && !isByKey) || (isInView && !activeElement?.matches(FIELDS));
    if (!isLost && !(isNear && isNew)) return;
    place.current = card?.getAttribute('aria-posinset') ?? null;
    keepFocus(notice.current?.querySelector('button') ?? null);
  }, [ids, region]);
  useLayoutEffect(() => {
    const { current } = notice;
    return () => {
      if (!current?.contains(document.activeElement)) return;
      const find = (selector: string) => region.current?.querySelector<HTMLElement>(selector);
      const back = find(`[data-media-id="${restored.current}"] .ma-card-picture`);
      keepFocus(back ?? find(`[aria-posinset="${place.current}"] button`) ?? region.current);
    };
  }, [region]);
  const undo = async () => {
    if (isBusy) return;
    setIsBusy(true);
    setError(undefined);
    try {
      const { media, failed } = await restore(left);
      const [first] = failed;
      if (first) setError(new MediaClientError(first.code, first.message, { status: 0 }));
      restored.current = media[0]?.id;
      onEnd(media.map(({ id }) => id));
    } catch (reason) {
      setError(reason);
    }
    setIsBusy(false);
  };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target, key, ctrlKey, metaKey, shiftKey } = event;
      if (key.toLowerCase() !== 'z' || !(ctrlKey || metaKey) || shiftKey) return;
      // In a text field the keys undo the typing. An open dialog may hide the notice.
      const isTyping = target instanceof Element && target.matches(FIELDS);
      const isHidden = document.querySelector('dialog[open]')?.contains(notice.current) === false;
      if (isTyping || left.length === 0 || isHidden) return;
      event.preventDefault();
      void undo();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
  return (
    <section ref={notice} className="ma-many-undo" aria-label={words.undo}>
      {error !== undefined && <ErrorNotice error={error} />}
      <p id={text} role="status">
        {said.filter(Boolean).join(words.between)}
      </p>
      {left.length > 0 && (
        <Button
          kind="primary"
          aria-disabled={isBusy}
          aria-describedby={text}
          aria-keyshortcuts="Control+Z Meta+Z"
          onClick={() => void undo()}
        >
          {words.undo}
        </Button>
      )}
      <Button kind="icon" label={words.dismiss} onClick={() => onEnd()}>
        <CloseIcon />
      </Button>
    </section>
  );
}
