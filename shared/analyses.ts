/** The analyses of `analyses/`, and how a caller asks for one of them. */
import { z } from 'zod';
import { EXAMPLE_MEDIA, mediaSchema } from './media.ts';
import { COMMON, type Docs, defineRoutes, NEW } from './routes.ts';

/** A BCP 47 tag, loosely checked. The model writes in this language. */
export const languageSchema = z
  .string()
  .regex(/^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$/, 'must be a language tag, such as "en" or "ja"');

/** Names of analyses, in the order of work. */
export const analysisNamesSchema = z
  .array(
    z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be the name of an analysis, such as "describe"'),
  )
  .min(1)
  .max(20);

/** The body of `POST /api/media/{id}/analyses/{name}`. */
export const askSchema = z.strictObject({
  /** Language of the answers from now on. By default the language of the upload. */
  language: languageSchema.optional(),
  /** Values that the analysis needs, as its `input` says: `ask` needs a `question`. */
  input: z
    .record(z.string(), z.union([z.string().max(2_000), z.number(), z.boolean()]))
    .default({}),
});
export type Ask = z.input<typeof askSchema>;

const analysisInfoSchema = z.object({
  /** Name of the file in `analyses/`, such as `receipt`. */
  name: z.string(),
  /** English title. */
  title: z.string(),
  /** The purpose of the analysis, in English. */
  description: z.string(),
  /** Texts in other languages, by language tag. The keys of `labels` are paths of fields: `items.name`. */
  translations: z.record(
    z.string(),
    z.object({
      title: z.string().optional(),
      description: z.string().optional(),
      labels: z.record(z.string(), z.string()).optional(),
    }),
  ),
  /** JSON Schema of each value that a caller gives. */
  input: z.record(z.string(), z.looseObject({})),
  /** Names of the values that a caller must give. */
  required: z.array(z.string()),
  /** JSON Schema of the answer. Null for `describe`, whose answer is `analytics`. */
  output: z.looseObject({}).nullable(),
  /** Changes with the prompt and the schema. */
  version: z.string(),
  /** True if the service's model can make this analysis. */
  offered: z.boolean(),
});
/** One analysis that a media can be asked for. */
export type AnalysisInfo = z.infer<typeof analysisInfoSchema>;

export const analysisListSchema = z.object({
  /** In display order. */
  analyses: z.array(analysisInfoSchema),
});
/** The answer of `GET /api/analyses`. */
export type AnalysisList = z.infer<typeof analysisListSchema>;

export const analysisRoutes = defineRoutes({
  askMedia: {
    method: 'POST',
    path: '/api/media/{id}/analyses/{name}',
    bodyOptional: true,
    idempotencyKey: 'optional',
    json: askSchema,
    answers: { 202: { json: mediaSchema, etag: true } },
    codes: [...NEW, 'not_ready', 'not_retryable', 'analysis_not_offered'],
  },
  getAnalyses: {
    method: 'GET',
    path: '/api/analyses',
    answers: { 200: { json: analysisListSchema } },
    codes: COMMON,
  },
});

export const analysisDocs = (): Docs<typeof analysisRoutes> => ({
  routes: {
    askMedia: {
      group: 'Analyses',
      title: 'Ask for one more analysis, or for the same again',
      text: 'What is there stays until there is a new answer in `analyses` (of `describe`: in `analytics`).',
      asked: { input: { question: 'What colour is the cat?' }, language: 'en' },
      answered: { ...EXAMPLE_MEDIA, attempts: 2, revision: 9 },
    },
    getAnalyses: {
      group: 'Analyses',
      title: 'List what a media can be asked',
      text: 'Titles, inputs, schemas of the answers, and which of them the model of this service can make.',
    },
  },
  inPath: { id: 'The id of the media.', name: 'The name of the analysis, such as `receipt`.' },
  askedSchemas: { Ask: askSchema },
  answeredSchemas: { Analysis: analysisInfoSchema, AnalysisList: analysisListSchema },
});
