/** The bin: media are deleted into it, listed, and brought back from it. */
import { z } from 'zod';
import { errorCodeSchema } from './errors.ts';
import { manySchema } from './many.ts';
import {
  ADDRESS,
  EXAMPLE_MEDIA,
  EXAMPLE_TIME,
  EXAMPLE_URL,
  type Media,
  mediaSchema,
  previewQuery,
} from './media.ts';
import { pageQuery } from './pages.ts';
import { CHANGED, COMMON, type Docs, defineRoutes, JSON_BODY, OBJECT, ONE } from './routes.ts';

/** The body of `POST /api/media/delete`. */
export const deleteManySchema = manySchema.extend({
  /** True: erases the media at once, also from the bin. */
  permanently: z.boolean().default(false),
  /** True: a media outside the bin, perhaps brought back, stays as it is and is `not_found`. */
  only_binned: z.boolean().default(false),
});

const notDoneSchema = z.object({
  /** The id in the request. */
  media_id: z.string(),
  /** `not_found`: the caller has no such media, or it was erased; with `only_binned`, it is not in the bin. */
  code: errorCodeSchema,
  /** The same for a person, in English. */
  message: z.string(),
});
/** A media that a request for many left unchanged. */
export type NotDone = z.infer<typeof notDoneSchema>;

export const deletedSchema = z.object({
  /** Ids of the media that are deleted now, earlier deletions included. */
  media_ids: z.array(z.string()),
  /** Media that were not deleted. */
  failed: z.array(notDoneSchema),
});
/** The answer of `POST /api/media/delete`. */
export type Deleted = z.infer<typeof deletedSchema>;

export const restoredSchema = z.object({
  /** The restored media, and those that were not in the bin. */
  media: z.array(mediaSchema),
  /** Media that were not restored. */
  failed: z.array(notDoneSchema),
});
/** The answer of `POST /api/media/restore`. */
export interface Restored {
  /** The restored media, and those that were not in the bin. */
  media: Media[];
  /** Media that were not restored. */
  failed: NotDone[];
}

const timesShape = {
  /** ISO 8601: when it was deleted. */
  binned_at: z.iso.datetime(),
  /** ISO 8601: when it is erased for good. */
  erase_at: z.iso.datetime(),
};

export const binListSchema = z.object({
  /** The last deleted comes first. */
  media: z.array(mediaSchema.extend(timesShape)),
  /** Token of the next page. Absent on the last page. */
  next_page_token: z.string().optional(),
});
/** A media in the bin. */
export type BinnedMedia = Media & {
  /** ISO 8601: when it was deleted. */
  binned_at: string;
  /** ISO 8601: when it is erased for good. */
  erase_at: string;
};
/** One page of the bin, as `GET /api/bin` answers it. */
export interface BinList {
  /** The last deleted comes first. */
  media: BinnedMedia[];
  /** Token of the next page. Absent on the last page. */
  next_page_token?: string | undefined;
}

export const binRoutes = defineRoutes({
  deleteMedia: {
    method: 'DELETE',
    path: '/api/media/{id}',
    query: z.object({
      /** `true`: erases the media at once, also from the bin. Default: `false`. */
      permanently: z.enum(['true', 'false']).default('false'),
      /** `true`: a media outside the bin, perhaps brought back, stays as it is: 404. Default: `false`. */
      only_binned: z.enum(['true', 'false']).default('false'),
    }),
    answers: { 204: { nothing: true } },
    codes: CHANGED,
  },
  deleteMany: {
    method: 'POST',
    path: '/api/media/delete',
    idempotencyKey: 'none',
    json: deleteManySchema,
    answers: { 200: { json: deletedSchema } },
    codes: JSON_BODY,
  },
  restoreMany: {
    method: 'POST',
    path: '/api/media/restore',
    idempotencyKey: 'none',
    json: manySchema,
    answers: { 200: { json: restoredSchema } },
    codes: JSON_BODY,
  },
  restoreMedia: {
    method: 'POST',
    path: '/api/media/{id}/restore',
    idempotencyKey: 'none',
    answers: { 200: { json: mediaSchema, etag: true } },
    codes: ONE,
  },
  listBin: {
    method: 'GET',
    path: '/api/bin',
    query: pageQuery(20),
    answers: { 200: { json: binListSchema } },
    codes: COMMON,
  },
  getBinPreview: {
    method: 'GET',
    path: '/api/bin/{id}/preview',
    query: previewQuery,
    answers: ADDRESS,
    codes: OBJECT,
  },
});

export const binDocs = (): Docs<typeof binRoutes> => ({
  routes: {
    deleteMedia: {
      group: 'Media',
      title: 'Delete one media',
      text: 'It goes to the bin for 30 days; with `permanently=true` it is erased at once, also from the bin. With `only_binned=true`, what is not in the bin stays as it is.',
    },
    deleteMany: {
      group: 'Media',
      title: 'Delete up to 500 media',
      text: 'May be repeated: what is deleted already counts as done. A list of the bin may be old: with `only_binned`, what was brought back since stays.',
      asked: { ids: [EXAMPLE_MEDIA.id] },
      answered: { media_ids: [EXAMPLE_MEDIA.id], failed: [] },
    },
    restoreMany: {
      group: 'Media',
      title: 'Bring up to 500 media back from the bin',
      asked: { ids: [EXAMPLE_MEDIA.id] },
      answered: { media: [EXAMPLE_MEDIA], failed: [] },
    },
    restoreMedia: {
      group: 'Media',
      title: 'Bring one media back from the bin',
      text: 'Work that had not ended begins again.',
      answered: EXAMPLE_MEDIA,
    },
    listBin: {
      group: 'Media',
      title: 'List what can be brought back',
      text: 'The last that was deleted first.',
      answered: {
        media: [
          { ...EXAMPLE_MEDIA, binned_at: EXAMPLE_TIME, erase_at: '2026-12-01T12:00:00.000Z' },
        ],
      },
    },
    getBinPreview: {
      group: 'Media',
      title: 'Get the preview of what is in the bin',
      text: 'As that of a media: a redirect, or the address.',
      answered: EXAMPLE_URL,
    },
  },
  inPath: { id: 'The id of the media.' },
  askedSchemas: { DeleteMany: deleteManySchema, Many: manySchema },
  answeredSchemas: {
    BinList: binListSchema,
    BinnedMedia: binListSchema.shape.media.element,
    Deleted: deletedSchema,
    NotDone: notDoneSchema,
    Restored: restoredSchema,
  },
});
