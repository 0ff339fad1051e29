import { type ReactNode, useContext } from 'react';
import type { FileChoice } from '../../components/upload/photo-upload.tsx';
import { useWords } from '../../components/words/index.ts';
import { barWordsFor } from './bar-words.ts';
import { otherLanguage, SwitchLanguage } from './language.tsx';

export interface MenuEntry {
  id: string;
  label: string;
  icon?: ReactNode;
  /** A second line. */
  note?: string;
  /** Of the label, where it is not that of the page. */
  lang?: string;
  onPress: () => void;
}

/** Who is signed in. */
export interface Account {
  /** Such as "Signed in as a@example.com". */
  name: string;
  /** What the entry is called that ends it. */
  signOut: string;
  onSignOut: () => void;
}

interface MenuOptions {
  /** Absent: the page shows these ways by itself. */
  files: FileChoice | undefined;
  /** Absent: there is nothing to choose. */
  onOptions: (() => void) | undefined;
  account: Account | undefined;
}

/** @returns what is behind "More" before and after what the list adds. */
export function useMenu({ files, onOptions, account }: MenuOptions): {
  first: MenuEntry[];
  last: MenuEntry[];
} {
  const { language, upload } = useWords();
  const words = barWordsFor(language);
  const switchTo = useContext(SwitchLanguage);
  const { other, name } = otherLanguage(language);
  const entry = (
    id: string,
    label: string,
    onPress: (() => void) | undefined,
    more: Pick<MenuEntry, 'lang' | 'note'> = {},
  ) => (onPress ? [{ id, label, onPress, ...more }] : []);
  return {
    first: [
      ...entry('camera', upload.takePhoto, files?.takePhoto),
      ...entry('folder', upload.chooseFolder, files?.chooseFolder),
      ...entry('options', words.options, onOptions),
    ],
    last: [
      ...entry('language', name, switchTo && (() => switchTo(other)), {
        lang: other,
      }),
      ...entry('account', account?.signOut ?? '', account?.onSignOut, {
        note: account?.name ?? '',
      }),
    ],
  };
}
