/**
 * Imports: files that lie in a bucket, or at addresses of the web, become media. The caller sends no file: the service fetches
 * them, in the order of their list.
 */
import { z } from 'zod';
import { analysisNamesSchema, languageSchema } from './analyses.ts';
import { errorCodeSchema } from './errors.ts';
import { EXAMPLE_TIME } from './media.ts';
import { externalIdSchema, metadataSchema } from './metadata.ts';
import { pageQuery } from './pages.ts';
import { COMMON, type Docs, defineRoutes, NEW, ONE } from './routes.ts';

const timestampSchema = z.iso.datetime();
const count = z.number().int().nonnegative();

/** The most addresses of one import. */
const MAX_URLS = 1_000;

/** An import names at most this many failures. */
export const MAX_FAILURES = 100;

const gsSchema = z.strictObject({
  /** A bucket and a prefix of object names: `gs://photos/2026/`. Without a prefix, all objects. */
  gs: z
    .string()
    .regex(
      /^gs:\/\/[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](\/[^\r\n]{0,1000})?$/,
      'must be a bucket and a prefix, such as gs://photos/2026/',
    ),
});

const urlSchema = z.string().min(1).max(2_000);

const namedUrlSchema = z.strictObject({
  /** The address. */
  url: urlSchema,
  /** The sender's own id of the file. */
  external_id: externalIdSchema,
});

const urlsSchema = z.strictObject({
  /** Addresses that begin with `https://` and lead to the public internet: at most 1,000, in a body of 320 KiB. */
  urls: z
    .array(z.union([urlSchema, namedUrlSchema]))
    .min(1)
    .max(MAX_URLS),
});

/** The body of `POST /api/imports`. */
export const createImportSchema = z.strictObject({
  /** Where the files are. */
  source: z.union(
    [gsSchema, urlsSchema],
    'must be a bucket, {"gs": "gs://photos/2026/"}, or addresses, {"urls": ["https://…"]}',
  ),
  /** True: the objects stay in their bucket, and only previews are kept here. Not possible for addresses. */
  in_place: z.boolean().default(false),
  /** False: the files are only stored. */
  analyze: z.boolean().default(true),
  /** Default: `describe`. */
  analyses: analysisNamesSchema.optional(),
  /** Language of the answers, such as `ja`. */
  language: languageSchema.default('en'),
  /** The address that gets the outcome of each media (`docs/webhooks.md`). */
  callback_url: z.string().min(1).max(1_000).optional(),
  /** Up to 20 keys of 1 to 40 characters, each with a text of at most 500. All media of the import get them. */
  metadata: metadataSchema.optional(),
});
export type CreateImport = z.input<typeof createImportSchema>;

const IMPORT_STATES = ['running', 'paused', 'completed', 'cancelled'] as const;
/**
 * - `running`: it works, or it waits: see `wait_code`
 * - `paused`: it starts nothing until it is resumed. If nobody paused it, `error_code` says why
 * - `completed`: all work is done
 * - `cancelled`: it starts nothing more
 */
export type ImportState = (typeof IMPORT_STATES)[number];

const importFailureSchema = z.object({
  /** The whole name of the object, or the address. */
  name: z.string(),
  /** The media that has failed; null if the file became none. */
  media_id: z.string().nullable(),
  /** The reason. */
  code: errorCodeSchema,
  /** The same for a person, in English: what happened and what to do now. */
  message: z.string(),
});
/** A file that was not imported, or whose media has failed. */
export type ImportFailure = z.infer<typeof importFailureSchema>;

export const importSchema = z.object({
  /** Id of the import. */
  id: z.string(),
  /** Where the files are. For addresses, only their number. */
  source: z.union([z.object({ gs: z.string() }), z.object({ urls: count })]),
  /** Whether the objects stay in their bucket. */
  in_place: z.boolean(),
  /** Whether the media are analysed, or only stored. */
  analyze: z.boolean(),
  /** The analyses that each media gets. */
  analyses: z.array(z.string()),
  /** Language of the answers. */
  language: z.string(),
  /** State of the import. */
  state: z.enum(IMPORT_STATES),
  /**
   * Why a `running` import waits; otherwise null. `rate_limited`: the daily limit is reached, and the import continues
   * tomorrow (UTC). `fresh_uploads`: the owner's own uploads come first.
   */
  wait_code: z.enum([...errorCodeSchema.options, 'no_place', 'fresh_uploads']).nullable(),
  /** Why the import has paused by itself; otherwise null. */
  error_code: errorCodeSchema.nullable(),
  /** The same for a person, in English: what happened and what to do now. */
  error_message: z.string().nullable(),
  /** Files found so far. */
  found: count,
  /** Files that became media. */
  accepted: count,
  /** Files that were imported before, and media that were deleted before their work had ended. */
  skipped: count,
  /** Media that are completed. */
  done: count,
  /** Files that cannot be imported, and media that have failed. */
  failed: count,
  /** Media in work now. They are finished even after a pause or a cancellation. */
  in_flight: count,
  /** The first 100 failures. */
  failures: z.array(importFailureSchema),
  /** Time of the request. */
  created_at: timestampSchema,
  /** Time of the newest change. */
  updated_at: timestampSchema,
  /** When it was completed or cancelled. */
  ended_at: timestampSchema.nullable(),
  /** Grows with every write: of two states the one with the higher revision is newer. */
  revision: count,
});
/** One import and its progress. */
export type Import = z.infer<typeof importSchema>;

export const importListSchema = z.object({
  /** Newest first. */
  imports: z.array(importSchema),
  /** Token of the next page. Absent on the last page. */
  next_page_token: z.string().optional(),
});
export type ImportList = z.infer<typeof importListSchema>;

export const importRoutes = defineRoutes({
  createImport: {
    method: 'POST',
    path: '/api/imports',
    idempotencyKey: 'optional',
    json: createImportSchema,
    answers: { 202: { json: importSchema } },
    codes: [...NEW, 'analysis_not_offered'],
  },
  listImports: {
    method: 'GET',
    path: '/api/imports',
    query: pageQuery(50),
    answers: { 200: { json: importListSchema } },
    codes: COMMON,
  },
  getImport: {
    method: 'GET',
    path: '/api/imports/{id}',
    answers: { 200: { json: importSchema } },
    codes: ONE,
  },
  pauseImport: {
    method: 'POST',
    path: '/api/imports/{id}/pause',
    idempotencyKey: 'none',
    answers: { 202: { json: importSchema } },
    codes: [...ONE, 'not_ready'],
  },
  resumeImport: {
    method: 'POST',
    path: '/api/imports/{id}/resume',
    idempotencyKey: 'none',
    answers: { 202: { json: importSchema } },
    codes: [...ONE, 'not_ready'],
  },
  cancelImport: {
    method: 'POST',
    path: '/api/imports/{id}/cancel',
    idempotencyKey: 'none',
    answers: { 202: { json: importSchema } },
    codes: ONE,
  },
});

const EXAMPLE: Import = {
  id: 'c7Wq2LxN9vB4tR6e',
  source: { gs: 'gs://shop-photos/2026/' },
  in_place: false,
  analyze: true,
  analyses: ['describe'],
  language: 'en',
  state: 'running',
  wait_code: null,
  error_code: null,
  error_message: null,
  found: 200,
  accepted: 42,
  skipped: 0,
  done: 37,
  failed: 1,
  in_flight: 5,
  failures: [
    {
      name: '2026/notes.pdf',
      media_id: null,
      code: 'unsupported_media_type',
      message: '"notes.pdf" is application/pdf. Send JPEG, PNG, … photos and MP4, … videos.',
    },
  ],
  created_at: EXAMPLE_TIME,
  updated_at: EXAMPLE_TIME,
  ended_at: null,
  revision: 12,
};

const TWICE = 'Said again, it changes nothing.';

export const importDocs = (): Docs<typeof importRoutes> => ({
  routes: {
    createImport: {
      group: 'Imports',
      title: 'Begin an import',
      text: 'The objects of a bucket that an operator has named (`IMPORT_BUCKETS`), or the files at up to 1,000 public addresses (`urls`), become media, behind what the user sends. What was imported before is skipped, so it may be said again, also for what is new in the bucket. With `in_place` the objects stay in their bucket: deleting the media does not delete them. An import survives a crash, and waits while a limit of the day is reached.',
      asked: { source: { gs: 'gs://shop-photos/2026/' }, language: 'en' },
      answered: EXAMPLE,
    },
    listImports: {
      group: 'Imports',
      title: 'List imports',
      answered: { imports: [EXAMPLE] },
    },
    getImport: {
      group: 'Imports',
      title: 'Read one import',
      answered: EXAMPLE,
    },
    pauseImport: {
      group: 'Imports',
      title: 'Stop for a while',
      text: TWICE,
      answered: { ...EXAMPLE, state: 'paused', revision: 13 },
    },
    resumeImport: {
      group: 'Imports',
      title: 'Go on',
      text: 'Also one that has paused by itself, as `error_code` says, once that is mended.',
      answered: { ...EXAMPLE, revision: 14 },
    },
    cancelImport: {
      group: 'Imports',
      title: 'Stop for good',
      text: TWICE,
      answered: { ...EXAMPLE, state: 'cancelled', ended_at: EXAMPLE_TIME, revision: 15 },
    },
  },
  inPath: { id: 'The id of the import.' },
  askedSchemas: {
    CreateImport: createImportSchema,
    ImportAddress: namedUrlSchema,
    ImportAddresses: urlsSchema,
    ImportBucket: gsSchema,
  },
  answeredSchemas: {
    Import: importSchema,
    ImportFailure: importFailureSchema,
    ImportList: importListSchema,
    ImportedAddresses: importSchema.shape.source.options[1],
    ImportedBucket: importSchema.shape.source.options[0],
  },
});
