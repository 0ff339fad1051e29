/** The tasks of the process that opens files, and its answers. */
import { z } from 'zod';
import { mediaFactsSchema } from './facts.ts';

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);

/** The bytes, or only their number: then the process reads the parts that it needs. */
const content = z.union([bytes, z.object({ size: z.number().int().nonnegative() })]);

export const taskSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('inspect'),
    content,
    fileName: z.string(),
    options: z.object({
      previewMaxSide: z.number().int().positive().optional(),
      withSmall: z.boolean().optional(),
      captureLocation: z.boolean().optional(),
    }),
  }),
  z.object({
    kind: z.enum(['bare', 'write-bare']),
    content,
    fileName: z.string(),
    contentType: z.string(),
  }),
]);
export type Task = z.infer<typeof taskSchema>;

export const inspectedSchema = z.object({
  contentType: z.string(),
  facts: mediaFactsSchema,
  preview: z.object({ bytes, contentType: z.literal('image/jpeg') }).nullable(),
  small: bytes.nullable(),
});

export const bareSchema = bytes;
