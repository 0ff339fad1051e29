import type { StreamFeature } from '../../core/parts.ts';
import { metadataShown } from './moments.ts';

/** Shows what an integrator calls a media. */
export const metadata: StreamFeature<unknown> = () => ({ moments: metadataShown });
