/** The languages of the local models. A cold start reads this file, but not the models. */
const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** @returns the requested language if there are words for it, otherwise English */
export function localLanguage(wanted: string): Language {
  const language = wanted.toLowerCase().split('-')[0];
  return LANGUAGES.find((known) => known === language) ?? 'en';
}
