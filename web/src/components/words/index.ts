/** The texts of the components, in the user's language or in the one that the app chose. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Media } from '../../client/index.ts';
import { never } from '../base/in-browser.ts';
import { en, enGB, type Words } from './en.ts';
import { readOutside } from './outside.ts';

export { en, type Words };

/** The first of these languages that has texts; English keeps its country. Otherwise British English. */
export function languageOf(languages: readonly string[]): string {
  for (const language of languages) {
    // A browser may add parts that `Intl` rejects, such as `en-US@posix`.
    const [known] = /^(ja|en(-([a-z]{2}|\d{3}))?)\b/i.exec(language) ?? [];
    if (known) return known;
  }
  return 'en-GB';
}

/** The language without the country: `en` for `en-US`. A model answers in `en`, wherever its reader is from. */
export const baseOf = (language: string): string => language.split('-')[0] ?? language;

export function isForeign({ analytics }: Pick<Media, 'analytics'>, language: string): boolean {
  // A damaged record may have no language, and must not break a whole list.
  const described = analytics?.language;
  return described !== undefined && baseOf(described) !== baseOf(language);
}

/** Countries with British spelling. English of all others is American. */
const BRITISH =
  /^en-(001|150|AU|BW|CY|FJ|GB|GH|HK|IE|IN|JM|KE|LK|MT|MU|MY|NG|NZ|PK|SG|TT|TZ|UG|ZA|ZM|ZW)$/i;

export const isBritish = (language: string): boolean => BRITISH.test(language);

const english = new Map<string, Words>();

export function englishFor(language: string): Words {
  const words = english.get(language) ?? { ...(isBritish(language) ? enGB : en), language };
  english.set(language, words);
  return words;
}

/** Separates the words of a list, which a user or a model wrote. */
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

/** A server does not know the languages of a browser, so both begin in English. */
const readServer = () => en;
