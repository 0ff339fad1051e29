/** JSON API, notification configurations. https://cloud.google.com/storage/docs/json_api/v1/notifications */
import { type Handler, readJson, sendEmpty, sendJson } from './call.ts';
import { StorageError } from './errors.ts';
import { BASE_URL, type Notification } from './notifications.ts';

function toResource(bucket: string, { id, config }: Notification) {
  return {
    kind: 'storage#notification',
    id: String(id),
    selfLink: `${BASE_URL}/storage/v1/b/${bucket}/notificationConfigs/${id}`,
    etag: String(id),
    ...config,
  };
}

export const insertNotification: Handler = async ({ buckets, notifications }, call, { bucket }) => {
  const body = await readJson(call);
  buckets.get(bucket);
  sendJson(call, toResource(bucket, notifications.insert(bucket, body)));
};

export const listNotifications: Handler = ({ buckets, notifications }, call, { bucket }) => {
  buckets.get(bucket);
  const items = notifications.list(bucket).map((each) => toResource(bucket, each));
  sendJson(call, { kind: 'storage#notifications', ...(items.length > 0 && { items }) });
};

export const getNotification: Handler = ({ notifications }, call, { bucket, name }) => {
  const found = notifications.list(bucket).find(({ id }) => String(id) === name);
  if (!found) throw noSuchNotification(name);
  sendJson(call, toResource(bucket, found));
};

export const deleteNotification: Handler = ({ notifications }, call, { bucket, name }) => {
  if (!notifications.list(bucket).some(({ id }) => String(id) === name)) {
    throw noSuchNotification(name);
  }
  notifications.remove(bucket, name);
  sendEmpty(call, 204);
};

function noSuchNotification(id: string): StorageError {
  return new StorageError('objectNotFound', `Notification ${id} not found.`);
}
