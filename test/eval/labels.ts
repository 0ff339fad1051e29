/** What a person sees in each photo of a folder: `labels.json`, beside the photos. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** One thing, under any of the names that mean it. */
const thing = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform((names) => [names].flat().map((name) => name.toLowerCase()));

const labelSchema = z.strictObject({
  /** Of the answer. */
  language: z.string().default('en'),
  /** What has to be found, in tags or objects. */
  tags: z.array(thing),
  /** Further objects that are there: right if named, not missed if not. */
  also: z.array(thing).default([]),
  people_count: z.number().int().nonnegative().optional(),
  /** What is written there; null if nothing is; absent if it is not to be judged. */
  text: z.string().min(1).nullish(),
});
export type Label = z.infer<typeof labelSchema>;

export class LabelsError extends Error {
  override readonly name = 'LabelsError';
}

/** @throws LabelsError that says what is wrong with which file. */
export async function readLabels(folder: string): Promise<Map<string, Label>> {
  const path = join(folder, 'labels.json');
  const text = await readFile(path, 'utf8').catch(() => {
    throw new LabelsError(`${path} cannot be read. It has to say what each photo shows.`);
  });
  try {
    const labels = z.record(z.string(), labelSchema).parse(JSON.parse(text));
    return new Map(Object.entries(labels));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new LabelsError(`${path} is not usable:\n${reason}`);
  }
}
