/** The texts in the language of the reader, for apps. The page loads one language only, and does not use this. */
import { englishFor, languageOf, type Words } from './index.ts';
import { ja } from './ja.ts';

/**
 * The texts for the first of these languages that has texts (English and Japanese do); otherwise British English.
 * @param languages BCP 47, the preferred language first, e.g. `navigator.languages`.
 * @example
 * ```ts
 * import { wordsFor } from '@media-analysis/react';
 *
 * show(wordsFor(['de', 'ja-JP', 'en']).language); // 'ja'
 * ```
 */
export function wordsFor(languages: readonly string[]): Words {
  const language = languageOf(languages);
  return language === 'ja' ? ja : englishFor(language);
}

/**
 * For components without a `WordsProvider` around them: the build of the package puts it in the place of `outside.ts`.
 * @public
 */
export const readOutside = (): Words => wordsFor(navigator.languages);
