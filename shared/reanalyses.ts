/**
 * Reanalyses: an analysis that is asked for again over many stored media. First there is a quote; nothing runs, and nothing
 * is paid for, before its owner confirms it. Also the earlier results of a media, which a reanalysis keeps.
 */
import { z } from 'zod';
import { analyticsSchema, usageSchema } from './analytics.ts';
import { analysisNamesSchema, askSchema } from './api.ts';
import { errorCodeSchema } from './errors.ts';

const timestampSchema = z.iso.datetime();

/** A point in time, also with an offset from UTC. */
const momentSchema = z.iso.datetime({ offset: true });

/** The most ids that a filter may name. */
const MAX_REANALYSIS_IDS = 1_000;

/**
 * - `any`: everything that is not up to date
 * - `missing`: has no answer to this analysis, also a media that was only stored
 * - `stale`: has an answer of another version or model, or to another input or language if these are asked for
 * - `failed`: the analysis was asked for, and failed
 */
const ONLY = ['any', 'missing', 'stale', 'failed'] as const;

export const reanalysisFilterSchema = z.strictObject({
  /** These media alone. */
  ids: z
    .array(z.string().regex(/^[A-Za-z0-9]{1,64}$/, 'the id of a media'))
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
/** Which media are meant. */
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
  filter: reanalysisFilterSchema.prefault({}),
});
export type CreateReanalysis = z.input<typeof createReanalysisSchema>;

export const REANALYSIS_STATES = ['quoted', 'running', 'paused', 'completed', 'cancelled'] as const;
/**
 * - `quoted`: it says what it would cost, and waits to be confirmed
 * - `running`: it is under way, or waits: see `wait_code`
 * - `paused`: it begins nothing until it is resumed
 * - `completed`: nothing is left to be done
 * - `cancelled`: it begins nothing any more
 */
export type ReanalysisState = (typeof REANALYSIS_STATES)[number];

const count = z.number().int().nonnegative();

const reanalysisQuoteSchema = z.object({
  /** How many media will be asked about. */
  media: count,
  /** How many media of the filter are up to date, and are skipped. */
  up_to_date: count,
  /** How many media of the filter cannot be asked about: they are not stored. */
  not_possible: count,
  /** Tokens that the model will read, and write; null if there is no receipt to learn from. */
  input_tokens: count.nullable(),
  output_tokens: count.nullable(),
  /** US dollars; null if there is no receipt with a known price to learn from. */
  cost_usd: z.number().nonnegative().nullable(),
  /** How long it will take while nothing else is asked for; null if there is no receipt to learn from. */
  minutes: z.number().nonnegative().nullable(),
  /** The number of receipts that this was learnt from. */
  receipts: count,
  /** What a person should know about these numbers, in English; null if there is nothing. */
  note: z.string().nullable(),
  /** Until then it can be confirmed. */
  expires_at: timestampSchema,
});
export type ReanalysisQuote = z.infer<typeof reanalysisQuoteSchema>;

/** Why a reanalysis waits: a fault or a limit of a media that it asked about; or what its owner asked for comes first. */
const waitCodeSchema = z.enum([...errorCodeSchema.options, 'no_place', 'fresh_uploads']);

export const reanalysisSchema = z.object({
  /** Names it in every call. */
  id: z.string(),
  analysis: z.string(),
  input: z.record(z.string(), z.unknown()),
  language: z.string().nullable(),
  model: z.string().nullable(),
  tier: z.enum(['flex']).nullable(),
  filter: reanalysisFilterSchema,
  state: z.enum(REANALYSIS_STATES),
  /** Why it waits, while it is `running`; otherwise null. */
  wait_code: waitCodeSchema.nullable(),
  quote: reanalysisQuoteSchema,
  /** Media with a new answer. */
  done: count,
  /** Media whose analysis has failed. They keep the answer that they had. */
  failed: count,
  /** Media that were deleted, made up to date otherwise, or worked on to the end. */
  skipped: count,
  /** Media that are asked about now. They end also after a pause or a cancellation. */
  in_flight: count,
  /** What it took so far, failed calls included. */
  input_tokens: count,
  output_tokens: count,
  /** US dollars; null if a price is not known. */
  cost_usd: z.number().nonnegative().nullable(),
  created_at: timestampSchema,
  updated_at: timestampSchema,
  /** When it was completed or cancelled. */
  ended_at: timestampSchema.nullable(),
  /** Grows with every write: of two states the one with the higher revision is newer. */
  revision: count,
});
/** One reanalysis: what it is for, its quote, and how far it is. */
export type Reanalysis = z.infer<typeof reanalysisSchema>;

/** Newest first, at most 50. */
export const reanalysisListSchema = z.object({ reanalyses: z.array(reanalysisSchema) });
export type ReanalysisList = z.infer<typeof reanalysisListSchema>;

/** Whether nothing will change any more: the media that were asked about have ended too. */
export function isOver({ state, in_flight }: Pick<Reanalysis, 'state' | 'in_flight'>): boolean {
  return (state === 'completed' || state === 'cancelled') && in_flight === 0;
}

const earlierResultSchema = z.object({
  /** Names it among the results of its media. */
  id: z.string(),
  analysis: z.string(),
  /** What its caller gave, such as the question of `ask`. */
  input: z.record(z.string(), z.unknown()),
  /** By the schema of that time; null for `describe`. */
  output: z.record(z.string(), z.unknown()).nullable(),
  /** Only of `describe`; otherwise null. */
  analytics: analyticsSchema.nullable(),
  /** Of the answer; null if it is not known. */
  language: z.string().nullable(),
  model: z.string().nullable(),
  version: z.string().nullable(),
  /** What it cost; null if that was not written down by itself. */
  usage: usageSchema.nullable(),
  /** When it was made; null if that was not written down. */
  made_at: timestampSchema.nullable(),
});
/** A result that was there before. */
export type EarlierResult = z.infer<typeof earlierResultSchema>;

/** What `GET /api/media/{id}/results` answers: newest first. */
export const earlierResultsSchema = z.object({ results: z.array(earlierResultSchema) });
export type EarlierResults = z.infer<typeof earlierResultsSchema>;
