/** Files that are announced and then go straight to Cloud Storage. */
import { z } from 'zod';
import { analysisNamesSchema, languageSchema } from './analyses.ts';
import { EXAMPLE_MEDIA, mediaSchema } from './media.ts';
import { externalIdSchema, metadataSchema } from './metadata.ts';
import { type Docs, defineRoutes, JSON_BODY, ONE } from './routes.ts';
import { batchIdSchema, callbackUrlSchema, rejectedFileSchema } from './uploads.ts';

/** Announces files that the client will send straight to Cloud Storage. */
export const createUploadsSchema = z.strictObject({
  /** The files, in the order of work. */
  files: z.array(
    z.strictObject({
      /** Name for display and search. */
      file_name: z.string().min(1).max(1_000),
      /** MIME type. The service checks the bytes once they have arrived. */
      content_type: z.string().max(255),
      /** The exact number of bytes. */
      size: z.number().int().nonnegative(),
      /** Up to 20 keys of 1 to 40 characters, each with a text of at most 500. */
      metadata: metadataSchema.optional(),
      /** The sender's own id of the file. */
      external_id: externalIdSchema.optional(),
    }),
  ),
  /** False: the files are only stored. */
  analyze: z.boolean().default(true),
  /** Default: `describe`. */
  analyses: analysisNamesSchema.optional(),
  /** Language of the answers, such as `ja`. */
  language: languageSchema.default('en'),
  /** By default, these files are a batch of their own. */
  batch_id: batchIdSchema.optional(),
  /** The address that gets each outcome, for callers with a service key (`docs/webhooks.md`). */
  callback_url: callbackUrlSchema.optional(),
});
export type CreateUploads = z.input<typeof createUploadsSchema>;

export const createUploadsResponseSchema = z.object({
  /** The files that may be sent. */
  uploads: z.array(
    z.object({
      /** Position in the request's `files`, from 0. */
      index: z.number().int().nonnegative(),
      /** Id of the file's media. */
      media_id: z.string(),
      /**
       * The address of a resumable session of Cloud Storage. It is a secret: anyone who has it can send the
       * bytes. Null in the answer to a repeated request if all bytes have arrived already.
       */
      upload_url: z.string().nullable(),
      /** Bytes of each request to the session, except the last: Cloud Storage requires a multiple of 256 KiB. */
      chunk_size: z.number().int().positive(),
    }),
  ),
  /** The files that were not accepted. */
  rejected: z.array(rejectedFileSchema),
});
export type CreateUploadsResponse = z.infer<typeof createUploadsResponseSchema>;

export const largeUploadRoutes = defineRoutes({
  announceMedia: {
    method: 'POST',
    path: '/api/media/uploads',
    idempotencyKey: 'optional',
    json: createUploadsSchema,
    answers: { 201: { json: createUploadsResponseSchema } },
    codes: [
      ...JSON_BODY,
      'no_file',
      'empty_file',
      'file_too_large',
      'too_many_files',
      'unsupported_media_type',
      'idempotency_key_reused',
      'not_found',
      'analysis_not_offered',
    ],
  },
  confirmMedia: {
    method: 'POST',
    path: '/api/media/{id}/uploaded',
    idempotencyKey: 'none',
    answers: { 202: { json: mediaSchema, etag: true } },
    codes: [...ONE, 'upload_incomplete', 'upload_size_differs'],
  },
});

export const largeUploadDocs = (): Docs<typeof largeUploadRoutes> => ({
  routes: {
    announceMedia: {
      group: 'Upload',
      title: 'Announce files that go straight to Cloud Storage',
      text: 'For files that are too large for a request. Send the bytes of each to its `upload_url`, at once or in pieces of `chunk_size` bytes, then say `uploaded`.',
      asked: {
        files: [{ file_name: 'beach.mp4', content_type: 'video/mp4', size: 83_886_080 }],
        language: 'en',
      },
      answered: {
        uploads: [
          {
            index: 0,
            media_id: EXAMPLE_MEDIA.id,
            upload_url: 'https://storage.googleapis.com/upload/storage/v1/b/staging/o?upload_id=…',
            chunk_size: 8_388_608,
          },
        ],
        rejected: [],
      },
    },
    confirmMedia: {
      group: 'Upload',
      title: 'Say that all bytes of an announced file are sent',
      text: 'The work begins.',
      answered: EXAMPLE_MEDIA,
    },
  },
  inPath: { id: 'The id of the media.' },
  askedSchemas: {
    AnnounceFile: createUploadsSchema.shape.files.element,
    CreateUploads: createUploadsSchema,
    Metadata: metadataSchema,
  },
  answeredSchemas: {
    AnnouncedFile: createUploadsResponseSchema.shape.uploads.element,
    AnnouncedFiles: createUploadsResponseSchema,
  },
});
