/** JSON API, objects. https://cloud.google.com/storage/docs/json_api/v1/objects */

import { hasFolders } from './bucket-row.ts';
import type { Handler } from './call.ts';
import { readJson, sendEmpty, sendJson } from './call.ts';
import { sendContent } from './download.ts';
import { StorageError } from './errors.ts';
import { listObjects, listQueryOf } from './listing.ts';
import { type ObjectMetadata, parseMetadata, patchMetadata, toObjectResource } from './metadata.ts';
import { checkReadPreconditions, preconditionsOf } from './preconditions.ts';
import { uploadMedia, uploadMultipart } from './upload/media.ts';
import { cancelUpload, continueUpload, startResumable } from './upload/resumable.ts';
import { generationOf, isOn } from './values.ts';

/** Returns the metadata, or with `alt=media` the content. */
export const getObject: Handler = async (storage, call, params) => {
  if (call.query.get('alt') === 'media') return downloadObject(storage, call, params);
  const address = { ...params, generation: generationOf(call.query) };
  const row = isOn(call.query, 'softDeleted')
    ? storage.objects.getSoftDeleted(address, call.query.get('restoreToken'))
    : storage.objects.get(address);
  checkReadPreconditions(preconditionsOf(call.query), row);
  sendJson(call, toObjectResource(row, call.baseUrl));
};

export const downloadObject: Handler = async (storage, call, params) => {
  call.errorFormat = 'text';
  if (isOn(call.query, 'softDeleted')) {
    throw new StorageError('invalid', 'The content of a soft-deleted object cannot be read.');
  }
  const row = storage.objects.get({ ...params, generation: generationOf(call.query) });
  checkReadPreconditions(preconditionsOf(call.query), row);
  await sendContent(call, storage.blobs, row);
};

export const patchObject: Handler = changeObject((body) => (old) => patchMetadata(old, body));

/** A PUT clears the fields that it does not name. */
export const updateObject: Handler = changeObject((body) => {
  const metadata = parseMetadata(body);
  return () => metadata;
});

function changeObject(
  changeOf: (body: unknown) => (old: ObjectMetadata) => ObjectMetadata,
): Handler {
  return async (storage, call, params) => {
    const change = changeOf(await readJson(call));
    const address = { ...params, generation: generationOf(call.query) };
    const row = storage.objects.update(address, preconditionsOf(call.query), change);
    sendJson(call, toObjectResource(row, call.baseUrl));
  };
}

export const deleteObject: Handler = (storage, call, params) => {
  const address = { ...params, generation: generationOf(call.query) };
  storage.objects.delete(address, preconditionsOf(call.query));
  sendEmpty(call, 204);
};

export const restoreObject: Handler = (storage, call, params) => {
  const { query, baseUrl } = call;
  const address = { ...params, generation: generationOf(query) };
  const token = query.get('restoreToken');
  const row = storage.objects.restore(address, token, preconditionsOf(query));
  call.req.resume();
  sendJson(call, toObjectResource(row, baseUrl));
};

export const listObjectsOfBucket: Handler = (storage, call, { bucket }) => {
  const { metadata } = storage.buckets.get(bucket);
  if (hasFolders(metadata) && isOn(call.query, 'includeFoldersAsPrefixes')) {
    throw new StorageError('notImplemented', 'The local storage keeps no folders.');
  }
  storage.softDeletes.removeExpired();
  const { items, prefixes, nextPageToken } = listObjects(
    storage.db,
    bucket,
    listQueryOf(call.query),
  );
  sendJson(call, {
    kind: 'storage#objects',
    ...(items.length > 0 && { items: items.map((row) => toObjectResource(row, call.baseUrl)) }),
    ...(prefixes.length > 0 && { prefixes }),
    ...(nextPageToken !== undefined && { nextPageToken }),
  });
};

/** `POST`, `PUT` and `DELETE` of the upload URL: new uploads and resumable sessions. */
export const upload: Handler = async (storage, call, { bucket }) => {
  const { method, query } = call;
  const session = query.get('upload_id');
  if (session !== null) {
    return method === 'DELETE'
      ? cancelUpload(storage, call, session)
      : continueUpload(storage, call, session);
  }
  if (method !== 'POST') throw new StorageError('required', 'Required parameter: upload_id');
  switch (query.get('uploadType')) {
    case 'media':
      return uploadMedia(storage, call, bucket);
    case 'multipart':
      return uploadMultipart(storage, call, bucket);
    case 'resumable':
      return startResumable(storage, call, bucket);
    default:
      throw new StorageError('invalid', `Invalid uploadType: '${query.get('uploadType')}'`);
  }
};
