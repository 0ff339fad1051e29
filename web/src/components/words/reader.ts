/** The texts in the language of the reader, for apps. The page loads one language only, and does without this. */
import { useSyncExternalStore } from 'react';
import { never } from '../in-browser.ts';
import { en } from './en.ts';
import { languageOf } from './index.ts';
import { ja } from './ja.ts';
import type { Words } from './words.ts';

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
  return languageOf(languages) === 'ja' ? ja : en;
}

const readBrowser = () => wordsFor(navigator.languages);
const readServer = () => en;

/** No server knows the languages of a browser, so the first picture of both is in English. */
export const useReaderWords = (): Words => useSyncExternalStore(never, readBrowser, readServer);
