/** What tags and objects are called in the language in which a media is described: in another one they would be a mixture. */
import { labelIn } from '@media-analysis/shared/labels';
import type { Media } from '../../client/index.ts';
import { isForeign, useWords } from '../words/index.ts';

export function useLabel(analytics: NonNullable<Media['analytics']>): (label: string) => string {
  const { language, label } = useWords();
  return isForeign({ analytics }, language) ? (of) => labelIn(analytics.language, of) : label;
}
