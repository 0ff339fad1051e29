/** What must be known of the local models before one is asked. A cold start reads this file, and not the models. */

/** Change these whenever a model may describe the same picture differently. */
const FACTS_VERSION = 'facts-2';
const VISION_VERSION = 'vision-3';

const LANGUAGES = ['en', 'ja'] as const;
export type Language = (typeof LANGUAGES)[number];

/** @param name `vision` or `facts` */
export function localPromptVersion(name: string): string {
  return name === 'vision' ? VISION_VERSION : FACTS_VERSION;
}

/** The language of the answer: the requested one if there are words for it, otherwise English. */
export function localLanguage(wanted: string): Language {
  const language = wanted.toLowerCase().split('-')[0];
  return LANGUAGES.find((known) => known === language) ?? 'en';
}
