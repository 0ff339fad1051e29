import type { StreamFeature } from '../../core/parts.ts';
import { takenShown } from './shown.ts';

/** Says when a media was taken, without the code of the search. */
export const search: StreamFeature<unknown> = () => ({ moments: takenShown });
