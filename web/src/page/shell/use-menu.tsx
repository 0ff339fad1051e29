/** The button at the end of the bar, for what is not always needed. */
import { useContext, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Button } from '../../components/base/button.tsx';
import { MoreIcon } from '../../components/base/icons.tsx';
import type { FileChoice } from '../../components/upload/photo-upload.tsx';
import { useWords } from '../../components/words/index.ts';
import { useLoaded } from '../loading/use-loaded.ts';
import { barWordsFor } from './bar-words.ts';
import { otherLanguage, SwitchLanguage } from './language.tsx';
import type { MenuEntry } from './more-menu.tsx';
import { useBackCloses } from './use-back-closes.ts';

export interface Account {
  /** E.g. "Signed in as a@example.com". */
  name: string;
  /** Label of the menu entry that signs out. */
  signOut: string;
  onSignOut: () => void;
}

/**
 * @param files Undefined: the page shows the ways to choose files itself.
 * @returns the entries of "More" before and after those of the list
 */
export function useMenu(
  files: FileChoice | undefined,
  onOptions: () => void,
  account: Account | undefined,
) {
  const { language, upload } = useWords();
  const switchTo = useContext(SwitchLanguage);
  const { other, name } = otherLanguage(language);
  return {
    first: [
      { id: 'camera', label: upload.takePhoto, onPress: files?.takePhoto },
      { id: 'folder', label: upload.chooseFolder, onPress: files?.chooseFolder },
      { id: 'options', label: barWordsFor(language).options, onPress: onOptions },
    ],
    last: [
      { id: 'language', label: name, lang: other, onPress: switchTo && (() => switchTo(other)) },
      {
        id: 'account',
        label: account?.signOut ?? '',
        note: account?.name,
        onPress: account?.onSignOut,
      },
    ],
  };
}

export function MoreButton({ entries }: { entries: readonly MenuEntry[] }) {
  const { more } = barWordsFor(useWords().language);
  const button = useRef<HTMLButtonElement>(null);
  /** Ids, as of the opening: no entry moves under a pointer. What becomes possible meanwhile comes last. */
  const [shown, setShown] = useState<readonly string[]>();
  const isOpen = shown !== undefined;
  const possible = entries.filter(({ onPress }) => onPress);
  const [isNear, setIsNear] = useState(false);
  const part = useLoaded(isNear || isOpen, () => import('./more-menu.tsx'));
  const close = () => setShown(undefined);
  const choose = ({ onPress }: MenuEntry) => {
    flushSync(close);
    // The opened view gives the focus back to the button.
    button.current?.focus();
    onPress?.();
  };
  useBackCloses(isOpen, close);
  return (
    <>
      <Button
        ref={button}
        className="ma-button ma-more-button"
        kind="icon"
        aria-label={more}
        title={more}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        onPointerEnter={() => setIsNear(true)}
        onFocus={() => setIsNear(true)}
        onClick={() => setShown(isOpen ? undefined : possible.map(({ id }) => id))}
      >
        <MoreIcon />
      </Button>
      {isOpen && part && (
        <part.MoreMenu
          label={more}
          entries={[
            ...entries.filter(({ id }) => shown.includes(id)),
            ...possible.filter(({ id }) => !shown.includes(id)),
          ]}
          button={button}
          onChoose={choose}
          onClose={close}
        />
      )}
    </>
  );
}
