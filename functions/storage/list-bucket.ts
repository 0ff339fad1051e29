/** Lists somebody's bucket, page by page. */
import type { Storage } from '@google-cloud/storage';
import { z } from 'zod';
import { parseContentType } from '../process/content-type.ts';
import { isStorageFault, UnusableAnswerError } from '../process/service-fault.ts';
import { orStalled } from './stalled.ts';

const ANSWER_MS = 60_000;

/** The sender of an object chooses its encoding, and an import keeps those of a whole page. */
const MOST_OF_ENCODING = 100;

/** The resource of an object, as a listing and a notification have it. */
export const listedObjectSchema = z
  .object({
    name: z.string().min(1),
    generation: z.string(),
    size: z.coerce.number().int().nonnegative(),
    contentType: z.string().default('').transform(parseContentType),
    contentEncoding: z
      .string()
      .transform((text) => text.slice(0, MOST_OF_ENCODING))
      .optional(),
  })
  .transform(
    ({ contentType: content_type, contentEncoding, ...rest }): ListedObject => ({
      ...{ ...rest, content_type },
      ...(contentEncoding !== undefined && { content_encoding: contentEncoding }),
    }),
  );

/** An object, as a listing tells of it. */
export interface ListedObject {
  name: string;
  generation: string;
  /** Bytes. */
  size: number;
  content_type: string;
  /** Absent: the bytes are those of the file. */
  content_encoding?: string;
}

/** The client library hands on whatever comes with status 200. A bucket without objects has no `items`. */
const pageSchema = z.object({
  kind: z.literal('storage#objects'),
  items: z.array(listedObjectSchema).default([]),
  nextPageToken: z.string().optional(),
});

/** The bucket is not there, or may not be read. `message` is that of Cloud Storage, which names the account and the right. */
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
  /** The name that was listed last: the page begins after it. Null: at the first one. */
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
  // `startOffset` begins with this name itself: https://cloud.google.com/storage/docs/json_api/v1/objects/list
  const qs = {
    prefix,
    maxResults: after === null ? limit : limit + 1,
    fields: 'kind,nextPageToken,items(name,generation,size,contentType,contentEncoding)',
    ...(after !== null && { startOffset: after }),
  };
  const answer = await answered(storage.bucket(bucket).request({ uri: '/o', qs }));
  const { data, error } = pageSchema.safeParse(answer);
  if (error) throw new UnusableAnswerError('Cloud Storage gave no list.', { cause: error });
  return {
    objects: data.items.filter(({ name }) => name !== after),
    isEnd: data.nextPageToken === undefined,
  };
}

async function answered(call: Promise<[unknown, ...unknown[]]>): Promise<unknown> {
  try {
    const [body] = await orStalled(call, ANSWER_MS);
    return body;
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: string };
    if (code === 403 || code === 404) throw new BucketClosedError(code, String(message));
    if (isStorageFault(error) || typeof code === 'number') throw error;
    throw new UnusableAnswerError('Cloud Storage could not be asked.', { cause: error });
  }
}
