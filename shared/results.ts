/** The owner of a media writes words in place of a model's, lists earlier results, and brings one of them back. */
import { z } from 'zod';
import { analysisNamesSchema } from './analyses.ts';
import { analyticsSchema, usageSchema } from './analytics.ts';
import { editMediaSchema } from './edits.ts';
import { EXAMPLE_MEDIA, mediaSchema } from './media.ts';
import { metadataChangeSchema } from './metadata.ts';
import { type Docs, defineRoutes, JSON_BODY, OBJECT, ONE } from './routes.ts';

const timestampSchema = z.iso.datetime();

const earlierResultSchema = z.object({
  /** Id of the result among those of its media. */
  id: z.string(),
  /** The name of the analysis that made it. */
  analysis: z.string(),
  /** The caller's input, such as the question of `ask`. */
  input: z.record(z.string(), z.unknown()),
  /** The answer, by the schema of that time; null for `describe`. */
  output: z.record(z.string(), z.unknown()).nullable(),
  /** The answer of `describe`; otherwise null. */
  analytics: analyticsSchema.nullable(),
  /** Language of the answer; null if it is not known. */
  language: z.string().nullable(),
  /** Null if it was not recorded. */
  model: z.string().nullable(),
  /** Version of the analysis; null if it was not recorded. */
  version: z.string().nullable(),
  /** Cost of the result; null if it was not recorded separately. */
  usage: usageSchema.nullable(),
  /** Time of the result; null if it was not recorded. */
  made_at: timestampSchema.nullable(),
});
/** An earlier result. */
export type EarlierResult = z.infer<typeof earlierResultSchema>;

/** The answer of `GET /api/media/{id}/results`. */
export const earlierResultsSchema = z.object({
  /** Newest first. */
  results: z.array(earlierResultSchema),
});
export type EarlierResults = z.infer<typeof earlierResultsSchema>;

export const resultRoutes = defineRoutes({
  editMedia: {
    method: 'PATCH',
    path: '/api/media/{id}',
    json: editMediaSchema,
    answers: { 200: { json: mediaSchema, etag: true } },
    codes: [...JSON_BODY, 'not_found', 'precondition_failed'],
  },
  listResults: {
    method: 'GET',
    path: '/api/media/{id}/results',
    query: z.object({
      /** Only results of this analysis. */
      analysis: analysisNamesSchema.element.optional(),
    }),
    answers: { 200: { json: earlierResultsSchema } },
    codes: ONE,
  },
  restoreResult: {
    method: 'POST',
    path: '/api/media/{id}/results/{result}/restore',
    idempotencyKey: 'none',
    answers: { 200: { json: mediaSchema, etag: true } },
    codes: OBJECT,
  },
});

export const resultDocs = (): Docs<typeof resultRoutes> => ({
  routes: {
    editMedia: {
      group: 'Media',
      title: 'Write a title, summary or tags of one’s own, metadata or an external id',
      text: 'Title, summary and tags are shown in place of the model’s, found by a search, and kept when the media is analysed again.',
      asked: { title: 'Our cat', tags: ['cat', 'garden'] },
      answered: { ...EXAMPLE_MEDIA, edits: { title: 'Our cat', tags: ['cat', 'garden'] } },
    },
    listResults: {
      group: 'Analyses',
      title: 'List earlier results of a media',
      text: 'The newest first; ten of each analysis are kept.',
      answered: { results: [] },
    },
    restoreResult: {
      group: 'Analyses',
      title: 'Make an earlier result the present one again',
      text: 'The present one becomes an earlier one. No model is asked.',
      answered: EXAMPLE_MEDIA,
    },
  },
  inPath: { id: 'The id of the media.', result: 'The id of the earlier result.' },
  askedSchemas: { EditMedia: editMediaSchema, MetadataChange: metadataChangeSchema },
  answeredSchemas: { EarlierResult: earlierResultSchema, EarlierResults: earlierResultsSchema },
});
