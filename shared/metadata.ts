/** What an integrator calls a media: the service keeps it, gives it back, and reads nothing in it. */
import { z } from 'zod';

export const MAX_METADATA_KEYS = 20;

/** Firestore refuses half a character, and keeps `__name__` for itself. */
const KEY = /^(?!__.*__$)[^\p{Cc}\p{Cs}]{1,40}$/u;

const record = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string(), value)
    .refine(
      (all) => Object.keys(all).every((key) => KEY.test(key)),
      'a key must have 1 to 40 characters, none of them invisible, and not be like "__key__"',
    )
    .refine(
      (all) => Object.keys(all).length <= MAX_METADATA_KEYS,
      `must have at most ${MAX_METADATA_KEYS} keys`,
    )
    .meta({
      maxProperties: MAX_METADATA_KEYS,
      propertyNames: { type: 'string', minLength: 1, maxLength: 40 },
    });

const text = z
  .string({
    error: ({ code }) => (code === 'invalid_type' ? 'must be a text: send "5", not 5' : undefined),
  })
  // JSON can escape half a character, which Firestore refuses.
  .overwrite((sent) => sent.toWellFormed());
const value = text.max(500);

export const metadataSchema = record(value);
/** An empty text or null removes the key. */
export const metadataChangeSchema = record(value.nullable());

export type Metadata = z.infer<typeof metadataSchema>;

export const externalIdSchema = text.min(1).max(255);
