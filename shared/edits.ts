/** The owner of a media writes a title, summary and tags in place of the model's, and what the owner's own systems call it. */
import { z } from 'zod';
import { MAX_SUMMARY, MAX_TAG, MAX_TAGS, MAX_TITLE } from './edit-limits.ts';
import { externalIdSchema, metadataChangeSchema } from './metadata.ts';
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
    /** Null restores the model's title. Without this field, the title stays. */
    title: title.nullish(),
    /** The same for the summary. */
    summary: summary.nullish(),
    /** The same for the tags. An empty list removes all. */
    tags: tags.nullish(),
    /** Merged into what is there: null or an empty text removes a key. Null in place of the keys removes all. */
    metadata: metadataChangeSchema.nullish(),
    /** Null removes it. */
    external_id: externalIdSchema.nullish(),
  })
  .refine((edits) => Object.values(edits).some((each) => each !== undefined), {
    path: ['title'],
    error:
      'is missing, and so are "summary", "tags", "metadata" and "external_id": say one of them',
  });
/** A title, summary and tags in place of the model's. `null` restores the model's; absent fields stay. */
export type EditMedia = z.input<typeof editMediaSchema>;

export const editsSchema = z.object({
  /** Absent while the model's is used. */
  title: z.string().optional(),
  /** Absent while the model's is used. */
  summary: z.string().optional(),
  /** Absent while the model's are used. */
  tags: z.array(z.string()).optional(),
});
/** The title, summary and tags of the owner. */
export type Edits = z.infer<typeof editsSchema>;
