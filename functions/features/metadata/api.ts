import type { ApiFeature } from '../../core/parts.ts';
import { metadataMoments } from './moments.ts';

/** What an integrator calls a media. */
export const metadata: ApiFeature<unknown> = () => ({ moments: metadataMoments });
