/** `MODERATION=hold`: what is unsafe, or was not judged, is served to nobody, until an operator approves it. */
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FieldValue, type Firestore } from '@google-cloud/firestore';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Media } from '@media-analysis/shared/media';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import { ModerationStore } from '../../functions/features/moderation/store.ts';
import { clip, frame, sendClip } from '../support/frames.ts';
import { type RunningGemini, replies, startGemini } from '../support/gemini-server.ts';
import { longTest } from '../support/long-test.ts';
import { STRICT_IN_LONG_RUN } from '../support/mode.ts';
import {
  client,
  databaseOf,
  file,
  form,
  mediaOf,
  readEvents,
  type Stack,
  startStack,
  tokenOf,
} from '../support/stack.ts';

type Client = ReturnType<typeof client>;

const COMMANDS = fileURLToPath(new URL('../../deploy/', import.meta.url));
const judged = (verdict: string, categories: string[] = []) =>
  replies.answer({ safety: { verdict, categories } });
const unsafe = () => judged('unsafe', ['violence']);
const safe = () => judged('safe');

let gemini: RunningGemini;
let stack: Stack;
let db: Firestore;
let moderation: ModerationStore;
let folder: string;
let name: string;
let user: Client;
let users = 0;

beforeAll(async () => {
  gemini = await startGemini();
  stack = await startStack({
    mode: STRICT_IN_LONG_RUN,
    environment: {
      MODERATION: 'hold',
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
    },
  });
  db = databaseOf(stack);
  moderation = new ModerationStore(db);
  folder = await mkdtemp(join(tmpdir(), 'moderation-'));
});
afterAll(async () => {
  await db.terminate();
  await stack.close();
  await gemini.close();
  await rm(folder, { recursive: true });
});
beforeEach(async () => {
  name = `owner-${users++}`;
  user = client(stack, await tokenOf(stack, name));
});
afterEach(() => gemini.reset());

/** As for a deployed project: the settings of the api say where. */
async function run(command: 'moderation' | 'owner', ...args: string[]): Promise<string> {
  const env = { ...process.env, ...stack.environment, FIRESTORE_DATABASE: '(default)' };
  const path = join(COMMANDS, `${command}.ts`);
  return (await promisify(execFile)(process.execPath, [path, ...args], { env })).stdout;
}

async function waiting(): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of moderation.waiting()) ids.push(id);
  return ids;
}

/** @param fields Of the form: a language of its own gives an answer of its own. */
async function sendCat(fields: Record<string, string> = {}): Promise<string> {
  const body = form([await file('02-cat.png')], fields);
  const response = await user.call('/api/agent/analyze-media', { method: 'POST', body });
  return ((await response.json()) as { media_ids: [string] }).media_ids[0];
}

async function analysed(reply = safe(), fields: Record<string, string> = {}): Promise<Media> {
  gemini.enqueue(reply);
  return result(await sendCat(fields));
}

const result = async (id: string) => ((await user.results([id])) as [Media])[0];

async function describeAgain(id: string, reply: ReturnType<typeof safe>): Promise<Media> {
  gemini.enqueue(reply);
  const path = `/api/media/${id}/analyses/describe`;
  expect((await user.call(path, { method: 'POST' })).status).toBe(202);
  return result(id);
}

interface Problem {
  code?: string;
}

interface Served {
  status: number;
  problem: { code?: string; detail?: string };
  location: string;
}

/** What each of the four ways to the bytes answers; they have to answer alike. */
async function served(id: string): Promise<Served> {
  const asked = ['content', 'preview', 'preview?size=small'].map((which) =>
    user.call(`/api/media/${id}/${which}`),
  );
  const headers = { Accept: 'application/json' };
  const script = await user.call(`/api/media/${id}/content`, { headers });
  const [content, ...previews] = (await Promise.all(asked)) as [Response, Response, Response];
  for (const { status } of previews) expect(status).toBe(content.status);
  const given = content.status === 302 ? 200 : content.status;
  expect(script.status).toBe(given);
  const archive = await user.call('/api/media/download', {
    method: 'POST',
    body: JSON.stringify({ ids: [id] }),
  });
  expect(archive.status).toBe(given);
  await archive.arrayBuffer();
  const body = await content.text();
  const problem = body === '' ? {} : JSON.parse(body);
  return { status: content.status, problem, location: content.headers.get('location') ?? '' };
}

async function expectHeld(id: string, why: Media['held'], detail: RegExp): Promise<void> {
  const { status, problem, location } = await served(id);
  expect({ status, location, code: problem.code }).toEqual({
    status: 403,
    location: '',
    code: 'media_held',
  });
  expect(problem.detail).toMatch(detail);
  expect((await user.get(id)).held).toBe(why);
  const { media } = (await (await user.call('/api/media')).json()) as { media: Media[] };
  expect(media.find((each) => each.id === id)?.held).toBe(why);
  const [first] = mediaOf(await firstEvents(id));
  expect(first?.held).toBe(why);
}

async function expectServed(id: string): Promise<void> {
  expect((await served(id)).status).toBe(302);
  expect(await user.get(id)).not.toHaveProperty('held');
}

async function firstEvents(id: string) {
  const response = await user.call(`/api/media/${id}/stream`);
  for await (const event of readEvents(response)) return [event];
  return [];
}

test('nothing is served before there is a verdict; afterwards by an address that works for two minutes', async () => {
  const answered = Promise.withResolvers<void>();
  gemini.enqueue({ ...safe(), until: answered.promise });
  const id = await sendCat();
  const response = await user.call(`/api/media/${id}/stream`);
  const seen: (Media['held'] | 'served')[] = [];
  let isChecked = false;
  for await (const { event, data } of readEvents(response)) {
    if (event !== undefined) continue;
    const media = data as Media;
    seen.push(media.held ?? 'served');
    if (media.status !== 'analyzing' || isChecked) continue;
    isChecked = true;
    await expectHeld(id, 'unchecked', /before it was checked/);
    answered.resolve();
  }
  expect(new Set(seen)).toEqual(new Set(['unchecked', 'served']));
  await expectServed(id);
  expect((await served(id)).location).toContain('X-Goog-Expires=120&');
});

test('what is unsafe is held back, and a later analysis does not change that', async () => {
  const { id, held, analytics } = await analysed(unsafe());
  expect({ held, title: analytics?.title }).toEqual({ held: 'unsafe', title: 'harbour' });
  await expectHeld(id, 'unsafe', /may be unsafe/);
  expect((await describeAgain(id, safe())).analytics?.safety.verdict).toBe('safe');
  await expectHeld(id, 'unsafe', /may be unsafe/);
  // In the bin too.
  await user.call(`/api/media/${id}`, { method: 'DELETE' });
  for (const size of ['', '?size=small']) {
    const preview = await user.call(`/api/bin/${id}/preview${size}`);
    expect(await preview.json()).toMatchObject({ status: 403, code: 'media_held' });
  }
});

test('a better description of before is not brought back while the media is held back', async () => {
  const { id } = await analysed(safe());
  await describeAgain(id, unsafe());
  // As if all this had been while moderation was off: the verdict is in the description alone.
  await db.collection('media').doc(id).update({ moderation: FieldValue.delete() });
  const kept = await (await user.call(`/api/media/${id}/results`)).json();
  const [earlier] = (kept as { results: { id: string; analytics: Media['analytics'] }[] }).results;
  expect(earlier?.analytics?.safety.verdict).toBe('safe');
  const path = `/api/media/${id}/results/${earlier?.id}/restore`;
  const refused = await user.call(path, { method: 'POST' });
  expect(await refused.json()).toMatchObject({ status: 403, code: 'media_held' });
  await expectHeld(id, 'unsafe', /may be unsafe/);
});

longTest(
  'an earlier description that says unsafe holds back all copies when it is brought back, and an operator finds them',
  async () => {
    const { id } = await analysed(unsafe());
    await describeAgain(id, safe());
    // As if all this had been while moderation was off: the verdict is in the earlier description alone.
    await db.collection('media').doc(id).update({ moderation: FieldValue.delete() });
    const { id: copy } = await analysed(safe(), { language: 'ja' });
    await db.collection('media').doc(copy).update({ moderation: FieldValue.delete() });
    for (const each of [id, copy]) await expectServed(each);
    const kept = await (await user.call(`/api/media/${id}/results`)).json();
    const [earlier] = (kept as { results: { id: string }[] }).results;
    const path = `/api/media/${id}/results/${earlier?.id}/restore`;
    const restored = await user.call(path, { method: 'POST' });
    expect(await restored.json()).toMatchObject({
      held: 'unsafe',
      analytics: { safety: { verdict: 'unsafe' } },
    });
    for (const each of [id, copy]) await expectHeld(each, 'unsafe', /may be unsafe/);
    expect(await waiting()).toEqual(expect.arrayContaining([id, copy]));
    await moderation.decide(id, 'approved', 'kim');
    for (const each of [id, copy]) await expectServed(each);
  },
);

describe('frames that a sender has chosen are not shown', () => {
  const statusOf = async (id: string, which: string) => {
    const response = await user.call(`/api/media/${id}/${which}`);
    const { code = '' } = response.status === 302 ? {} : ((await response.json()) as Problem);
    return `${response.status} ${code}`.trim();
  };

  async function sendVideo(jpeg: string): Promise<string> {
    const id = await sendClip(user, { times: [0.5], jpegs: [await frame(jpeg)] });
    expect((await result(id)).frames).toBeUndefined();
    return id;
  }

  longTest('although a model has looked at the video itself, and calls it safe', async () => {
    gemini.enqueue(safe());
    const id = await sendVideo('02-cat.png');
    expect(await user.get(id)).toMatchObject({ analytics: { safety: { verdict: 'safe' } } });
    expect(await statusOf(id, 'content')).toBe('302');
    expect(await statusOf(id, 'preview')).toBe('403 media_held');
    expect(await statusOf(id, 'frames')).toBe('403 media_held');
    const exported = join(folder, name);
    await run('owner', 'export', name, exported);
    expect(await readdir(join(exported, 'files'))).toEqual([`${id}.mp4`]);
  });

  longTest(
    'although an operator has approved the video with others, which is what the operator looks at',
    async () => {
      gemini.enqueue(unsafe());
      const id = await sendVideo('02-cat.png');
      const path = join(folder, `${id}.mp4`);
      await run('moderation', 'look', id, path);
      expect(await readFile(path)).toEqual(await clip());
      await moderation.decide(id, 'approved', 'kim');
      const later = await sendVideo('08-lake.jpg');
      expect(await statusOf(later, 'content')).toBe('302');
      expect(await statusOf(later, 'preview')).toBe('403 media_held');
      expect(await statusOf(later, 'frames')).toBe('403 media_held');
    },
  );
});

test('what is sensitive is served', async () => {
  await expectServed((await analysed(judged('sensitive', ['injury']))).id);
});

describe('what no model has judged is held back', () => {
  test('as it was only stored; a description checks it', async () => {
    const body = form([await file('02-cat.png')]);
    const response = await user.call('/api/media', { method: 'POST', body });
    const { media_id: id, media } = (await response.json()) as { media_id: string; media: Media };
    expect(media.held).toBe('unchecked');
    await result(id);
    await expectHeld(id, 'unchecked', /Nothing checks it by itself: it stays so until/);
    await describeAgain(id, safe());
    await expectServed(id);
  });

  test('as the model has refused to look at it', async () => {
    const { id, status } = await analysed(replies.blockedAnswer());
    expect(status).toBe('failed');
    await expectHeld(id, 'unchecked', /was not checked/);
  });

  test('as it was asked for something else than a description', async () => {
    const { id, status } = await analysed(replies.good(), { analyses: 'receipt' });
    expect(status).toBe('completed');
    await expectHeld(id, 'unchecked', /was not checked/);
  });

  test('as the model does not judge', async () => {
    await expectHeld((await analysed(judged('unknown'))).id, 'unchecked', /was not checked/);
  });
});

describe('copies of the same content share the verdict', () => {
  test('a later copy is held back although its own analysis finds nothing', async () => {
    await analysed(unsafe());
    const { id } = await analysed(safe(), { language: 'ja' });
    await expectHeld(id, 'unsafe', /may be unsafe/);
  });

  test('also one that takes the answer of a copy whose last answer is safe', async () => {
    const { id } = await analysed(unsafe());
    await describeAgain(id, safe());
    gemini.reset();
    const later = await result(await sendCat());
    expect(gemini.requests).toEqual([]);
    expect(later.analytics?.safety.verdict).toBe('safe');
    await expectHeld(later.id, 'unsafe', /may be unsafe/);
  });

  longTest(
    'an earlier one is held back as soon as it is known, and an open stream says so',
    async () => {
      const { id: earlier } = await analysed(safe());
      await expectServed(earlier);
      const answered = Promise.withResolvers<void>();
      gemini.enqueue({ ...unsafe(), until: answered.promise });
      const later = await sendCat({ language: 'ja' });
      const response = await user.call(`/api/agent/analyze-media/stream?ids=${earlier},${later}`);
      const events = [];
      for await (const event of readEvents(response)) {
        events.push(event);
        answered.resolve();
      }
      const ofEarlier = mediaOf(events).filter(({ id }) => id === earlier);
      expect(ofEarlier.map(({ held }) => held)).toEqual([undefined, 'unsafe']);
      await expectHeld(earlier, 'unsafe', /may be unsafe/);
    },
  );

  test('those of another owner do not', async () => {
    await analysed(unsafe());
    user = client(stack, await tokenOf(stack, `owner-${users++}`));
    await expectServed((await analysed(safe())).id);
  });
});

describe('an operator', () => {
  longTest(
    'finds what waits, looks at it and approves it with all copies: who and when is kept',
    async () => {
      const { id } = await analysed(unsafe());
      const { id: copy } = await analysed(unsafe(), { language: 'ja' });
      const list = await run('moderation', 'list');
      expect(list).toMatch(
        new RegExp(`^${id}  unsafe  \\["violence"\\]  "${name}"  "02-cat.png"`, 'm'),
      );
      const path = join(folder, `${id}.jpg`);
      await run('moderation', 'look', id, path);
      expect((await readFile(path)).subarray(0, 2)).toEqual(Buffer.of(0xff, 0xd8));
      const said = await run('moderation', 'approve', id, '--by', 'kim');
      expect(said).toContain('2 media with this content are approved.');
      for (const each of [id, copy]) await expectServed(each);
      expect(await waiting()).not.toContain(id);
      // It stays, also after another analysis, and for a copy that comes later.
      await describeAgain(id, unsafe());
      await expectServed(id);
      await expectServed((await analysed(unsafe(), { language: 'fr' })).id);
      await run('moderation', 'reject', id, '--by', 'sam');
      const all = await run('moderation', 'list', '--all');
      const decisions = /rejected .* approved by "kim" \d{4}-.*Z {2}rejected by "sam" \d{4}-/;
      expect(all.split('\n').find((line) => line.startsWith(copy))).toMatch(decisions);
    },
  );

  longTest('is told that a decision needs a name', async () => {
    const failed = await run('moderation', 'approve', 'any').catch((error) => error);
    expect(failed).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/\n\nSay who decides, with --by NAME\.\n$/),
    });
  });

  test('rejects what no model found unsafe, and a copy that is sent later is rejected, too', async () => {
    const { id } = await analysed(safe());
    await moderation.decide(id, 'rejected', 'kim');
    await expectHeld(id, 'rejected', /An operator/);
    await describeAgain(id, safe());
    await expectHeld(id, 'rejected', /An operator/);
    const later = await result(await sendCat());
    await expectHeld(later.id, 'rejected', /An operator/);
  });

  test('approves what was not checked; if it is called unsafe later, it waits again', async () => {
    const { id } = await analysed(replies.blockedAnswer());
    expect(await waiting()).not.toContain(id);
    await moderation.decide(id, 'approved', 'kim');
    await expectServed(id);
    await describeAgain(id, unsafe());
    await expectHeld(id, 'unsafe', /may be unsafe/);
    expect(await waiting()).toContain(id);
    await moderation.decide(id, 'approved', 'kim');
    await expectServed(id);
  });

  longTest('is told what is wrong, and nothing is decided', async () => {
    const { id } = await analysed(unsafe());
    await expect(run('moderation', 'approve', 'nowhere', '--by', 'kim')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('nowhere'),
    });
    await expect(run('moderation', 'approve', id)).rejects.toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--by NAME'),
    });
    await expectHeld(id, 'unsafe', /may be unsafe/);
  });
});

longTest('an export leaves out what is held back, and a deletion removes it', async () => {
  const { id } = await analysed(unsafe());
  const exported = join(folder, name);
  expect(await run('owner', 'export', name, exported)).toContain('The files of 1 are left out');
  expect(await readdir(join(exported, 'files'))).toEqual([]);
  const { media } = JSON.parse(await readFile(join(exported, 'media.json'), 'utf8'));
  expect(media).toMatchObject([{ id, held: 'unsafe' }]);
  expect((await user.call(`/api/media/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await user.call(`/api/media/${id}/content`)).status).toBe(404);
  expect(await waiting()).not.toContain(id);
});
