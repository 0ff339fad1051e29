import { labelIn } from '@media-analysis/shared/labels';
import type { Media } from '../../client/index.ts';
import { isBritish, isForeign, useWords } from './index.ts';
import { en, enGB, ja, type ViewWords } from './view-texts.ts';

export type { ViewWords };

export function useViewWords(): ViewWords {
  const { view, language } = useWords();
  return view ?? (language === 'ja' ? ja : isBritish(language) ? enGB : en);
}

/** Names tags and objects in the language of the media's description: texts in two languages would be a mixture. */
export function useLabel(analytics: Media['analytics']): (label: string) => string {
  const { language, label } = useWords();
  return isForeign({ analytics }, language)
    ? (of) => labelIn(analytics?.language ?? '', of)
    : label;
}
