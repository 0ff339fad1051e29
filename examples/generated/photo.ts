// Sends a photo with names of your own, waits until it is understood, and changes a name only if nobody else has changed the media.
import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import createClient from 'openapi-fetch';
import type { components, paths } from './api.ts';

const { MEDIA_URL = '', MEDIA_KEY = '' } = process.env;
const [, , path = ''] = process.argv;
const photo = await openAsBlob(path);
const api = createClient<paths>({
  baseUrl: MEDIA_URL,
  headers: { Authorization: `Bearer ${MEDIA_KEY}`, 'X-On-Behalf-Of': 'alice' },
});

/** A refusal has a code for programs, and a detail for a person. */
const refusal = ({ code, detail }: components['schemas']['Problem']) =>
  new Error(`${code}: ${detail}`);

async function send(): Promise<string> {
  const { data, error } = await api.POST('/api/agent/analyze-media', {
    body: {
      files: [basename(path)],
      external_id: 'order-7',
      metadata: JSON.stringify({ order: '7' }),
    },
    // In these types a file is a string: its bytes are put into the form here.
    bodySerializer({ files: [name], ...fields }) {
      const form = new FormData();
      for (const [field, value] of Object.entries(fields)) form.append(field, value);
      form.append('files', photo, name);
      return form;
    },
  });
  if (error) throw refusal(error);
  const [id] = data.media_ids;
  if (id === undefined) throw new Error(`Not taken: ${data.rejected[0]?.message}`);
  return id;
}

async function untilUnderstood(id: string) {
  for (;;) {
    const read = { params: { path: { id } } };
    const { data, error, response } = await api.GET('/api/media/{id}', read);
    if (error) throw refusal(error);
    if (data.status === 'failed') throw new Error(`Failed: ${data.error_message}`);
    if (data.status === 'completed') return { ...data, etag: response.headers.get('ETag') ?? '' };
    await setTimeout(1_000);
  }
}

const { id, etag, external_id, metadata, analytics } = await untilUnderstood(await send());
console.log(external_id, metadata?.order, analytics?.title);
const read = { params: { path: { id }, header: { 'If-Match': etag } } };
for (const shelf of ['B2', 'C3']) {
  // The second time, the media is no longer what was read: read it again before you decide.
  const { data, error } = await api.PATCH('/api/media/{id}', {
    ...read,
    body: { metadata: { shelf } },
  });
  console.log(error ? `${error.status} ${error.code}` : data.metadata);
}
