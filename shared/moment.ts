/** A point in time in a request. */
import { z } from 'zod';

/** The first and the last time that Firestore knows: https://firebase.google.com/docs/reference/rest/Shared.Types/Timestamp */
const MOMENTS = {
  first: Date.parse('0001-01-01T00:00:00Z'),
  last: Date.parse('9999-12-31T23:59:59.999Z'),
};

/** A point in time, also with an offset from UTC. */
export const momentSchema = z.iso.datetime({ offset: true }).refine((moment) => {
  const at = Date.parse(moment);
  return at >= MOMENTS.first && at <= MOMENTS.last;
}, 'must be a time between the years 1 and 9999');
