/** The photos as a dataset of Genkit: https://genkit.dev/docs/evaluation/ */
import { z } from 'zod';
import type { Label } from './labels.ts';

/** What the flow `describePhoto` is given. What a person saw stays in `labels.json`, where the evaluator reads it. */
export const photoInputSchema = z.strictObject({ photo: z.string(), language: z.string() });

interface TestCase {
  testCaseId: string;
  input: z.infer<typeof photoInputSchema>;
}

export function datasetOf(photos: [string, Label][]): TestCase[] {
  return photos.map(([photo, { language }]) => ({ testCaseId: photo, input: { photo, language } }));
}
