/** The places where media were taken, for a map. */
import { z } from 'zod';
import { EXAMPLE_MEDIA } from './media.ts';
import { COMMON, type Docs, defineRoutes } from './routes.ts';

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

export const locationRoutes = defineRoutes({
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

export const locationDocs = (): Docs<typeof locationRoutes> => ({
  routes: {
    listLocations: {
      group: 'Media',
      title: 'List where media were taken',
      text: 'Those that tell it, the newest first, for a map. Photos and videos tell it only where the service keeps places (`CAPTURE_LOCATION=on`). What is in the bin is left out.',
      answered: {
        locations: [{ media_id: EXAMPLE_MEDIA.id, latitude: 48.8606, longitude: 2.3376 }],
      },
    },
  },
  answeredSchemas: { LocationList: locationListSchema, MediaLocation: locationSchema },
});
