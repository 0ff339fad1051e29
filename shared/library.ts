/** The months of a library. */
import { z } from 'zod';
import { COMMON, type Docs, defineRoutes } from './routes.ts';
import { mediaMonthsSchema } from './search.ts';

/** The answer of `GET /api/media/months`. */
export const monthListSchema = z.object({
  /** The months that have media, in the order of the list. */
  months: z.array(
    z.object({
      /** The month, such as `2026-11`. */
      month: z.string(),
      /** Number of media. */
      count: z.number().int().positive(),
    }),
  ),
});
/** The months of a library. */
export type MonthList = z.infer<typeof monthListSchema>;

export const libraryRoutes = defineRoutes({
  listMonths: {
    method: 'GET',
    path: '/api/media/months',
    query: mediaMonthsSchema,
    answers: { 200: { json: monthListSchema } },
    codes: COMMON,
  },
});

export const libraryDocs = (): Docs<typeof libraryRoutes> => ({
  routes: {
    listMonths: {
      group: 'Media',
      title: 'Count media by month',
      text: 'The months that have media, in the order of the list and with its filters, but without words. By when they were taken, by the clock of the camera, with `sort=taken`, `sort=taken_asc`, `taken_from` or `taken_to`; otherwise by when they were accepted.',
      answered: { months: [{ month: '2026-11', count: 2 }] },
    },
  },
  answeredSchemas: {
    Month: monthListSchema.shape.months.element,
    MonthList: monthListSchema,
  },
});
