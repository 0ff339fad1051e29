/** Reads the metadata and the external ids of a request, and merges metadata. */
import { AppError } from '@media-analysis/shared/errors';
import {
  externalIdSchema,
  MAX_METADATA_KEYS,
  type Metadata,
  metadataSchema,
} from '@media-analysis/shared/metadata';
import { z } from 'zod';
import type { NewFiles } from '../../core/media/moments.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import { parse } from '../../http/body.ts';

export type Names = Pick<MediaRecord, 'metadata' | 'external_id'>;

const formSchema = z.object({
  metadata: metadataSchema.optional(),
  external_id: z.array(externalIdSchema.nullable()).optional(),
});

/**
 * @returns what to call each file, in their order. A file's own names come before those of all files.
 * @throws {AppError} `invalid_request`
 */
export function namesOf({ fields, files }: NewFiles): Names[] {
  const { metadata, external_id: ids } = fields;
  const all = parse(formSchema, {
    metadata: typeof metadata === 'string' ? json('metadata', metadata) : metadata,
    external_id: typeof ids === 'string' ? idsIn(ids) : undefined,
  });
  if (all.external_id && all.external_id.length !== files.length) {
    throw new AppError(
      'invalid_request',
      `external_id: this request has ${files.length} files. Send a JSON array with an id or null for each, in their order.`,
    );
  }
  return files.map((file, n) => {
    const { metadata = all.metadata, external_id = all.external_id?.[n] } = file as Names;
    const given = metadataAfter(undefined, metadata);
    return { ...(given && { metadata: given }), ...(external_id && { external_id }) };
  });
}

/**
 * @param change Keys with null or an empty text are removed; null in place of the keys removes all.
 * @returns undefined if nothing is left
 * @throws {AppError} `invalid_request` for too many keys
 */
export function metadataAfter(
  before: Metadata | undefined,
  change: Readonly<Record<string, string | null>> | null = {},
): Metadata | undefined {
  const left = Object.entries(change ? { ...before, ...change } : {}).filter(([, value]) => value);
  if (left.length > MAX_METADATA_KEYS) {
    throw new AppError(
      'invalid_request',
      `metadata: would have more than ${MAX_METADATA_KEYS} keys.`,
    );
  }
  return left.length > 0 ? (Object.fromEntries(left) as Metadata) : undefined;
}

/** One id, or a JSON array. */
function idsIn(text: string): unknown {
  if (text.startsWith('[')) return json('external_id', text);
  return text === '' ? undefined : [text];
}

function json(name: string, text: string): unknown {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new AppError('invalid_request', `${name}: is not JSON.`, { cause });
  }
}
