/** JSON API, buckets. https://cloud.google.com/storage/docs/json_api/v1/buckets */

import type { BucketMetadata } from './bucket-row.ts';
import { bucketExists, patched, replaced, toBucketResource } from './buckets.ts';
import type { Call, Handler } from './call.ts';
import { readJson, sendEmpty, sendJson } from './call.ts';
import { StorageError } from './errors.ts';
import { maxResultsOf } from './listing.ts';
import { checkReadPreconditions, preconditionsOf } from './preconditions.ts';
import { generationOf, isOn } from './values.ts';

export const insertBucket: Handler = async (storage, call) => {
  const { name, ...metadata } = await readJson(call);
  if (typeof name !== 'string') throw new StorageError('required', 'Required parameter: name');
  sendJson(call, toBucketResource(storage.buckets.insert(name, metadata), call.baseUrl));
};

export const getBucket: Handler = (storage, call, { bucket }) => {
  const row = isOn(call.query, 'softDeleted')
    ? storage.softDeletes.getBucket(bucket, requiredGeneration(call))
    : storage.buckets.get(bucket);
  checkReadPreconditions(preconditionsOf(call.query), row);
  sendJson(call, toBucketResource(row, call.baseUrl));
};

/** This server has one project, so `project` does not filter the list. */
export const listBuckets: Handler = (storage, call) => {
  const { query, baseUrl } = call;
  const limit = maxResultsOf(query);
  const after = Buffer.from(query.get('pageToken') ?? '', 'base64url').toString();
  const source = isOn(query, 'softDeleted') ? storage.softDeletes : storage.buckets;
  const rows = source.listBuckets(after, query.get('prefix') ?? '', limit + 1);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  sendJson(call, {
    kind: 'storage#buckets',
    items: page.map((row) => toBucketResource(row, baseUrl)),
    ...(rows.length > limit &&
      last && { nextPageToken: Buffer.from(last.name).toString('base64url') }),
  });
};

export const patchBucket: Handler = changeBucket(patched);
export const updateBucket: Handler = changeBucket(replaced);

function changeBucket(
  changeOf: (body: BucketMetadata) => (old: BucketMetadata) => BucketMetadata,
): Handler {
  return async (storage, call, { bucket }) => {
    const change = changeOf(await readJson(call));
    const row = storage.buckets.update(bucket, preconditionsOf(call.query), change);
    sendJson(call, toBucketResource(row, call.baseUrl));
  };
}

/** @throws {StorageError} 409 if a bucket of that name exists */
export const restoreBucket: Handler = (storage, call, { bucket }) => {
  const deleted = storage.softDeletes.getBucket(bucket, requiredGeneration(call));
  if (storage.buckets.find(bucket)) throw bucketExists();
  storage.softDeletes.restoreBucket(deleted);
  call.req.resume();
  sendJson(call, toBucketResource(storage.buckets.get(bucket), call.baseUrl));
};

function requiredGeneration({ query }: Call): number {
  const generation = generationOf(query);
  if (generation === undefined) {
    throw new StorageError('required', 'Required parameter: generation');
  }
  return generation;
}

export const deleteBucket: Handler = (storage, call, { bucket }) => {
  storage.buckets.delete(bucket, preconditionsOf(call.query));
  sendEmpty(call, 204);
};
