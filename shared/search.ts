/** What `GET /api/media` can be asked for: words, filters and an order. */
import { z } from 'zod';
import { analyticsSchema } from './analytics.ts';
import { momentSchema } from './moment.ts';
import { MEDIA_STATUSES } from './status.ts';

/** A higher number of people counts as this one: "at least 10" is the most that a search can ask for. */
export const MAX_PEOPLE = 10;

export const MEDIA_KINDS = ['image', 'video'] as const;
const SORTS = ['relevance', 'newest', 'oldest'] as const;
const VERDICTS = analyticsSchema.shape.safety.shape.verdict.options;

const words = z.string().trim().min(1).max(200);

/** In an address. An empty text is no number: `people=` does not ask for nobody. */
const wholeNumber = z
  .string()
  .regex(/^-?\d{1,9}$/, 'must be a whole number')
  .transform(Number);

const filtersShape = {
  /** Words of the title, the summary, the tags, the objects, the text in the picture and the name of the file; and what they mean. */
  q: words.optional(),
  /** The id of a media: those that show much the same, the most similar first. */
  similar_to: z
    .string()
    .regex(/^[A-Za-z0-9]{1,64}$/, 'must be the id of a media')
    .optional(),
  /** A tag or an object; several, which must all be there, with commas between them. */
  tag: words.optional(),
  /** Words of the text in the picture; all of them must be there. */
  text: words.optional(),
  /** At least so many people; 0: nobody was seen. Media whose people were not counted are not found. */
  people: wholeNumber.pipe(z.number().int().min(0).max(MAX_PEOPLE)).optional(),
  /** Media that were accepted at this time or later. */
  from: momentSchema.optional(),
  /** Media that were accepted before this time. */
  to: momentSchema.optional(),
  /** Absent: photos and videos. */
  kind: z.enum(MEDIA_KINDS).optional(),
  /** Where the work stands. */
  status: z.enum(MEDIA_STATUSES).optional(),
  /** What was judged of the picture; `unknown`: nothing. */
  safety: z.enum(VERDICTS).optional(),
  /** Absent: `relevance` with `q` or `similar_to`, else `newest`. */
  sort: z.enum(SORTS).optional(),
};

const NEEDS_WORDS = {
  path: ['sort'],
  error: 'relevance needs q or similar_to: without them there is nothing to compare with',
};
const isComparable = ({ sort, q, similar_to }: Pick<MediaFilters, 'sort' | 'q' | 'similar_to'>) =>
  sort !== 'relevance' || (q ?? similar_to) !== undefined;

/** The parameters of `GET /api/media`, without `ids`. */
export const mediaSearchSchema = z
  .strictObject({
    ...filtersShape,
    /** Media on a page. Absent: 20. */
    limit: wholeNumber.pipe(z.number().int().min(1).max(100)).default(20),
    /** `next_page_token` of the page before. */
    page_token: z.string().max(200).optional(),
  })
  .refine(isComparable, NEEDS_WORDS);

const filtersSchema = z.object(filtersShape);
/** The filters alone: `GET /api/media/export`. */
export const mediaFiltersSchema = filtersSchema.refine(isComparable, NEEDS_WORDS);
/** What is searched for. Each filter must be fulfilled; absent ones are ignored. */
export type MediaFilters = z.infer<typeof filtersSchema>;
