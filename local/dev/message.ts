/** What `npm run dev` and its units tell each other. */
import { z } from 'zod';

/** From a unit: addresses of files that it has asked for since the last message. */
export const loadedSchema = z.object({
  /** Of this project. */
  files: z.array(z.string()),
  /** Of packages. */
  packages: z.array(z.string()),
});

/** To a process that waits: what it can load already, or that it is to go on. */
export const orderSchema = z.union([
  z.object({ load: z.array(z.string()) }),
  z.object({ start: z.literal(true) }),
]);
export type Order = z.infer<typeof orderSchema>;
