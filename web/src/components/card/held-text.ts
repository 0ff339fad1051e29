/** Why a picture is not shown. */
import { isTerminal } from '@media-analysis/shared/status';
import type { Media } from '../../client/index.ts';
import type { Words } from '../words/index.ts';

/** While a media is worked on, its check may be under way. Afterwards nothing checks it by itself. */
export function heldText({ held, status }: Media, words: Words): string | undefined {
  const isLeft = held === 'unchecked' && isTerminal(status);
  return held && words.held[isLeft ? 'notChecked' : held];
}
