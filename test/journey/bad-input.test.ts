/** Bad input: a clear problem document, and nothing left behind. */
import { connect } from 'node:net';
import { Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type Problem, problemSchema } from '@media-analysis/shared/errors';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import {
  client,
  eventually,
  fetchWhole,
  file,
  form,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

let stack: Stack;
let firestore: Firestore;
beforeAll(async () => {
  stack = await startStack({
    mode: STRICT_IN_LONG_RUN,
    environment: { MAX_FILES: '3', MAX_FILE_BYTES: '300000', MAX_REQUEST_BYTES: '10000000' },
  });
  const { FIRESTORE_EMULATOR_HOST: host = '', GOOGLE_CLOUD_PROJECT: projectId = '' } =
    stack.environment;
  firestore = new Firestore({ projectId, host, ssl: false });
});
afterAll(async () => {
  await firestore.terminate();
  await stack.close();
});

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

async function objectsIn(bucket: string | undefined): Promise<string[]> {
  const response = await fetch(
    `${stack.environment.STORAGE_EMULATOR_HOST}/storage/v1/b/${bucket}/o`,
  );
  const { items = [] } = (await response.json()) as { items?: { name: string }[] };
  return items.map(({ name }) => name);
}

const post = (body: FormData | string, headers: Record<string, string> = {}) =>
  client(stack).call('/api/agent/analyze-media', { method: 'POST', body, headers });

/** Sends exactly these bytes and answers all that comes back. */
function raw(text: string, { end = true } = {}): Promise<string> {
  const { hostname, port } = new URL(stack.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
      if (!end) socket.end();
    });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    socket.write(text);
    if (end) socket.end();
  });
}

describe('a request that is refused as a whole', () => {
  afterEach(async () => {
    expect((await firestore.collection('media').get()).size).toBe(0);
    expect(await objectsIn(stack.environment.STAGING_BUCKET)).toEqual([]);
    expect(await objectsIn(stack.environment.MEDIA_BUCKET)).toEqual([]);
  });

  test('not multipart', async () => {
    const response = await post('{}', { 'Content-Type': 'application/json' });
    expect(await problemOf(response)).toMatchObject({ status: 415, code: 'not_multipart' });
  });

  test('multipart without a boundary', async () => {
    const response = await post('x', { 'Content-Type': 'multipart/form-data' });
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'malformed_body' });
  });

  test('no file', async () => {
    expect(await problemOf(await post(form([])))).toMatchObject({ status: 400 });
    expect(await problemOf(await post(form([], { language: 'en' })))).toMatchObject({
      code: 'no_file',
    });
  });

  test('a form sent with nothing chosen', async () => {
    const nothing = new File([], '', { type: 'application/octet-stream' });
    expect(await problemOf(await post(form([nothing])))).toMatchObject({ code: 'no_file' });
  });

  test('an empty file', async () => {
    const problem = await problemOf(
      await post(form([new File([], 'empty.jpg', { type: 'image/jpeg' })])),
    );
    expect(problem).toMatchObject({ status: 400, code: 'empty_file' });
    expect(problem.detail).toContain('empty.jpg');
  });

  test('a body that is cut off by a sender who still listens', async () => {
    const boundary = 'xyz';
    const part = `--${boundary}\r\nContent-Disposition: form-data; name="files"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\nabcdef`;
    const response = await post(part, {
      'Content-Type': `multipart/form-data; boundary=${boundary}`,
    });
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'malformed_body' });
  });

  test('a body that is cut off by a sender who goes away, after a whole file', async () => {
    const head = (name: string) =>
      `--xyz\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\nContent-Type: image/jpeg\r\n\r\n`;
    await raw(
      'POST /api/agent/analyze-media HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n' +
        'Content-Type: multipart/form-data; boundary=xyz\r\n\r\n' +
        `${head('whole.jpg')}abcdef\r\n${head('half.jpg')}abc`,
    );
  });

  test('too many files', async () => {
    const files = ['a', 'b', 'c', 'd'].map(
      (name) => new File(['x'], `${name}.jpg`, { type: 'image/jpeg' }),
    );
    const problem = await problemOf(await post(form(files)));
    expect(problem).toMatchObject({ status: 413, code: 'too_many_files' });
    expect(problem.detail).toContain('3 files');
  });

  test('a file that is too large, whatever it is sent with', async () => {
    const large = new File([Buffer.alloc(300_001)], 'large.jpg', { type: 'image/jpeg' });
    const problem = await problemOf(await post(form([large])));
    expect(problem).toMatchObject({ status: 413, code: 'file_too_large' });
    expect(problem.detail).toMatch(/large\.jpg.*0\.3 MiB/);
  });

  test('a request that is too large says so before it is read', async () => {
    const answer = await raw(
      'POST /api/agent/analyze-media HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n' +
        'Content-Type: multipart/form-data; boundary=xyz\r\n\r\n--xyz\r\n',
      { end: false },
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('body_too_large');
  });

  test('a type that is not supported', async () => {
    const problem = await problemOf(
      await post(form([new File(['hi'], 'notes.txt', { type: 'text/plain' })])),
    );
    expect(problem).toMatchObject({ status: 415, code: 'unsupported_media_type' });
    expect(problem.detail).toMatch(/notes\.txt.*JPEG/);
  });

  test('only bad files: each is listed with its reason', async () => {
    const files = [
      new File(['hi'], 'a.txt', { type: 'text/plain' }),
      new File([], 'b.jpg', { type: 'image/jpeg' }),
    ];
    const problem = await problemOf(await post(form(files)));
    expect(problem.status).toBeGreaterThanOrEqual(400);
    expect(problem.status).toBeLessThan(500);
    expect(problem.rejected).toMatchObject([
      { index: 0, file_name: 'a.txt', code: 'unsupported_media_type' },
      { index: 1, file_name: 'b.jpg', code: 'empty_file' },
    ]);
  });

  test('a language that is none', async () => {
    const response = await post(form([await file('02-cat.png')], { language: '<b>' }));
    expect(await problemOf(response)).toMatchObject({ status: 400, code: 'invalid_request' });
  });

  test.each([
    ['an invalid token', 'Bearer not-a-token'],
    ['another scheme', 'Basic YTpi'],
    ['a token with alg none', `Bearer ${btoa('{"alg":"none"}')}.${btoa('{"sub":"alice"}')}.`],
  ])('%s', async (_title, authorization) => {
    const response = await post(form([await file('02-cat.png')]), { Authorization: authorization });
    expect(await problemOf(response)).toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
  });
});

describe('bytes that are not what they claim', () => {
  test('a Windows binary named .jpg fails, and its bytes are not kept', async () => {
    const user = client(stack);
    const binary = Buffer.concat([Buffer.from('MZ'), Buffer.alloc(2_000, 7)]);
    const { media_ids } = await user.analyze([
      new File([binary], 'photo.jpg', { type: 'image/jpeg' }),
    ]);
    const [media] = await user.results(media_ids);
    expect(media).toMatchObject({
      status: 'failed',
      error_code: 'unsupported_media_type',
      url: null,
    });
    expect(media?.error_message).toContain('photo.jpg');
    // Removed right after the failure was told.
    await eventually(async () => {
      const staged = await objectsIn(stack.environment.STAGING_BUCKET);
      return staged.length === 0 ? true : undefined;
    });
    expect(await objectsIn(stack.environment.MEDIA_BUCKET)).toEqual([]);

    const retry = await user.call(`/api/media/${media_ids[0]}/retry`, { method: 'POST' });
    expect(await problemOf(retry)).toMatchObject({ status: 409, code: 'not_retryable' });
    const content = await user.call(`/api/media/${media_ids[0]}/content`);
    expect(await problemOf(content)).toMatchObject({ status: 404 });
  });

  test('a PNG named .jpg is taken for the PNG that it is', async () => {
    const user = client(stack);
    const png = new File([await file('02-cat.png')], 'cat.jpg', { type: 'image/jpeg' });
    const { media_ids } = await user.analyze([png]);
    expect(await user.results(media_ids)).toMatchObject([
      { status: 'completed', content_type: 'image/png' },
    ]);
  });
});

describe('file names', () => {
  test.each<[string, string?]>([
    ['写真 2019年.png'],
    ['صورة.png'],
    ['😀.png'],
    [`${'long'.repeat(60)}.png`],
    ['a"b.png'],
    ['../../etc/passwd.png', 'passwd.png'],
    ['C:\\temp\\cat.png', 'cat.png'],
    ['bell\u0007 nul\u0000 del\u007f.png', 'bell nul del.png'],
    ['line\r\nbreak.png', 'line break.png'],
    ['\u202egpj.exe', 'gpj.exe'],
  ])('%j is kept for display and never used as a path', async (name, kept = name) => {
    const user = client(stack);
    const picture = new File([await file('02-cat.png')], name, { type: 'image/png' });
    const { media_ids } = await user.analyze([picture]);
    const [media] = await user.results(media_ids);
    expect(media).toMatchObject({ status: 'completed', file_name: kept });
    const content = await user.call(`/api/media/${media_ids[0]}/content`);
    expect((await fetchWhole(content.headers.get('location'))).status).toBe(200);
    const stored = await objectsIn(stack.environment.MEDIA_BUCKET);
    expect(stored.every((object) => /^[A-Za-z0-9]+\/(original|preview)$/.test(object))).toBe(true);
  });
});

describe('ids', () => {
  const paths = ['', '/content', '/preview', '/stream'].map((path) => ['GET', path]);
  const routes = [...paths, ['POST', '/retry'], ['POST', '/restore'], ['DELETE', '']];

  test.each(routes)(
    '%s /api/media/{id}%s: an unknown id and a foreign one look the same',
    async (method, path) => {
      const { media_ids } = await client(stack).analyze([await file('02-cat.png')]);
      const stranger = client(stack, await tokenOf(stack, 'mallory'));
      const foreign = await stranger.call(`/api/media/${media_ids[0]}${path}`, {
        method: method ?? '',
      });
      const unknown = await stranger.call(`/api/media/00000000000000000000${path}`, {
        method: method ?? '',
      });
      const [a, b] = [await problemOf(foreign), await problemOf(unknown)];
      expect(a).toMatchObject({ status: 404, code: 'not_found' });
      expect(a.detail.replace(media_ids[0] ?? '', 'ID')).toBe(b.detail.replace(/0{20}/, 'ID'));
    },
  );

  test.each([
    ['GET', '/api/media/%zz'],
    ['GET', '/api/media/%E0%A4%A/content'],
    ['POST', '/api/media/%zz/retry'],
    ['GET', '/api/media/%zz/stream'],
  ])(
    '%s %s, which cannot be decoded, is a problem for a caller without a token too',
    async (method, path) => {
      const response = await fetch(stack.url + path, { method });
      expect(await problemOf(response)).toMatchObject({ status: 400, code: 'invalid_request' });
      expect(response.headers.get('vary')).toBe('Origin');
    },
  );

  test("a stream tells of the ids that are not the caller's, and streams the others", async () => {
    const user = client(stack);
    const { media_ids } = await user.analyze([await file('02-cat.png')]);
    const events = await user.watch([...media_ids, 'unknown1', '..%2Fx']);
    const problems = events.filter(({ event }) => event === 'problem').map(({ data }) => data);
    expect(problems).toContainEqual({ media_id: 'unknown1', code: 'not_found' });
    expect(problems).toContainEqual({ media_id: '../x', code: 'not_found' });
    expect(events.at(-1)).toMatchObject({ event: 'done', data: { completed: 1, failed: 0 } });
  });

  test('an unknown path and a wrong method are problem documents too', async () => {
    expect(await problemOf(await client(stack).call('/api/nothing'))).toMatchObject({
      status: 404,
    });
    expect(await problemOf(await client(stack).call('/nothing'))).toMatchObject({ status: 404 });
    const wrong = await client(stack).call('/api/media/abc', { method: 'PUT' });
    expect(await problemOf(wrong)).toMatchObject({ status: 405, code: 'method_not_allowed' });
  });
});
