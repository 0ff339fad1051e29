/**
 * A reanalysis makes an analysis again for many stored media. It begins as a quote: nothing runs or costs money before
 * its owner confirms it.
 */
import { z } from 'zod';
import { analysisNamesSchema, askSchema } from './analyses.ts';
import { errorCodeSchema } from './errors.ts';
import { EXAMPLE_TIME } from './media.ts';
import { momentSchema } from './moment.ts';
import { pageQuery } from './pages.ts';
import { REANALYSIS_STATES } from './reanalysis-state.ts';
import { COMMON, type Docs, defineRoutes, NEW, ONE } from './routes.ts';

const timestampSchema = z.iso.datetime();

/** The most ids that a filter may name. */
const MAX_REANALYSIS_IDS = 1_000;

/**
 * - `any`: all media that are not up to date
 * - `missing`: media without an answer to this analysis, also those that are only stored
 * - `stale`: the answer has another version or model, or another input or language if the request names these
 * - `failed`: the analysis failed
 */
const ONLY = ['any', 'missing', 'stale', 'failed'] as const;

const reanalysisFilterSchema = z.strictObject({
  /** Only these media. */
  ids: z
    .array(z.string().regex(/^[A-Za-z0-9]{1,64}$/, 'must be the id of a media'))
    .min(1)
    .max(MAX_REANALYSIS_IDS)
    .optional(),
  /** Media that were accepted at this time or later. */
  from: momentSchema.optional(),
  /** Media that were accepted before this time. */
  to: momentSchema.optional(),
  /** Default: photos and videos. */
  kind: z.enum(['image', 'video']).optional(),
  /** Media that are up to date (same version, model and input) are always skipped. */
  only: z.enum(ONLY).default('any'),
});
/** Selects the media. */
export type ReanalysisFilter = z.infer<typeof reanalysisFilterSchema>;

const analysisName = analysisNamesSchema.element;

/** The body of `POST /api/reanalyses`. */
export const createReanalysisSchema = z.strictObject({
  /** Name of the file in `analyses/`, such as `receipt`. */
  analysis: analysisName,
  /** Values that the analysis needs: `ask` needs a `question`. */
  input: askSchema.shape.input,
  /** Language of the answers from now on. By default each media keeps its own. */
  language: askSchema.shape.language,
  /** One of the models that the deployment names. By default the usual model. */
  model: z.string().max(200).optional(),
  /** `flex`: slower and cheaper, if the model's provider offers it. */
  tier: z.enum(['flex']).optional(),
  /** Selects the media. By default all that are not up to date. */
  filter: reanalysisFilterSchema.prefault({}),
});
export type CreateReanalysis = z.input<typeof createReanalysisSchema>;

const count = z.number().int().nonnegative();

const reanalysisQuoteSchema = z.object({
  /** Number of media to analyse. */
  media: count,
  /** How many of them have no answer to this analysis. Absent in older services. */
  missing: count.optional(),
  /** How many of them have an answer with another version, model, language or input. Absent in older services. */
  stale: count.optional(),
  /** How many of them have a failed analysis. Absent in older services. */
  failed: count.optional(),
  /** Selected media that are up to date, and are skipped. */
  up_to_date: count,
  /** Selected media that cannot be analysed, because they are not stored. */
  not_possible: count,
  /** Tokens that the model will read; null without a receipt to learn from. */
  input_tokens: count.nullable(),
  /** Tokens that the model will write; null without a receipt to learn from. */
  output_tokens: count.nullable(),
  /** US dollars; null without a receipt with a known price to learn from. */
  cost_usd: z.number().nonnegative().nullable(),
  /** US dollars at the cost of the cheapest and of the dearest receipt. Absent in older services. */
  cost_range_usd: z.tuple([z.number().nonnegative(), z.number().nonnegative()]).nullish(),
  /** Duration without other requests; null without a receipt to learn from. */
  minutes: z.number().nonnegative().nullable(),
  /** Number of receipts that the numbers are based on. */
  receipts: count,
  /** A note for people about these numbers, in English; null if there is none. */
  note: z.string().nullable(),
  /** The quote can be confirmed until then. */
  expires_at: timestampSchema,
});
/** The cost and the duration of a reanalysis, before it runs. */
export type ReanalysisQuote = z.infer<typeof reanalysisQuoteSchema>;

/** Why a reanalysis waits: a fault or limit stops one of its media, or other requests of its owner come first. */
const waitCodeSchema = z.enum([...errorCodeSchema.options, 'no_place', 'fresh_uploads']);

export const reanalysisSchema = z.object({
  /** Id of the reanalysis. */
  id: z.string(),
  /** Name of the analysis. */
  analysis: z.string(),
  /** The caller's input, such as the question of `ask`. */
  input: z.record(z.string(), z.unknown()),
  /** Language of the answers; null if each media keeps its own. */
  language: z.string().nullable(),
  /** Null for the usual model. */
  model: z.string().nullable(),
  /** `flex`: slower and cheaper. */
  tier: z.enum(['flex']).nullable(),
  /** Selects the media. */
  filter: reanalysisFilterSchema,
  /** State of the reanalysis. */
  state: z.enum(REANALYSIS_STATES),
  /** Why a `running` reanalysis waits; otherwise null. */
  wait_code: waitCodeSchema.nullable(),
  /** The estimate at the time of the request. */
  quote: reanalysisQuoteSchema,
  /** Media with a new answer. */
  done: count,
  /** Media whose analysis has failed. They keep the answer that they had. */
  failed: count,
  /** Media that were deleted, brought up to date otherwise, or in other work until the end. */
  skipped: count,
  /** Media in work now. They are finished even after a pause or a cancellation. */
  in_flight: count,
  /** Tokens that the model has read so far, failed calls included. */
  input_tokens: count,
  /** Tokens that the model has written so far. */
  output_tokens: count,
  /** US dollars; null if a price is not known. */
  cost_usd: z.number().nonnegative().nullable(),
  /** Time of the request. */
  created_at: timestampSchema,
  /** Time of the newest change. */
  updated_at: timestampSchema,
  /** When it was completed or cancelled. */
  ended_at: timestampSchema.nullable(),
  /** Grows with every write: of two states the one with the higher revision is newer. */
  revision: count,
});
/** One reanalysis with its quote and its progress. */
export type Reanalysis = z.infer<typeof reanalysisSchema>;

export const reanalysisListSchema = z.object({
  /** Newest first. If the one under way is older than the first page, it is added there, and comes once more in its place. */
  reanalyses: z.array(reanalysisSchema),
  /** Token of the next page. Absent on the last page. */
  next_page_token: z.string().optional(),
});
export type ReanalysisList = z.infer<typeof reanalysisListSchema>;

const CHANGE = [...ONE, 'quote_expired', 'reanalysis_conflict'] as const;

export const reanalysisRoutes = defineRoutes({
  createReanalysis: {
    method: 'POST',
    path: '/api/reanalyses',
    idempotencyKey: 'optional',
    json: createReanalysisSchema,
    answers: { 201: { json: reanalysisSchema } },
    codes: [...NEW, 'analysis_not_offered'],
  },
  listReanalyses: {
    method: 'GET',
    path: '/api/reanalyses',
    query: pageQuery(50),
    answers: { 200: { json: reanalysisListSchema } },
    codes: COMMON,
  },
  getReanalysis: {
    method: 'GET',
    path: '/api/reanalyses/{id}',
    answers: { 200: { json: reanalysisSchema } },
    codes: ONE,
  },
  confirmReanalysis: {
    method: 'POST',
    path: '/api/reanalyses/{id}/confirm',
    idempotencyKey: 'none',
    answers: { 202: { json: reanalysisSchema } },
    codes: CHANGE,
  },
  pauseReanalysis: {
    method: 'POST',
    path: '/api/reanalyses/{id}/pause',
    idempotencyKey: 'none',
    answers: { 202: { json: reanalysisSchema } },
    codes: CHANGE,
  },
  resumeReanalysis: {
    method: 'POST',
    path: '/api/reanalyses/{id}/resume',
    idempotencyKey: 'none',
    answers: { 202: { json: reanalysisSchema } },
    codes: CHANGE,
  },
  cancelReanalysis: {
    method: 'POST',
    path: '/api/reanalyses/{id}/cancel',
    idempotencyKey: 'none',
    answers: { 202: { json: reanalysisSchema } },
    codes: CHANGE,
  },
});

const EXAMPLE: Reanalysis = {
  id: 'pT4vY8cN2mQ7sA1d',
  analysis: 'describe',
  input: {},
  language: 'ja',
  model: null,
  tier: null,
  filter: { only: 'stale' },
  state: 'quoted',
  wait_code: null,
  quote: {
    media: 120,
    missing: 2,
    stale: 118,
    failed: 0,
    up_to_date: 3,
    not_possible: 0,
    input_tokens: 156_000,
    output_tokens: 48_000,
    cost_usd: 0.11,
    cost_range_usd: [0.05, 0.3],
    minutes: 8,
    receipts: 40,
    note: null,
    expires_at: '2026-11-01T13:00:00.000Z',
  },
  done: 0,
  failed: 0,
  skipped: 0,
  in_flight: 0,
  input_tokens: 0,
  output_tokens: 0,
  cost_usd: 0,
  created_at: EXAMPLE_TIME,
  updated_at: EXAMPLE_TIME,
  ended_at: null,
  revision: 1,
};

const TWICE = 'Said again, it changes nothing.';

export const reanalysisDocs = (): Docs<typeof reanalysisRoutes> => ({
  routes: {
    createReanalysis: {
      group: 'Reanalyses',
      title: 'Ask for a quote',
      text: 'Nothing runs, and nothing is paid for, before it is confirmed.',
      asked: { analysis: 'describe', language: 'ja', filter: { only: 'stale' } },
      answered: EXAMPLE,
    },
    listReanalyses: {
      group: 'Reanalyses',
      title: 'List reanalyses',
      answered: { reanalyses: [EXAMPLE] },
    },
    getReanalysis: {
      group: 'Reanalyses',
      title: 'Read one reanalysis',
      answered: EXAMPLE,
    },
    confirmReanalysis: {
      group: 'Reanalyses',
      title: 'Confirm the quote: begin',
      text: TWICE,
      answered: { ...EXAMPLE, state: 'running', revision: 2 },
    },
    pauseReanalysis: {
      group: 'Reanalyses',
      title: 'Stop for a while',
      text: TWICE,
      answered: { ...EXAMPLE, state: 'paused', revision: 3 },
    },
    resumeReanalysis: {
      group: 'Reanalyses',
      title: 'Go on',
      text: TWICE,
      answered: { ...EXAMPLE, state: 'running', revision: 4 },
    },
    cancelReanalysis: {
      group: 'Reanalyses',
      title: 'Stop for good',
      text: TWICE,
      answered: { ...EXAMPLE, state: 'cancelled', ended_at: EXAMPLE_TIME, revision: 5 },
    },
  },
  inPath: { id: 'The id of the reanalysis.' },
  askedSchemas: { CreateReanalysis: createReanalysisSchema },
  answeredSchemas: { Reanalysis: reanalysisSchema, ReanalysisList: reanalysisListSchema },
});
