/** The texts of the components, in the user's language or in the one that the app chose. */
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Media } from '../../client/index.ts';
import { never } from '../base/in-browser.ts';
import { en, enGB, type Words } from './en.ts';

export { en, type Words };

/** The first of these languages that has texts, English with its country; otherwise that of Britain. */
export function languageOf(languages: readonly string[]): string {
  for (const language of languages) {
    // What else a browser may say, such as `en-US@posix`, is no language to `Intl`.
    const [known] = /^(ja|en(-([a-z]{2}|\d{3}))?)\b/i.exec(language) ?? [];
    if (known) return known;
  }
  return 'en-GB';
}

/** Without the country: `en` of `en-US`. A model answers in `en`, whatever part of the world its reader is from. */
export const baseOf = (language: string): string => language.split('-')[0] ?? language;

export function isForeign({ analytics }: Pick<Media, 'analytics'>, language: string): boolean {
  // A record may be damaged, and lists of many ask this.
  const described = analytics?.language;
  return described !== undefined && baseOf(described) !== baseOf(language);
}

/** Where words are spelled as in Britain. Everywhere else English is as in America. */
const BRITISH =
  /^en-(001|150|AU|BW|CY|FJ|GB|GH|HK|IE|IN|JM|KE|LK|MT|MU|MY|NG|NZ|PK|SG|TT|TZ|UG|ZA|ZM|ZW)$/i;

export const isBritish = (language: string): boolean => BRITISH.test(language);

const english = new Map<string, Words>();

export function englishFor(language: string): Words {
  const words = english.get(language) ?? { ...(isBritish(language) ? enGB : en), language };
  english.set(language, words);
  return words;
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
