/** Loads the title and the notification of a batch when there is a batch. */
import { lazyPart } from '../loading/lazy-part.tsx';

export const Notices = lazyPart(async () => (await import('./notices.tsx')).Notices);
