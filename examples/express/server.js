// The page of an app talks to this backend alone: it sends photos on with a service key, and is told when they are done.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Readable } from 'node:stream';
import express from 'express';

const { MEDIA_URL, MEDIA_KEY, MEDIA_SECRET = '', PORT = '3000' } = process.env;
const MOST_BYTES = 32 * 2 ** 20;
// The newest message about each media: messages may come more than once, and in any order.
const told = new Map();

// Your own sign-in says who it is. Never take it from what a browser can choose.
const userOf = (_request) => 'alice';

/** Asks the API as a user, and answers what it answers. */
async function passOn(path, user, response, init) {
  const headers = { Authorization: `Bearer ${MEDIA_KEY}`, 'X-On-Behalf-Of': user };
  const answer = await fetch(`${MEDIA_URL}${path}`, { ...init, headers });
  const type = answer.headers.get('content-type') ?? 'text/plain';
  response
    .status(answer.status)
    .type(type)
    .send(await answer.text());
}

function isGenuine(request) {
  const [id, at, signatures = ''] = ['id', 'timestamp', 'signature'].map((name) =>
    request.get(`webhook-${name}`),
  );
  if (!(Math.abs(Date.now() / 1000 - Number(at)) <= 300)) return false;
  const key = Buffer.from(MEDIA_SECRET.replace('whsec_', ''), 'base64');
  const text = `${id}.${at}.${request.body ?? ''}`;
  const wanted = Buffer.from(`v1,${createHmac('sha256', key).update(text).digest('base64')}`);
  const given = signatures.split(' ').map((each) => Buffer.from(each));
  return given.some((each) => each.length === wanted.length && timingSafeEqual(each, wanted));
}

const app = express();

app.post('/photos', async (request, response) => {
  if (!(Number(request.get('content-length')) <= MOST_BYTES)) return response.sendStatus(413);
  const headers = { 'Content-Type': request.get('content-type') ?? '' };
  const given = await new Response(Readable.toWeb(request), { headers }).formData();
  const body = new FormData(); // Only the files of the browser's form: the other fields are ours.
  for (const file of given.getAll('files')) body.append('files', file);
  body.append('callback_url', `http://127.0.0.1:${server.address().port}/hooks`);
  const init = { method: 'POST', body };
  await passOn('/api/agent/analyze-media', userOf(request), response, init);
});

app.get('/photos/:id', async (request, response) => {
  const { id } = request.params;
  if (!told.has(id)) return response.status(202).json({ status: 'analyzing' });
  await passOn(`/api/media/${id}`, userOf(request), response);
});

// The text as it came: one that was parsed and written again has another signature.
app.post('/hooks', express.text({ type: () => true }), (request, response) => {
  if (!isGenuine(request)) return response.sendStatus(401);
  const { data } = JSON.parse(request.body);
  const isNewer = !(data.revision <= told.get(data.media_id)?.revision);
  if (data.media_id && isNewer) told.set(data.media_id, data);
  response.sendStatus(204);
});

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  process.stdout.write(`Ready on http://127.0.0.1:${server.address().port}\n`);
});
