/** What is known of media, as a file. */
import { z } from 'zod';
import { manySchema } from './many.ts';

export const EXPORT_FORMATS = ['csv', 'json', 'ndjson'] as const;
/** `csv`: a table for spreadsheets. `ndjson`: a media in each line. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The body of `POST /api/media/export`. */
export const exportManySchema = manySchema.extend({
  /** Of the file. */
  format: z.enum(EXPORT_FORMATS).default('csv'),
});
