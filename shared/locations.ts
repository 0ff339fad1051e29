/** Where media were taken, for a map. */
import { z } from 'zod';

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
