/** How much one caller may have at once and in a day: beyond it 429, and no one else is touched. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Problem, problemSchema } from '@media-analysis/shared/errors';
import { unitCommand } from '../../local/base/units.ts';
import { DEPLOYED } from '../../local/front/deployed.ts';
import { Instance } from '../../local/front/instance.ts';
import { orHang } from '../support/hang-limit.ts';
import {
  client,
  eventually,
  file,
  form,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

const DAY_BYTES = 2_000_000;
/** The numbers that are deployed: the stack has no other ones. */
const { concurrency: PLACES } = DEPLOYED.api;
const UPLOADS = 10;
const STREAMS = 50;

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ environment: { MAX_BYTES_PER_DAY: String(DAY_BYTES) } });
});
afterAll(() => stack.close());

const as = async (name: string) => client(stack, await tokenOf(stack, name));

async function refusedFor(response: Response): Promise<[Problem, number]> {
  const problem = problemSchema.parse(await response.json());
  expect(problem).toMatchObject({ status: 429, code: 'rate_limited' });
  expect(response.status).toBe(429);
  const seconds = Number(response.headers.get('retry-after'));
  expect(Number.isInteger(seconds)).toBe(true);
  expect(seconds).toBeGreaterThanOrEqual(1);
  return [problem, seconds];
}

interface OpenUpload {
  /** Once there is one; an upload that holds a place has none before its end. */
  answer: Promise<{ status: number | undefined; headers: Headers; body: unknown }>;
  end(): void;
  breakOff(): void;
}

/** An upload that stays open until it is told to end, and sends a byte now and then. */
function openUpload(token: string): OpenUpload {
  const call = request(`${stack.url}/api/media`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${token}`,
      'Content-Type': 'multipart/form-data; boundary=xyz',
    },
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    call.on('response', resolve);
    call.on('error', reject);
  }).then(async (response) => ({
    status: response.statusCode,
    headers: new Headers(response.headers as Record<string, string>),
    body: await json(response),
  }));
  answer.catch(() => undefined);
  call.write(
    '--xyz\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n' +
      'Content-Type: image/png\r\n\r\nabc',
  );
  const trickle = setInterval(() => call.write('a'), 1_000);
  call.once('close', () => clearInterval(trickle));
  const stop = (how: () => void) => () => {
    clearInterval(trickle);
    how();
  };
  return {
    answer,
    end: stop(() => call.end('\r\n--xyz--\r\n')),
    breakOff: stop(() => call.destroy()),
  };
}

/** Opens as many uploads as an instance has places. @returns those that were refused, and those that are open */
async function fillPlaces(token: string): Promise<{ refused: OpenUpload[]; held: OpenUpload[] }> {
  const uploads = Array.from({ length: PLACES }, () => openUpload(token));
  const refused: OpenUpload[] = [];
  await new Promise<void>((resolve, reject) => {
    for (const upload of uploads) {
      upload.answer.then(() => {
        refused.push(upload);
        if (refused.length === PLACES - UPLOADS) resolve();
      }, reject);
    }
  });
  return { refused, held: uploads.filter((upload) => !refused.includes(upload)) };
}

const picture = async () => form([await file('02-cat.png')]);

test('uploads in flight are limited for each owner: 40 that trickle leave room for another owner, and each place comes back', async () => {
  const token = await tokenOf(stack, 'alice');
  const { refused, held } = await orHang(fillPlaces(token), 'the uploads beyond the limit');
  expect(held).toHaveLength(UPLOADS);
  for (const { answer } of refused) {
    const { status, headers, body } = await answer;
    expect(status).toBe(429);
    expect(body).toMatchObject({
      code: 'rate_limited',
      detail: expect.stringContaining('10 uploads'),
    });
    expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  }
  const bob = await as('bob');
  const sent = await bob.call('/api/media', { method: 'POST', body: await picture() });
  expect(sent.status).toBe(202);
  const listed = await client(stack, token).call('/api/media');
  expect(listed.status).toBe(200);

  const [first, ...others] = held;
  first?.end();
  expect((await first?.answer)?.status).toBe(202);
  for (const upload of others) upload.breakOff();
  // The api hears a moment later that its senders are gone; then all places are free again.
  await eventually(async () => {
    const uploads = Array.from({ length: UPLOADS }, () => openUpload(token));
    await client(stack, token).call('/api/media');
    for (const upload of uploads) upload.end();
    const answers = await Promise.all(uploads.map(({ answer }) => answer));
    return answers.every(({ status }) => status === 202) ? true : undefined;
  });
});

test('uploads of many owners leave places of an instance free for reading', async () => {
  const owners = await Promise.all([1, 2, 3, 4].map((n) => tokenOf(stack, `many${n}`)));
  const uploads = owners.flatMap((token) =>
    Array.from({ length: UPLOADS }, () => openUpload(token)),
  );
  const answers = uploads.map(async (upload) => {
    const { status, body } = await upload.answer;
    return { status, body };
  });
  expect(await orHang(Promise.race(answers), 'an upload beyond the limit')).toMatchObject({
    status: 503,
    body: { code: 'unavailable' },
  });
  expect((await (await as('reader')).call('/api/media')).status).toBe(200);
  for (const upload of uploads) upload.end();
  const ended = await Promise.all(answers);
  expect(ended.filter(({ status }) => status === 202)).toHaveLength(32);
});

test('announcements that trickle count as uploads', async () => {
  const token = await tokenOf(stack, 'gina');
  const open = () =>
    request(`${stack.url}/api/media/uploads`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Content-Length': 1_000,
      },
    });
  const calls = Array.from({ length: UPLOADS + 1 }, open);
  const refused = calls.map((call) => once(call, 'response') as Promise<[IncomingMessage]>);
  for (const answer of refused) answer.catch(() => undefined);
  for (const call of calls) call.write('{');
  const [response] = await orHang(Promise.race(refused), 'an announcement beyond the limit');
  expect(response.statusCode).toBe(429);
  for (const call of calls) call.destroy();
});

test('streams are limited for each owner, and a place comes back when a stream ends', async () => {
  const carol = await as('carol');
  // Its bytes never come, so that its streams stay open.
  const announced = { file_name: 'a.mov', content_type: 'video/quicktime', size: 1_000 };
  const response = await carol.call('/api/media/uploads', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ files: [announced] }),
  });
  const { uploads } = (await response.json()) as { uploads: { media_id: string }[] };
  const leave = new AbortController();
  const open = () =>
    carol.call(`/api/media/${uploads[0]?.media_id}/stream`, { signal: leave.signal });
  const answers = await Promise.all(Array.from({ length: STREAMS + 10 }, open));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused).toHaveLength(10);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(STREAMS);
  await refusedFor(refused[0] as Response);
  const dora = await as('dora');
  const { media_ids } = await dora.analyze([await file('02-cat.png')]);
  expect((await dora.watch(media_ids)).at(-1)).toMatchObject({ event: 'done' });
  leave.abort();
  await eventually(async () => {
    const again = new AbortController();
    const { status } = await carol.call(`/api/media/${uploads[0]?.media_id}/stream`, {
      signal: again.signal,
    });
    again.abort();
    return status === 200 ? true : undefined;
  });
});

test('the bytes of a day are counted over all instances', async () => {
  const token = await tokenOf(stack, 'dave');
  const dave = client(stack, token);
  const megabyte = new File([new Uint8Array(900_000)], 'a.png', { type: 'image/png' });
  const upload = (url = stack.url) =>
    fetch(`${url}/api/media`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}` },
      body: form([megabyte]),
    });
  const command = unitCommand('api', undefined);
  const other = new Instance({ command, environment: stack.environment });
  try {
    const url = `http://127.0.0.1:${await other.listening()}`;
    expect((await upload()).status).toBe(202);
    expect((await upload(url)).status).toBe(202);
    for (const refused of [await upload(), await upload(url)]) {
      const [problem, seconds] = await refusedFor(refused);
      expect(problem.detail).toContain('in a day');
      expect(seconds).toBeGreaterThan(0);
      expect(seconds).toBeLessThanOrEqual(24 * 3_600);
    }
  } finally {
    await other.stop();
  }
  // What is left may still be used, and the others have all of theirs.
  const small = new File([new Uint8Array(1_000)], 'b.png', { type: 'image/png' });
  const body = form([small]);
  expect((await dave.call('/api/media', { method: 'POST', body })).status).toBe(202);
  expect((await (await as('erin')).analyze([await file('02-cat.png')])).media_ids).toHaveLength(1);
});

test('a request that is repeated with its key is counted once, and answered beyond the limit', async () => {
  const frank = await as('frank');
  const send = (bytes: number, key: string) =>
    frank.call('/api/media', {
      method: 'POST',
      body: form([new File([new Uint8Array(bytes)], 'a.png', { type: 'image/png' })]),
      headers: { 'Idempotency-Key': key },
    });
  const first = await send(1_800_000, 'one');
  const { media_id } = (await first.json()) as { media_id: string };
  for (let again = 0; again < 3; again++) {
    const repeated = await send(1_800_000, 'one');
    expect(repeated.status).toBe(202);
    expect(await repeated.json()).toMatchObject({ media_id });
  }
  const second = await send(100_000, 'two');
  expect(second.status).toBe(202);
  expect(second.headers.get('ratelimit')).toMatch(
    new RegExp(`^"daily-bytes";r=${DAY_BYTES - 1_900_000};t=\\d+, "daily-files";r=\\d+;t=\\d+$`),
  );
  const refused = await send(1_000_000, 'three');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('ratelimit-policy')).toBe(
    `"daily-bytes";q=${DAY_BYTES};qu="content-bytes";w=86400`,
  );
  expect(refused.headers.get('ratelimit')).toBe(
    `"daily-bytes";r=${DAY_BYTES - 1_900_000};t=${refused.headers.get('retry-after')}`,
  );
});
