/** The messages between `npm run dev` and its units. */
import { z } from 'zod';

/** From a unit: addresses of the files that it has loaded since the last message. */
export const loadedSchema = z.object({
  /** Files of this project. */
  files: z.array(z.string()),
  /** Files of packages. */
  packages: z.array(z.string()),
});

/** To a waiting process: the files that it can load already, or the order to start. */
export const orderSchema = z.union([
  z.object({ load: z.array(z.string()) }),
  z.object({ start: z.literal(true) }),
]);
export type Order = z.infer<typeof orderSchema>;
