/** The words of the user's language, or of the one that the app chose. */
import { createContext, useContext } from 'react';
import { en } from './en.ts';
import { ja } from './ja.ts';
import type { Words } from './words.ts';

export type { Words };
export { en, ja };

/** The first of the preferred languages that there are words for; English otherwise. */
export function wordsFor(languages: readonly string[]): Words {
  for (const language of languages) {
    const [base] = language.toLowerCase().split('-');
    if (base === 'ja') return ja;
    if (base === 'en') return en;
  }
  return en;
}

const WordsContext = createContext<Words | undefined>(undefined);

/** Makes the components below it speak these words, instead of the browser's language. */
export const WordsProvider = WordsContext.Provider;

export function useWords(): Words {
  return useContext(WordsContext) ?? wordsFor(navigator.languages);
}
