import { lazyPart } from './lazy-part.tsx';

export const Afterwards = lazyPart(async () => (await import('./afterwards.tsx')).Afterwards);
