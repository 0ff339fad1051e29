/** Lists somebody's bucket, page by page. */
import type { Storage } from '@google-cloud/storage';
import { z } from 'zod';
import { parseContentType } from '../process/content-type.ts';
import { isStorageFault, UnusableAnswerError } from '../process/service-fault.ts';
import { withStallLimit } from './stalled.ts';

const ANSWER_MS = 60_000;

/** The sender of an object chooses its encoding, and an import stores the encodings of a whole page. */
const MAX_ENCODING = 100;

/** An object in a listing or a notification. */
export const listedObjectSchema = z
  .object({
    name: z.string().min(1),
    generation: z.string(),
    size: z.coerce.number().int().nonnegative(),
    contentType: z.string().default('').transform(parseContentType),
    contentEncoding: z
      .string()
      .transform((text) => text.slice(0, MAX_ENCODING))
      .optional(),
  })
  .transform(
    ({ contentType: content_type, contentEncoding, ...rest }): ListedObject => ({
      ...rest,
      content_type,
      ...(contentEncoding !== undefined && { content_encoding: contentEncoding }),
    }),
  );

export interface ListedObject {
  name: string;
  generation: string;
  /** Bytes. */
  size: number;
  content_type: string;
  /** Without it the bytes are those of the file. */
  content_encoding?: string;
}

/** The client library returns whatever comes with status 200. A bucket without objects has no `items`. */
const pageSchema = z.object({
  kind: z.literal('storage#objects'),
  items: z.array(listedObjectSchema).default([]),
  nextPageToken: z.string().optional(),
});

/** The bucket does not exist, or may not be read. `message` comes from Cloud Storage and names the account and the right. */
export class BucketClosedError extends Error {
  override readonly name = 'BucketClosedError';
  readonly code: 403 | 404;

  constructor(code: 403 | 404, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ListRange {
  prefix: string;
  /** The page begins after this name, which was listed last. Null: it begins at the first name. */
  after: string | null;
  limit: number;
}

/**
 * @returns the objects in the order of their names, and whether there are no more
 * @throws {BucketClosedError}
 */
export async function listBucket(
  storage: Storage,
  bucket: string,
  { prefix, after, limit }: ListRange,
): Promise<{ objects: ListedObject[]; isEnd: boolean }> {
  // The listing includes the name in `startOffset`: https://cloud.google.com/storage/docs/json_api/v1/objects/list
  const qs = {
    prefix,
    maxResults: after === null ? limit : limit + 1,
    fields: 'kind,nextPageToken,items(name,generation,size,contentType,contentEncoding)',
    ...(after !== null && { startOffset: after }),
  };
  const answer = await bodyOf(storage.bucket(bucket).request({ uri: '/o', qs }));
  const { data, error } = pageSchema.safeParse(answer);
  if (error) throw new UnusableAnswerError('Cloud Storage gave no list.', { cause: error });
  return {
    objects: data.items.filter(({ name }) => name !== after),
    isEnd: data.nextPageToken === undefined,
  };
}

async function bodyOf(call: Promise<[unknown, ...unknown[]]>): Promise<unknown> {
  try {
    const [body] = await withStallLimit(call, ANSWER_MS);
    return body;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string };
    if (code === 403 || code === 404) throw new BucketClosedError(code, String(message));
    if (isStorageFault(error) || typeof code === 'number') throw error;
    throw new UnusableAnswerError('Cloud Storage could not be asked.', { cause: error });
  }
}
