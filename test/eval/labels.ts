/** What a person sees in each photo of a folder: `labels.json`, beside the photos. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export const OWN_PHOTOS = fileURLToPath(new URL('../photos', import.meta.url));

/** One thing, under any of the names that mean it. */
const thing = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform((names) => [names].flat().map((name) => name.toLowerCase()));

const receipt = z.strictObject({
  date: z.iso.date().nullable(),
  /** Any of several is right: a `$` alone may be read as USD. */
  currency: z
    .union([z.string().nullable(), z.array(z.string().nullable()).min(1)])
    .transform((codes) => [codes].flat()),
  total_cents: z.number().int(),
  items: z.array(
    z.strictObject({
      name: z.union([z.string(), z.array(z.string()).min(1)]).transform((names) => [names].flat()),
      /** Absent: not judged, as a weight. */
      quantity: z.number().nullable().optional(),
      amount_cents: z.number().int(),
    }),
  ),
});

export const labelSchema = z.strictObject({
  /** What kind of picture it is: the table has the words that were read on each kind. */
  kind: z
    .enum(['document', 'group', 'people', 'receipt', 'scene', 'screenshot', 'sign', 'thing'])
    .optional(),
  /** Of the answer. */
  language: z.string().default('en'),
  /** What has to be found, in tags or objects. */
  tags: z.array(thing),
  /** Further objects that are there: right if named, not missed if not. */
  also: z.array(thing).default([]),
  people_count: z.number().int().nonnegative().optional(),
  /** What is written there; null if nothing is; absent if it is not to be judged. */
  text: z.string().min(1).nullish(),
  /** The language of the text. */
  written: z.string().default('en'),
  /** Further text that is there, as in a code: not invented if read, not missed if not. */
  text_allowed: z.string().default(''),
  /** Of a receipt: the words before the sum, and the sum. */
  total: z.strictObject({ label: z.string().min(1), amount: z.string().min(1) }).optional(),
  /** What the analysis `receipt` has to find; null if this is no receipt; absent: it is not asked. */
  receipt: receipt.nullish(),
});
export type Label = z.infer<typeof labelSchema>;

/** A mistake of who called, with what to do about it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws UsageError that says what is wrong with which file. */
export async function readLabels(folder: string): Promise<Map<string, Label>> {
  const path = join(folder, 'labels.json');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new UsageError(`${path} cannot be read. It has to say what each photo shows.`);
  });
  try {
    const labels = z.record(z.string(), labelSchema).parse(JSON.parse(text));
    return new Map(Object.entries(labels));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new UsageError(`${path} is not usable:\n${reason}`);
  }
}
