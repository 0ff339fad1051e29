/** The texts of the components, in the user's language or in the one that the app chose. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import { never } from '../in-browser.ts';
import { en } from './en.ts';
import type { Words } from './words.ts';

export type { Words };
export { en };

/** English is always there. The library adds Japanese; the page loads it for those who read it. */
const known = { en, ja: en };

/** Adds the Japanese texts to those that `wordsFor` and `useWords` choose from. */
export function addJapanese(ja: Words): void {
  known.ja = ja;
}

/** The first of these languages that has texts; otherwise English. */
export function languageOf(languages: readonly string[]): 'en' | 'ja' {
  for (const language of languages) {
    const [base] = language.toLowerCase().split('-');
    if (base === 'ja' || base === 'en') return base;
  }
  return 'en';
}

/**
 * The texts for the first of these languages that has texts (English and Japanese do); otherwise English.
 * @param languages BCP 47, the preferred language first, e.g. `navigator.languages`.
 * @example
 * ```ts
 * import { wordsFor } from '@media-analysis/react';
 *
 * show(wordsFor(['de', 'ja-JP', 'en']).language); // 'ja'
 * ```
 */
export function wordsFor(languages: readonly string[]): Words {
  return known[languageOf(languages)];
}

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
  const around = useContext(WordsContext);
  // No server knows the languages of a browser, so the first picture of both is in English.
  const ofBrowser = useSyncExternalStore(never, readBrowser, readServer);
  return around ?? ofBrowser;
}

const readBrowser = () => wordsFor(navigator.languages);
const readServer = () => en;
