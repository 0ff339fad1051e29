import { isBritish, useWords } from './index.ts';
import { en, enGB, ja, type ViewWords } from './view-texts.ts';

export type { ViewWords };

export function useViewWords(): ViewWords {
  const { view, language } = useWords();
  return view ?? (language === 'ja' ? ja : isBritish(language) ? enGB : en);
}
