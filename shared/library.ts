/** What a library has: its months, and the places where its media were taken. */
import { z } from 'zod';
import { EXAMPLE_MEDIA } from './media.ts';
import { COMMON, type Docs, defineRoutes } from './routes.ts';
import { mediaMonthsSchema } from './search.ts';

const locationSchema = z.object({
  /** Its id. */
  media_id: z.string(),
  /** Degrees, north is positive. */
  latitude: z.number(),
  /** Degrees, east is positive. */
  longitude: z.number(),
});
/** A media, and where it was taken. */
export type MediaLocation = z.infer<typeof locationSchema>;

export const locationListSchema = z.object({
  /** The last that was accepted first. */
  locations: z.array(locationSchema),
  /** Asks for the next page; absent on the last page. */
  next_page_token: z.string().optional(),
});
/** One page of the places of the caller's media, as `GET /api/media/locations` answers it. */
export type LocationList = z.infer<typeof locationListSchema>;

/** The answer of `GET /api/media/months`. */
export const monthListSchema = z.object({
  /** Those with media, in the order of the list. */
  months: z.array(
    z.object({
      /** Such as `2026-11`. */
      month: z.string(),
      /** How many media it has. */
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
  listLocations: {
    method: 'GET',
    path: '/api/media/locations',
    query: z.object({
      /** How many are on a page. Absent: 1,000. */
      limit: z.coerce.number().int().min(1).max(1_000).default(1_000),
      /** `next_page_token` of the page before. */
      page_token: z.string().max(200).optional(),
    }),
    answers: { 200: { json: locationListSchema } },
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
    listLocations: {
      group: 'Media',
      title: 'List where media were taken',
      text: 'Those that tell it, the newest first, for a map. Photos and videos tell it only where the service keeps places (`CAPTURE_LOCATION=on`). What is in the bin is left out.',
      answered: {
        locations: [{ media_id: EXAMPLE_MEDIA.id, latitude: 48.8606, longitude: 2.3376 }],
      },
    },
  },
  answeredSchemas: {
    LocationList: locationListSchema,
    MediaLocation: locationSchema,
    Month: monthListSchema.shape.months.element,
    MonthList: monthListSchema,
  },
});
