/**
 * Reanalyses: an analysis that is asked for again over many stored media. First there is a quote; nothing runs, and nothing
 * is paid for, before its owner confirms it.
 */
import { z } from 'zod';
import { analysisNamesSchema, askSchema } from './analyses.ts';
import { errorCodeSchema } from './errors.ts';
import { EXAMPLE_TIME } from './media.ts';
import { momentSchema } from './moment.ts';
import { REANALYSIS_STATES } from './reanalysis-state.ts';
import { COMMON, type Docs, defineRoutes, NEW, ONE } from './routes.ts';

const timestampSchema = z.iso.datetime();

/** The most ids that a filter may name. */
const MAX_REANALYSIS_IDS = 1_000;

/**
 * - `any`: everything that is not up to date
 * - `missing`: has no answer to this analysis, also a media that was only stored
 * - `stale`: has an answer of another version or model, or to another input or language if these are asked for
 * - `failed`: the analysis was asked for, and failed
 */
const ONLY = ['any', 'missing', 'stale', 'failed'] as const;

const reanalysisFilterSchema = z.strictObject({
  /** These media alone. */
  ids: z
    .array(z.string().regex(/^[A-Za-z0-9]{1,64}$/, 'must be the id of a media'))
    .min(1)
    .max(MAX_REANALYSIS_IDS)
    .optional(),
  /** Media that were accepted at this time or later. */
  from: momentSchema.optional(),
  /** Media that were accepted before this time. */
  to: momentSchema.optional(),
  /** Absent: photos and videos. */
  kind: z.enum(['image', 'video']).optional(),
  /** What is up to date is skipped in any case: an answer of the same version and model, to the same input. */
  only: z.enum(ONLY).default('any'),
});
/** The media that are meant. */
export type ReanalysisFilter = z.infer<typeof reanalysisFilterSchema>;

const analysisName = analysisNamesSchema.element;

/** The body of `POST /api/reanalyses`. */
export const createReanalysisSchema = z.strictObject({
  /** Of the file in `analyses/`, such as `receipt`. */
  analysis: analysisName,
  /** What the analysis needs to know: `ask` needs a `question`. */
  input: askSchema.shape.input,
  /** Of the answers, from now on; absent: the one of each media. */
  language: askSchema.shape.language,
  /** One of the models that the deployment names. Absent: the one that is asked otherwise too. */
  model: z.string().max(200).optional(),
  /** `flex`: slower and for less money, where the model's provider has that. */
  tier: z.enum(['flex']).optional(),
  /** Which media are meant; absent: all that are not up to date. */
  filter: reanalysisFilterSchema.prefault({}),
});
export type CreateReanalysis = z.input<typeof createReanalysisSchema>;

const count = z.number().int().nonnegative();

const reanalysisQuoteSchema = z.object({
  /** How many media will be asked about. */
  media: count,
  /** How many of them have no answer to this analysis. Absent from services of earlier versions. */
  missing: count.optional(),
  /** How many of them have an answer of another version or model, or in another language or to another input. Absent as before. */
  stale: count.optional(),
  /** How many of them were asked about, and failed. Absent as before. */
  failed: count.optional(),
  /** How many media of the filter are up to date, and are skipped. */
  up_to_date: count,
  /** How many media of the filter cannot be asked about: they are not stored. */
  not_possible: count,
  /** Tokens that the model will read; null if there is no receipt to learn from. */
  input_tokens: count.nullable(),
  /** Tokens that it will write; null if there is no receipt to learn from. */
  output_tokens: count.nullable(),
  /** US dollars; null if there is no receipt with a known price to learn from. */
  cost_usd: z.number().nonnegative().nullable(),
  /** The same if each cost as little as the cheapest of the receipts, and as much as the dearest. Absent as before. */
  cost_range_usd: z.tuple([z.number().nonnegative(), z.number().nonnegative()]).nullish(),
  /** How long it will take while nothing else is asked for; null if there is no receipt to learn from. */
  minutes: z.number().nonnegative().nullable(),
  /** The number of receipts that this was learnt from. */
  receipts: count,
  /** What a person should know about these numbers, in English; null if there is nothing. */
  note: z.string().nullable(),
  /** Until then it can be confirmed. */
  expires_at: timestampSchema,
});
/** The cost and the duration of a reanalysis, before it runs. */
export type ReanalysisQuote = z.infer<typeof reanalysisQuoteSchema>;

/** The reason for which a reanalysis waits: a fault or a limit of one of its media; or other requests of its owner come first. */
const waitCodeSchema = z.enum([...errorCodeSchema.options, 'no_place', 'fresh_uploads']);

export const reanalysisSchema = z.object({
  /** Names it in every call. */
  id: z.string(),
  /** Its name. */
  analysis: z.string(),
  /** What the analysis needs to know, such as the question of `ask`. */
  input: z.record(z.string(), z.unknown()),
  /** Of the answers; null: the one of each media. */
  language: z.string().nullable(),
  /** Null: the one that is asked otherwise too. */
  model: z.string().nullable(),
  /** `flex`: slower and for less money. */
  tier: z.enum(['flex']).nullable(),
  /** Which media it is for. */
  filter: reanalysisFilterSchema,
  /** Where it stands. */
  state: z.enum(REANALYSIS_STATES),
  /** Why it waits, while it is `running`; otherwise null. */
  wait_code: waitCodeSchema.nullable(),
  /** What was to be expected when it was asked for. */
  quote: reanalysisQuoteSchema,
  /** Media with a new answer. */
  done: count,
  /** Media whose analysis has failed. They keep the answer that they had. */
  failed: count,
  /** Media that were deleted, made up to date otherwise, or worked on to the end. */
  skipped: count,
  /** Media that are asked about now. They end also after a pause or a cancellation. */
  in_flight: count,
  /** Tokens that the model has read so far, for failed calls too. */
  input_tokens: count,
  /** Tokens that it has written so far. */
  output_tokens: count,
  /** US dollars; null if a price is not known. */
  cost_usd: z.number().nonnegative().nullable(),
  /** When it was asked for. */
  created_at: timestampSchema,
  /** Of the newest change. */
  updated_at: timestampSchema,
  /** When it was completed or cancelled. */
  ended_at: timestampSchema.nullable(),
  /** Grows with every write: of two states the one with the higher revision is newer. */
  revision: count,
});
/** One reanalysis: what it is for, its quote, and how far it is. */
export type Reanalysis = z.infer<typeof reanalysisSchema>;

export const reanalysisListSchema = z.object({
  /** Newest first, at most 50. */
  reanalyses: z.array(reanalysisSchema),
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
      title: 'List the newest 50 reanalyses',
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
