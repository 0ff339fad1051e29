/** The bin: what is asked for, and what is answered. */
import { z } from 'zod';
import { errorCodeSchema } from './errors.ts';
import { manySchema } from './many.ts';
import { type Media, mediaSchema } from './media.ts';

/** The body of `POST /api/media/delete`. */
export const deleteManySchema = manySchema.extend({
  /** True: erased now, also from the bin. */
  permanently: z.boolean().default(false),
  /** True: what is not in the bin, also because it was brought back, stays as it is, and is `not_found`. */
  only_binned: z.boolean().default(false),
});

const notDoneSchema = z.object({
  /** Its id, as it was given. */
  media_id: z.string(),
  /** `not_found`: the caller has no such media, or it was erased; with `only_binned`, it is not in the bin. */
  code: errorCodeSchema,
  /** The same for a person, in English. */
  message: z.string(),
});
/** A media of a request for many, for which it was not done. */
export type NotDone = z.infer<typeof notDoneSchema>;

export const deletedSchema = z.object({
  /** Those that are deleted now, also those that were before. */
  media_ids: z.array(z.string()),
  /** Those for which it was not done. */
  failed: z.array(notDoneSchema),
});
/** What `POST /api/media/delete` answers. */
export type Deleted = z.infer<typeof deletedSchema>;

export const restoredSchema = z.object({
  /** Those that are back, also those that were not in the bin. */
  media: z.array(mediaSchema),
  /** Those for which it was not done. */
  failed: z.array(notDoneSchema),
});
/** What `POST /api/media/restore` answers. */
export interface Restored {
  /** Those that are back, also those that were not in the bin. */
  media: Media[];
  /** Those for which it was not done. */
  failed: NotDone[];
}

const timesShape = {
  /** ISO 8601: when it was deleted. */
  binned_at: z.iso.datetime(),
  /** ISO 8601: when it is erased for good. */
  erase_at: z.iso.datetime(),
};

export const binListSchema = z.object({
  /** The last that was deleted first. */
  media: z.array(mediaSchema.extend(timesShape)),
  /** Asks for the next page; absent on the last page. */
  next_page_token: z.string().optional(),
});
/** A media in the bin. */
export type BinnedMedia = Media & {
  /** ISO 8601: when it was deleted. */
  binned_at: string;
  /** ISO 8601: when it is erased for good. */
  erase_at: string;
};
/** One page of the bin, as `GET /api/bin` answers it. */
export interface BinList {
  /** The last that was deleted first. */
  media: BinnedMedia[];
  /** Asks for the next page; absent on the last page. */
  next_page_token?: string | undefined;
}
