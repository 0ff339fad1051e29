/** The texts of the components, in the user's language or in the one that the app chose. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import { never } from '../base/in-browser.ts';
import { en } from './en.ts';
import type { Words } from './words.ts';

export type { Words };
export { en };

/** The first of these languages that has texts; otherwise English. */
export function languageOf(languages: readonly string[]): 'en' | 'ja' {
  for (const language of languages) {
    const [base] = language.toLowerCase().split('-');
    if (base === 'ja' || base === 'en') return base;
  }
  return 'en';
}

/** What stands between the things of a list, which are words of the user or of a model. */
export const commaIn = (language: string) => (language === 'ja' ? '、' : ', ');

const WordsContext = createContext<Words | undefined>(undefined);

/**
 * Gives the components below it these texts instead of those in the browser's language.
 * @example
 * ```tsx
 * import { en, WordsProvider } from '@media-analysis/react';
 * import type { ReactNode } from 'react';
 *
 * const words = { ...en, gallery: 'Your holiday' };
 *
 * export const Holiday = ({ children }: { children: ReactNode }) => (
 *   <WordsProvider value={words}>{children}</WordsProvider>
 * );
 * ```
 */
export const WordsProvider = WordsContext.Provider;

/**
 * The texts that the components around this one use, for components of your own.
 * @example
 * ```tsx
 * import { useWords } from '@media-analysis/react';
 *
 * export function Heading() {
 *   return <h2>{useWords().gallery}</h2>;
 * }
 * ```
 */
export function useWords(): Words {
  const outside = useSyncExternalStore(never, readOutside, readServer);
  return useContext(WordsContext) ?? outside;
}

/** No server knows the languages of a browser, so the first picture of both is in English. */
const readServer = () => en;

/** Of components without a `WordsProvider` around them. The page has one around everything. */
let readOutside = readServer;

/** @param read always the same object, until the browser's languages are others */
export function speakOutside(read: () => Words): void {
  readOutside = read;
}
