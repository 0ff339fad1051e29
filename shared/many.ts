/** Requests for many media. */
import { z } from 'zod';

const MAX_MANY = 500;

/** The body of `POST /api/media/restore` and `POST /api/media/download`. */
export const manySchema = z.strictObject({
  /** Ids of the media. Duplicates count once. */
  ids: z.array(z.string().max(64)).min(1).max(MAX_MANY),
});

/**
 * Bytes of one download. The api has 7.5 minutes for an answer, which is enough for this on a line of 20 Mbit/s.
 */
export const MAX_DOWNLOAD_BYTES = 1024 ** 3;
