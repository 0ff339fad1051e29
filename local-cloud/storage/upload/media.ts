/** Uploads in one request: `uploadType=media`, `uploadType=multipart` and the XML API's PUT. */
import type { Source } from '../blobs.ts';
import { bodyOf, type Call, parseJson, type Storage, sendJson } from '../call.ts';
import { ContentDigest, checkClaims, claimsOf, type HashClaims } from '../digest.ts';
import type { ObjectRow } from '../metadata.ts';
import { type ObjectMetadata, parseUploadBody, toObjectResource } from '../metadata.ts';
import { type Preconditions, preconditionsOf } from '../preconditions.ts';
import { parseRelated } from './multipart.ts';

export interface SimpleUpload {
  bucket: string;
  name: string;
  metadata: ObjectMetadata;
  preconditions: Preconditions;
  content: Source;
  claims: HashClaims[];
}

/** Stores content and makes it an object, or does neither. @throws {StorageError}. */
export async function storeObject(storage: Storage, upload: SimpleUpload): Promise<ObjectRow> {
  const { bucket, name, metadata, preconditions, claims } = upload;
  storage.objects.checkPut(bucket, name, preconditions);
  const sha256 = claims.some((claim) => claim.sha256 !== undefined);
  const content = await storage.blobs.store(upload.content, new ContentDigest({ sha256 }));
  try {
    checkClaims(content, ...claims);
    const stored = { ...content, componentCount: null };
    return storage.objects.put({ bucket, name }, stored, metadata, preconditions);
  } catch (error) {
    storage.blobs.remove(content.blob);
    throw error;
  }
}

/** The whole body is the content. */
export async function uploadMedia(storage: Storage, call: Call, bucket: string): Promise<void> {
  const { req, query } = call;
  const metadata = parseUploadBody({
    contentType: req.headers['content-type'],
    contentEncoding: query.get('contentEncoding') ?? undefined,
  }).metadata;
  const row = await storeObject(storage, {
    bucket,
    name: query.get('name') ?? '',
    metadata,
    preconditions: preconditionsOf(query),
    content: bodyOf(call),
    claims: [claimsOf(req.headers)],
  });
  sendJson(call, toObjectResource(row, call.baseUrl));
}

/** The body has the object resource first, then the content. */
export async function uploadMultipart(storage: Storage, call: Call, bucket: string): Promise<void> {
  const { req, query } = call;
  const parts = await parseRelated(bodyOf(call), req.headers['content-type']);
  const described = parseUploadBody(parseJson(parts.resource));
  const contentType = described.metadata.contentType ?? parts.contentType;
  const row = await storeObject(storage, {
    bucket,
    name: query.get('name') ?? described.name ?? '',
    metadata: { ...described.metadata, ...(contentType && { contentType }) },
    preconditions: preconditionsOf(query),
    content: parts.content,
    claims: [described.claims, claimsOf(req.headers)],
  });
  sendJson(call, toObjectResource(row, call.baseUrl));
}
