/** Media that are announced, and that nobody here sends. */
import type { Media } from '../client/index.ts';

/** Another tab or device is probably sending it until it is so old. */
const SENDING_MS = 15 * 60_000;

/** How long what was announced is still taken for one that another tab or device is sending, in milliseconds; 0: not any more. */
export const sentElsewhereFor = ({ created_at }: Pick<Media, 'created_at'>): number =>
  Math.max(0, Date.parse(created_at) + SENDING_MS - Date.now());
