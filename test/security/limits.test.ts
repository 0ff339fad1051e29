/** How much one caller may have at once and in a day: beyond it 429, and no one else is touched. */
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Problem, problemSchema } from '@media-analysis/shared/errors';
import { Instance } from '../../local/front/instance.ts';
import { unitCommand } from '../../local/units.ts';
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

let stack: Stack;
beforeAll(async () => {
  const environment = {
    MAX_UPLOADS_IN_FLIGHT: '2',
    MAX_STREAMS: '2',
    MAX_BYTES_PER_DAY: String(DAY_BYTES),
  };
  stack = await startStack({ environment });
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
  /** Once there is one; an upload that holds a slot has none before its end. */
  answer: Promise<{ status: number | undefined; headers: Headers; body: unknown }>;
  end(): void;
  breakOff(): void;
}

/** An upload that stays open until it is told to end. */
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
  return { answer, end: () => call.end('\r\n--xyz--\r\n'), breakOff: () => call.destroy() };
}

/** Opens one more than there are slots. Which one is refused is chance; that one is, is not. */
async function fillSlots(token: string): Promise<{ refused: OpenUpload; held: OpenUpload[] }> {
  const uploads = [openUpload(token), openUpload(token), openUpload(token)];
  const refused = await Promise.race(
    uploads.map(async (upload) => {
      await upload.answer;
      return upload;
    }),
  );
  return { refused, held: uploads.filter((upload) => upload !== refused) };
}

test('uploads in flight are limited for each owner, and a slot comes back however its upload ends', async () => {
  const token = await tokenOf(stack, 'alice');
  const { refused, held } = await fillSlots(token);
  const { status, headers, body } = await refused.answer;
  expect(status).toBe(429);
  expect(body).toMatchObject({
    code: 'rate_limited',
    detail: expect.stringContaining('2 uploads'),
  });
  expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  const bob = await as('bob');
  const picture = form([await file('02-cat.png')]);
  expect((await bob.call('/api/media', { method: 'POST', body: picture })).status).toBe(202);

  const [first, second] = held;
  first?.end();
  expect((await first?.answer)?.status).toBe(202);
  second?.breakOff();
  // The api hears a moment later that its sender is gone; then both are free again.
  await eventually(async () => {
    const again = await fillSlots(token);
    for (const upload of again.held) upload.end();
    const answers = await Promise.all(again.held.map(({ answer }) => answer));
    return answers.every((answer) => answer.status === 202) ? true : undefined;
  });
});

test('streams are limited for each owner, and a slot comes back when a stream ends', async () => {
  const carol = await as('carol');
  // Never finished, so that its streams stay open.
  const { media_ids } = await carol.analyze([await file('02-cat.png')]);
  const results = carol.results(media_ids);
  const leave = new AbortController();
  const open = () =>
    carol.call(`/api/agent/analyze-media/stream?ids=${media_ids}`, { signal: leave.signal });
  await results;
  // A finished media ends its stream at once: what is open is what waits for its answer.
  const answers = await Promise.all(Array.from({ length: 30 }, open));
  const refused = answers.filter(({ status }) => status === 429);
  expect(refused.length).toBeGreaterThan(0);
  await refusedFor(refused[0] as Response);
  await Promise.all(answers.map((answer) => answer.text().catch(() => '')));
  leave.abort();
  expect((await carol.watch(media_ids)).at(-1)).toMatchObject({ event: 'done' });
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
  expect((await send(100_000, 'two')).status).toBe(202);
  expect((await send(1_000_000, 'three')).status).toBe(429);
});
