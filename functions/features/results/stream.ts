import type { StreamFeature } from '../../core/parts.ts';
import { editsShown } from './moments.ts';

/** Shows the owner's words. */
export const results: StreamFeature<unknown> = () => ({ moments: editsShown });
