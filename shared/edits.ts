/** The owner of a media writes a title and tags in place of the model's. */
import { z } from 'zod';
import { MAX_TAG, MAX_TAGS, MAX_TITLE } from './edit-limits.ts';
import { plainText } from './plain-text.ts';

const title = z.string().overwrite(plainText).trim().min(1).max(MAX_TITLE);
const tags = z
  .array(z.string().overwrite(plainText).trim().min(1).max(MAX_TAG))
  .max(MAX_TAGS)
  .transform((all) => [...new Set(all)]);

/** The body of `PATCH /api/media/{id}`. */
export const editMediaSchema = z
  .strictObject({
    /** Null: the model's again. Absent: stays as it is. */
    title: title.nullish(),
    /** The same. An empty list: no tags. */
    tags: tags.nullish(),
  })
  .refine((edits) => edits.title !== undefined || edits.tags !== undefined, {
    path: ['title'],
    error: 'is missing, and so is "tags": say at least one of them',
  });
/** A title and tags in place of the model's. `null`: the model's again; absent: as they are. */
export type EditMedia = z.input<typeof editMediaSchema>;

export const editsSchema = z.object({
  /** Absent: the model's. */
  title: z.string().optional(),
  /** Absent: the model's. */
  tags: z.array(z.string()).optional(),
});
/** The title and tags of the owner. */
export type Edits = z.infer<typeof editsSchema>;
