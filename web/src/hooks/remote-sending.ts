/** Media that are announced and not sent by this page. */
import type { Media } from '../client/index.ts';

/** Until this age, another tab or device is probably sending it. */
const SENDING_MS = 15 * 60_000;

/** @returns for how many more milliseconds another tab or device counts as sending the media, or 0 */
export const remoteSendingMs = ({ created_at }: Pick<Media, 'created_at'>): number =>
  Math.max(0, Date.parse(created_at) + SENDING_MS - Date.now());
