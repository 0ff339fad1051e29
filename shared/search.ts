/** The list of media: searched by words, filtered and ordered. */
import { z } from 'zod';
import { analyticsSchema } from './analytics.ts';
import { EXAMPLE_MEDIA, mediaSchema } from './media.ts';
import { externalIdSchema } from './metadata.ts';
import { momentSchema } from './moment.ts';
import { type Docs, defineRoutes, ONE } from './routes.ts';
import { MEDIA_STATUSES } from './status.ts';

/** A higher number of people counts as this one: a search can ask for "at least 10", and no more. */
export const MAX_PEOPLE = 10;

export const MEDIA_KINDS = ['image', 'video'] as const;
const SORTS = ['relevance', 'newest', 'oldest', 'taken', 'taken_asc'] as const;
const VERDICTS = analyticsSchema.shape.safety.shape.verdict.options;

const words = z.string().trim().min(1).max(200);

/** A number in an address. An empty text is none: `people=` does not mean zero people. */
const wholeNumber = z
  .string()
  .regex(/^-?\d{1,9}$/, 'must be a whole number')
  .transform(Number);

const daySchema = z.iso.date('must be a day, such as 2019-04-14');

/** Filters that Firestore compares by itself. */
const comparedShape = {
  /** At least this many people; 0: nobody was seen. Media whose people were not counted are not found. */
  people: wholeNumber.pipe(z.number().int().min(0).max(MAX_PEOPLE)).optional(),
  /** Media that were accepted at this time or later. It must be earlier than `to`. */
  from: momentSchema.optional(),
  /** Media that were accepted before this time. */
  to: momentSchema.optional(),
  /**
   * Media that were taken on this day or later, such as `2019-04-14`, by the camera's clock. Media without this time are not
   * found. Not together with `from` and `to`.
   */
  taken_from: daySchema.optional(),
  /** Media that were taken on this day or earlier, by the same rules. */
  taken_to: daySchema.optional(),
  /** Default: photos and videos. */
  kind: z.enum(MEDIA_KINDS).optional(),
  /** State of the work. */
  status: z.enum(MEDIA_STATUSES).optional(),
  /** The verdict on the picture; `unknown`: it has none. */
  safety: z.enum(VERDICTS).optional(),
  /** The sender's own id of a media, exactly as it was sent. */
  external_id: externalIdSchema.optional(),
  /**
   * `newest` and `oldest` use the time of acceptance, or with `taken_from` or `taken_to` the time taken. `taken`: the last
   * taken first. `taken_asc`: the first taken first. Both put media without that time at the end, the newest first.
   * Default: `relevance` with `q` or `similar_to`, else `newest`.
   */
  sort: z.enum(SORTS).optional(),
};

const filtersShape = {
  /**
   * Words of the title, summary, tags, objects, text in the picture, file name and place, also by their meaning. With a date,
   * or a range such as `before 2021`, the search finds only media that were taken then, or whose text says so.
   */
  q: words.optional(),
  /** The caller's date, such as `2026-11-28`, for words such as yesterday in `q`. Default: the date in UTC. */
  today: daySchema.optional(),
  /** The id of a media. The search finds similar media, the most similar first. */
  similar_to: z
    .string()
    .regex(/^[A-Za-z0-9]{1,64}$/, 'must be the id of a media')
    .optional(),
  /** Tags or objects, separated by commas. A media must have all of them. */
  tag: words.optional(),
  /** Words of the text in the picture. A media must have all of them. */
  text: words.optional(),
  /** City, region or country, in English or Japanese: `Paris, France`. All words must match. Only if places are kept. */
  place: words.optional(),
  /** Words of the camera's maker and model: `iPhone 15`. A media must have all of them. */
  camera: words.optional(),
  ...comparedShape,
  /**
   * Where a list in order of time begins. If the order is by time taken, this is a day; media without that time still come
   * at the end. Otherwise it is a moment: the list has media that were accepted before it, or with `oldest` from then on. Not
   * together with words.
   */
  start: z.union([daySchema, momentSchema]).optional(),
};

const NEEDS_WORDS = {
  path: ['sort'],
  error: 'relevance needs q or similar_to: without them there is nothing to compare with',
};
const isComparable = ({ sort, q, similar_to }: Pick<MediaFilters, 'sort' | 'q' | 'similar_to'>) =>
  sort !== 'relevance' || (q ?? similar_to) !== undefined;

/** A search from a later to an earlier time finds nothing, as if there were no media. */
const WRONG_ORDER = { path: ['from'], error: 'must be earlier than to' };
const isInOrder = ({ from, to }: Pick<MediaFilters, 'from' | 'to'>) =>
  from === undefined || to === undefined || Date.parse(from) < Date.parse(to);
const WRONG_DAYS = { path: ['taken_from'], error: 'must not be later than taken_to' };
const areDaysInOrder = ({ taken_from, taken_to }: Pick<MediaFilters, 'taken_from' | 'taken_to'>) =>
  taken_from === undefined || taken_to === undefined || taken_from <= taken_to;

/** Firestore reads an owner's media in the order of only one of the two times. */
const TWO_TIMES = {
  path: ['from'],
  error:
    'from and to do not go together with taken_from, taken_to and an order by when media were taken',
};
const hasOneTime = (filters: MediaFilters) =>
  !isByTaken(filters) || (filters.from ?? filters.to) === undefined;

const NO_START = {
  path: ['start'],
  error:
    'must be a day in an order by when media were taken, and a moment in one by when they were accepted; it does not go together with words',
};
const canStart = (filters: MediaFilters) =>
  filters.start === undefined ||
  (!isByWords(filters) && isByTaken(filters) === daySchema.safeParse(filters.start).success);

/** True if the search has to compare media, and not only read them in an order. */
export function isByWords({ q, similar_to, tag, text, place, camera }: MediaFilters): boolean {
  return (q ?? similar_to ?? tag ?? text ?? place ?? camera) !== undefined;
}

/** True if the order is by time taken, and not by time of acceptance. */
export function isByTaken({ taken_from, taken_to, sort }: MediaFilters): boolean {
  return (taken_from ?? taken_to) !== undefined || sort === 'taken' || sort === 'taken_asc';
}

/** True if the oldest media comes first. */
export function isOldestFirst({ sort }: MediaFilters): boolean {
  return sort === 'oldest' || sort === 'taken_asc';
}

/** The parameters of `GET /api/media`, without `ids`. */
export const mediaSearchSchema = z
  .strictObject({
    ...filtersShape,
    /** Media on a page. Default: 20. */
    limit: wholeNumber.pipe(z.number().int().min(1).max(100)).default(20),
    /** `next_page_token` of the page before. */
    page_token: z.string().max(1_000).optional(),
  })
  .refine(isComparable, NEEDS_WORDS)
  .refine(isInOrder, WRONG_ORDER)
  .refine(areDaysInOrder, WRONG_DAYS)
  .refine(hasOneTime, TWO_TIMES)
  .refine(canStart, NO_START);

const filtersSchema = z.object(filtersShape);
/** The filters alone: `GET /api/media/export`. */
export const mediaFiltersSchema = filtersSchema
  .refine(isComparable, NEEDS_WORDS)
  .refine(isInOrder, WRONG_ORDER)
  .refine(areDaysInOrder, WRONG_DAYS)
  .refine(hasOneTime, TWO_TIMES)
  .refine(canStart, NO_START);
/** A time zone as browsers name it. */
const timeZoneSchema = z
  .string()
  .max(100)
  .refine(isTimeZone, 'must be a time zone, such as Asia/Tokyo');

function isTimeZone(timeZone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone }) !== undefined;
  } catch {
    return false;
  }
}

/** The parameters of `GET /api/media/months`. A search by words is not in the order of time, so it has no months. */
export const mediaMonthsSchema = z
  .strictObject({
    ...comparedShape,
    /** Time zone in which months begin, if the time of acceptance counts. Default: UTC. */
    time_zone: timeZoneSchema.default('UTC'),
  })
  .refine(isComparable, NEEDS_WORDS)
  .refine(isInOrder, WRONG_ORDER)
  .refine(areDaysInOrder, WRONG_DAYS)
  .refine(hasOneTime, TWO_TIMES);

/** The filters of a search. A media must fit all of them. */
export type MediaFilters = z.infer<typeof filtersSchema>;

export const mediaListSchema = z.object({
  /** In the order of the request, newest first by default. */
  media: z.array(mediaSchema),
  /** Token of the next page. Absent on the last page. */
  next_page_token: z.string().optional(),
  /** Media on all pages of a search by words, tags, texts or similarity. Absent if they were not counted, or too many match. */
  total: z.number().int().nonnegative().optional(),
  /** True: no media has the words; all that are listed are only near in meaning. Absent otherwise. */
  only_near: z.boolean().optional(),
});
/** One page of the caller's media. */
export type MediaList = z.infer<typeof mediaListSchema>;

export const searchRoutes = defineRoutes({
  listMedia: {
    method: 'GET',
    path: '/api/media',
    query: z.object({
      ...mediaSearchSchema.shape,
      /** Ids, separated by commas. Not together with other parameters. */
      ids: z.string().optional(),
    }),
    answers: { 200: { json: mediaListSchema } },
    codes: [...ONE, 'not_ready'],
  },
});

export const searchDocs = (): Docs<typeof searchRoutes> => ({
  routes: {
    listMedia: {
      group: 'Media',
      title: 'List and search media',
      text: 'With `ids`: those of up to 100 ids that are the caller’s, and no other parameter. Otherwise pages, the newest first, or by what is searched for. Words are looked for in title, summary, tags, objects, text in the picture, file name and the place where it was taken, in any language; and what is near in meaning is found too. A date among them, also yesterday or 先月, narrows to what was taken then or says so.',
      answered: { media: [EXAMPLE_MEDIA] },
    },
  },
  answeredSchemas: {
    MediaList: mediaListSchema,
  },
});
