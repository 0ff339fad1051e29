/** Metadata of objects: the fields that a caller may set, and the resource that the JSON API returns. */
import { z } from 'zod';
import type { HashClaims } from './digest.ts';
import { StorageError } from './errors.ts';
import { encodeSegment } from './names.ts';
import { refuseUnsupportedInObject } from './unsupported.ts';

/**
 * The value becomes a response header of downloads. Control characters are refused, because a line break
 * would split the header.
 */
const headerValue = z.string().regex(/^\P{Cc}*$/u, 'must not contain control characters');

/** https://cloud.google.com/storage/docs/storage-classes */
export const STORAGE_CLASSES = [
  ...['STANDARD', 'NEARLINE', 'COLDLINE', 'ARCHIVE'],
  ...['MULTI_REGIONAL', 'REGIONAL', 'DURABLE_REDUCED_AVAILABILITY'],
] as const;

const settable = z.object({
  cacheControl: headerValue.nullish(),
  contentDisposition: headerValue.nullish(),
  contentEncoding: headerValue.nullish(),
  contentLanguage: headerValue.nullish(),
  contentType: headerValue.nullish(),
  customTime: z.iso.datetime({ offset: true }).nullish(),
  metadata: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String).nullable())
    .nullish(),
  storageClass: z.enum(STORAGE_CLASSES).nullish(),
});

const uploadBody = settable.extend({
  name: z.string().optional(),
  crc32c: z.string().optional(),
  md5Hash: z.string().optional(),
});

export interface ObjectMetadata {
  cacheControl?: string;
  contentDisposition?: string;
  contentEncoding?: string;
  contentLanguage?: string;
  contentType?: string;
  customTime?: string;
  metadata?: Record<string, string>;
  storageClass?: string;
}

export interface ObjectContent {
  blob: string;
  /** Bytes. */
  size: number;
  crc32c: string;
  /** Null for composed objects. */
  md5Hash: string | null;
  /** Null for objects that were not composed. */
  componentCount: number | null;
}

export interface ObjectRow extends ObjectContent {
  bucket: string;
  name: string;
  generation: number;
  metageneration: number;
  metadata: ObjectMetadata;
  /** Times are in milliseconds. */
  created: number;
  updated: number;
  /** When a versioned object was archived; null for the live one. */
  deleted: number | null;
}

/** Further fields of an object or bucket that can be restored. Times are in milliseconds. */
export interface SoftDeleted {
  softDeleted: number;
  hardDeleted: number;
  /** Only for an object in a bucket with folders. */
  restoreToken?: string | null;
}

/** The sender's description of an upload, before its bytes. */
export interface UploadDescription {
  name: string | undefined;
  metadata: ObjectMetadata;
  claims: HashClaims;
}

/** Parses the object resource that comes with an upload. @throws {StorageError} 400. */
export function parseUploadBody(body: unknown): UploadDescription {
  const { name, crc32c, md5Hash, ...metadata } = parse(uploadBody, body);
  return { name, metadata: withoutNulls(metadata), claims: { crc32c, md5Hash } };
}

/** Parses the settable fields of an object resource. @throws {StorageError} 400. */
export function parseMetadata(body: unknown): ObjectMetadata {
  return withoutNulls(parse(settable, body));
}

/**
 * Applies a PATCH to `current`: fields that it does not name stay, null deletes a field. @throws
 * {StorageError} 400.
 */
export function patchMetadata(current: ObjectMetadata, body: unknown): ObjectMetadata {
  return withoutEmpty(mergePatch({ ...current }, parse(settable, body)));
}

/**
 * JSON merge patch (RFC 7396): objects are merged, null deletes a field, any other value replaces it.
 * https://cloud.google.com/storage/docs/json_api#patch
 */
export function mergePatch(target: unknown, patch: unknown): Record<string, unknown> {
  const merged: Record<string, unknown> = isRecord(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch ?? {})) {
    if (value === null) delete merged[key];
    else if (value !== undefined) {
      merged[key] = isRecord(value) ? mergePatch(merged[key], value) : value;
    }
  }
  return merged;
}

/** The object resource. https://cloud.google.com/storage/docs/json_api/v1/objects#resource */
export function toObjectResource(
  row: ObjectRow & Partial<SoftDeleted>,
  baseUrl: string,
): Record<string, unknown> {
  const { bucket, name, generation, metageneration, componentCount, deleted } = row;
  const path = `b/${bucket}/o/${encodeSegment(name)}`;
  return {
    kind: 'storage#object',
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${baseUrl}/storage/v1/${path}`,
    mediaLink: `${baseUrl}/download/storage/v1/${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation: String(generation),
    metageneration: String(metageneration),
    storageClass: 'STANDARD',
    ...row.metadata,
    size: String(row.size),
    crc32c: row.crc32c,
    ...(row.md5Hash !== null && { md5Hash: row.md5Hash }),
    ...(componentCount !== null && { componentCount }),
    etag: etagOf(row),
    timeCreated: iso(row.created),
    timeFinalized: iso(row.created),
    timeStorageClassUpdated: iso(row.created),
    updated: iso(row.updated),
    ...(deleted !== null && { timeDeleted: iso(deleted) }),
    ...softDeleteFields(row),
  };
}

/** The additional fields in the resource of a soft-deleted object or bucket. */
export function softDeleteFields(row: Partial<SoftDeleted>): Record<string, string> {
  const { softDeleted, hardDeleted, restoreToken } = row;
  if (softDeleted === undefined || hardDeleted === undefined) return {};
  return {
    softDeleteTime: iso(softDeleted),
    hardDeleteTime: iso(hardDeleted),
    ...(restoreToken && { restoreToken }),
  };
}

/** Changes whenever the content or the metadata changes. */
export function etagOf({ generation, metageneration }: ObjectRow): string {
  return Buffer.from(`${generation}/${metageneration}`).toString('base64');
}

export function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Removes empty lists and maps, which resources do not contain. */
export function withoutEmpty(fields: Record<string, unknown>): Record<string, unknown> {
  const isEmpty = (value: unknown) =>
    typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !isEmpty(value)));
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  if (isRecord(body)) refuseUnsupportedInObject(body);
  const result = schema.safeParse(body ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new StorageError(
    'invalid',
    `Invalid value at '${issue?.path.join('.')}': ${issue?.message}`,
  );
}

function withoutNulls(fields: z.infer<typeof settable>): ObjectMetadata {
  return withoutEmpty(mergePatch({}, fields));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
