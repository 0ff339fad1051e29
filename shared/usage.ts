/** The cost of the analyses of a month. */
import { z } from 'zod';
import { COMMON, type Docs, defineRoutes } from './routes.ts';

/** A month in UTC, as `GET /api/usage` reads and writes it. */
const monthSchema = z.string().regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month such as "2026-11"');

const sumsShape = {
  /** Number of analysed media, failed ones included. A second analysis of a media counts again. */
  items: z.number().int().nonnegative(),
  /** How many of them got a copy of an earlier answer. */
  cached: z.number().int().nonnegative(),
  /** Tokens that models read. */
  input_tokens: z.number().int().nonnegative(),
  /** Tokens that models wrote. */
  output_tokens: z.number().int().nonnegative(),
  /** US dollars; null if the price of a model is not known. */
  cost_usd: z.number().nonnegative().nullable(),
};

const modelUsageSchema = z.object({
  /** The model's name, e.g. `googleai/gemini-3.5-flash-lite`. */
  model: z.string(),
  ...sumsShape,
});
export type ModelUsage = z.infer<typeof modelUsageSchema>;

export const usageReportSchema = z.object({
  /** The month in UTC, e.g. `2026-11`. */
  month: monthSchema,
  ...sumsShape,
  /** The same numbers for each model. */
  models: z.array(modelUsageSchema),
});
/** The cost of the caller's analyses in a month. Media that were deleted later are included. */
export type UsageReport = z.infer<typeof usageReportSchema>;

export const usageRoutes = defineRoutes({
  getUsage: {
    method: 'GET',
    path: '/api/usage',
    query: z.object({
      /** The month, such as `2026-11`. Default: the current month. */
      month: monthSchema.optional(),
    }),
    answers: { 200: { json: usageReportSchema } },
    codes: COMMON,
  },
});

export const usageDocs = (): Docs<typeof usageRoutes> => ({
  routes: {
    getUsage: {
      group: 'Account',
      title: 'Read what a month has cost',
      text: 'In all and by model. A month is one in UTC.',
      answered: {
        month: '2026-11',
        items: 2,
        cached: 1,
        input_tokens: 1_290,
        output_tokens: 402,
        cost_usd: 0.0009,
        models: [],
      },
    },
  },
  answeredSchemas: { ModelUsage: modelUsageSchema, UsageReport: usageReportSchema },
});
