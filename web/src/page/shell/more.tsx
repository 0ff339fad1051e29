/** The button at the end of the bar, for all that is not needed all the time. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { MoreIcon } from '../../components/base/icons.tsx';
import { useWords } from '../../components/words/index.ts';
import { useLoaded } from '../loading/use-loaded.ts';
import { barWordsFor } from './bar-words.ts';
import { useBackCloses } from './use-back-closes.ts';
import type { MenuEntry } from './use-menu.tsx';

interface MoreProps {
  entries: readonly MenuEntry[];
  /** Whether it is on a page of its own, where Back closes it, and not in an app. */
  isPage: boolean;
}

export function MoreButton({ entries, isPage }: MoreProps) {
  const { more } = barWordsFor(useWords().language);
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setIsOpen] = useState(false);
  const [isNear, setIsNear] = useState(false);
  const part = useLoaded(isNear || isOpen, () => import('./more-menu.tsx'));
  const close = useCallback(() => setIsOpen(false), []);
  const [chosen, choose] = useState<MenuEntry>();
  // The menu is gone then: what is opened gives the focus back to the button.
  useEffect(() => {
    if (isOpen || !chosen) return;
    choose(undefined);
    button.current?.focus();
    chosen.onPress();
  }, [isOpen, chosen]);
  useBackCloses(isPage, isOpen, close);
  return (
    <>
      <button
        ref={button}
        type="button"
        className="ma-button ma-more-button"
        data-kind="icon"
        aria-label={more}
        title={more}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onPointerEnter={() => setIsNear(true)}
        onFocus={() => setIsNear(true)}
        onClick={() => setIsOpen(!isOpen)}
      >
        <MoreIcon />
      </button>
      {isOpen && part && (
        <part.MoreMenu
          label={more}
          entries={entries}
          button={button}
          onChoose={choose}
          onClose={close}
        />
      )}
    </>
  );
}
