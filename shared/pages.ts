/** The parameters of a list that is read page by page. */
import { z } from 'zod';

/** @param usual How many are on a page if the caller names no number. */
export const pageQuery = (usual: number) =>
  z.object({
    /** How many are on a page: up to 100. */
    limit: z.coerce.number().int().min(1).max(100).default(usual),
    /** `next_page_token` of the page before. */
    page_token: z.string().max(400).optional(),
  });
