/** The records of media as a table or as JSON, and their originals as one ZIP. */
import { z } from 'zod';
import { manySchema } from './many.ts';
import { EXAMPLE_MEDIA } from './media.ts';
import { type Docs, defineRoutes, JSON_BODY, ONE } from './routes.ts';
import { mediaFiltersSchema } from './search.ts';

const EXPORT_FORMATS = ['csv', 'json', 'ndjson'] as const;
/** `csv`: a table for spreadsheets. `ndjson`: a media in each line. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The body of `POST /api/media/export`. */
export const exportManySchema = manySchema.extend({
  /** Format of the file. */
  format: z.enum(EXPORT_FORMATS).default('csv'),
});

const FILES = { types: ['text/csv', 'application/json', 'application/x-ndjson'] };

export const exportRoutes = defineRoutes({
  exportMedia: {
    method: 'GET',
    path: '/api/media/export',
    query: z.object({
      ...mediaFiltersSchema.shape,
      /** `csv`: a table for spreadsheets. `ndjson`: a media in each line. Default: `csv`. */
      format: z.enum(EXPORT_FORMATS).default('csv'),
    }),
    answers: { 200: FILES },
    codes: [...ONE, 'not_ready'],
  },
  exportMany: {
    scope: 'read',
    method: 'POST',
    path: '/api/media/export',
    idempotencyKey: 'none',
    json: exportManySchema,
    answers: { 200: FILES },
    codes: JSON_BODY,
  },
  downloadMany: {
    scope: 'read',
    method: 'POST',
    path: '/api/media/download',
    idempotencyKey: 'none',
    json: manySchema,
    answers: { 200: { types: ['application/zip'] } },
    codes: [...JSON_BODY, 'not_found', 'not_ready', 'media_held'],
  },
});

export const exportDocs = (): Docs<typeof exportRoutes> => ({
  routes: {
    exportMedia: {
      group: 'Media',
      title: 'Export all that is found',
      text: 'As a table or as JSON, with the filters of a search: the media that it finds.',
    },
    exportMany: {
      group: 'Media',
      title: 'Export up to 500 media that are named',
      asked: { ids: [EXAMPLE_MEDIA.id], format: 'ndjson' },
    },
    downloadMany: {
      group: 'Media',
      title: 'Download the originals of up to 500 media',
      text: 'One ZIP of at most 1 GiB. What is not stored, or is held back, is named in a text in it.',
      asked: { ids: [EXAMPLE_MEDIA.id] },
    },
  },
  askedSchemas: { ExportMany: exportManySchema },
});
