/** The owner of a media writes a title, summary and tags in place of the model's. */
import { z } from 'zod';
import { MAX_SUMMARY, MAX_TAG, MAX_TAGS, MAX_TITLE } from './edit-limits.ts';
import { plainText } from './plain-text.ts';

const title = z.string().overwrite(plainText).trim().min(1).max(MAX_TITLE);
const summary = z.string().overwrite(plainText).trim().min(1).max(MAX_SUMMARY);
const tags = z
  .array(z.string().overwrite(plainText).trim().min(1).max(MAX_TAG))
  .max(MAX_TAGS)
  .transform((all) => [...new Set(all)]);

/** The body of `PATCH /api/media/{id}`. */
export const editMediaSchema = z
  .strictObject({
    /** Null: the model's again. Absent: stays as it is. */
    title: title.nullish(),
    /** The same. */
    summary: summary.nullish(),
    /** The same. An empty list: no tags. */
    tags: tags.nullish(),
  })
  .refine((edits) => Object.values(edits).some((each) => each !== undefined), {
    path: ['title'],
    error: 'is missing, and so are "summary" and "tags": say at least one of them',
  });
/** A title, summary and tags in place of the model's. `null`: the model's again; absent: as they are. */
export type EditMedia = z.input<typeof editMediaSchema>;

export const editsSchema = z.object({
  /** Absent: the model's. */
  title: z.string().optional(),
  /** Absent: the model's. */
  summary: z.string().optional(),
  /** Absent: the model's. */
  tags: z.array(z.string()).optional(),
});
/** The title, summary and tags of the owner. */
export type Edits = z.infer<typeof editsSchema>;
