/** Language of the page: the first of the browser's, or the one that the reader has chosen. */
import { createContext, useContext } from 'react';
import { Button } from '../../components/base/button.tsx';
import { baseOf, languageOf, useWords } from '../../components/words/index.ts';
import { readList, writeList } from '../library/remembered-list.ts';

export type Language = 'en' | 'ja';

const KEY = 'media-analysis-language';
const NAMES: Record<Language, string> = { en: 'English', ja: '日本語' };

/** @param chosen Without a country, which comes from the browser. */
export function preferredLanguage(chosen = readList(KEY)): string {
  const own = navigator.languages.filter((each) => chosen.includes(baseOf(each)));
  return languageOf([...own, ...chosen, ...navigator.languages]);
}

export const rememberLanguage = (language: Language) => writeList(KEY, [language]);

/** BCP 47: the language of the texts that are shown. */
export const useLanguage = (): string => useWords().language;

/** Undefined until the texts in the first language are loaded. */
export const SwitchLanguage = createContext<((to: Language) => void) | undefined>(undefined);

export function otherLanguage(language: string): { other: Language; name: string } {
  const other = language === 'ja' ? 'en' : 'ja';
  return { other, name: NAMES[other] };
}

export function LanguageButton() {
  const { other, name } = otherLanguage(useWords().language);
  const switchTo = useContext(SwitchLanguage);
  if (!switchTo) return null;
  return (
    <Button lang={other} onClick={() => switchTo(other)}>
      {name}
    </Button>
  );
}
