import { isTerminal } from '@media-analysis/shared/status';
import type { Media } from '../../client/index.ts';
import type { Words } from '../words/index.ts';

/** Why a picture is not shown. During the work, a check may be under way; afterwards none begins by itself. */
export function heldText({ held, status }: Media, words: Words): string | undefined {
  const isLeft = held === 'unchecked' && isTerminal(status);
  return held && words.held[isLeft ? 'notChecked' : held];
}
