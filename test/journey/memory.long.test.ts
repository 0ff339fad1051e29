/** What passes through the api and the worker does not stay in them, however much it is. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { createUploadsResponseSchema } from '@media-analysis/shared/large-uploads';
import { largeVideo, largeVideoPieces } from '../support/large-video.ts';
import { needing } from '../support/needing.ts';
import { client, file, form, type Stack, startStack } from '../support/stack.ts';

const MEGABYTE = 1_000_000;
const SEND = fileURLToPath(new URL('../support/send-large.ts', import.meta.url));

/** The whole product with its data on disk: in memory they would be this process's. */
async function startOnDisk(): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'memory-'));
  // All uploads are of one owner.
  const stack = await startStack({ dataDir, environment: { MAX_UPLOADS_IN_FLIGHT: '20' } });
  const close = async () => {
    await stack.close();
    await rm(dataDir, { recursive: true });
  };
  return { ...stack, close };
}

/** Bytes of memory that a process holds. */
function residentSize(pid: number): number {
  return (
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1_024
  );
}

/** By how many megabytes a unit grows at most while `work` goes on. */
async function growthOf(
  { units }: Stack,
  unit: 'api' | 'worker',
  work: () => Promise<void>,
): Promise<number> {
  const { pid = Number.NaN } = units[unit];
  const before = residentSize(pid);
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentSize(pid));
  }, 100);
  try {
    await work();
  } finally {
    clearInterval(sampling);
  }
  return (peak - before) / MEGABYTE;
}

async function store(stack: Stack, media: File): Promise<void> {
  const user = client(stack);
  const response = await user.call('/api/media', { method: 'POST', body: form([media]) });
  const { media_id } = (await response.json()) as { media_id: string };
  await user.results([media_id]);
}

/** Call it before `expectFlatApi`, whose photos leave their room behind. */
async function expectFlatWorker(stack: Stack, megabytes: number): Promise<void> {
  // Loads what any first video loads.
  await store(stack, await largeVideo(1_000_000));
  const size = megabytes * MEGABYTE;
  const user = client(stack);
  const announced = await user.call('/api/media/uploads', {
    method: 'POST',
    body: JSON.stringify({
      files: [{ file_name: 'holiday.mov', content_type: 'video/quicktime', size }],
      analyze: false,
    }),
  });
  const { uploads } = createUploadsResponseSchema.parse(await announced.json());
  const { media_id = '', upload_url } = uploads[0] ?? {};
  const body = Readable.toWeb(Readable.from(largeVideoPieces(size)));
  const init = { method: 'PUT', body, duplex: 'half' } as RequestInit;
  expect((await fetch(upload_url ?? '', init)).status).toBe(200);

  const growth = await growthOf(stack, 'worker', async () => {
    await user.call(`/api/media/${media_id}/uploaded`, { method: 'POST' });
    const [result] = await user.results([media_id]);
    expect(result).toMatchObject({ status: 'completed', size });
  });
  expect(growth).toBeLessThanOrEqual(60);
}

async function expectFlatApi(stack: Stack, megabytes: number): Promise<void> {
  // Loads what any first request loads.
  await client(stack).analyze([await file('02-cat.png')]);
  const growth = await growthOf(stack, 'api', async () => {
    const args = [SEND, stack.url, '20', String(megabytes)];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    expect(new Set(stdout.trim().split(' '))).toEqual(new Set(['202']));
  });
  expect(growth).toBeGreaterThan(0);
  expect(growth).toBeLessThanOrEqual(40);
}

const it = needing('ps');

let stack: Stack;
beforeAll(async () => {
  stack = await startOnDisk();
});
afterAll(() => stack.close());

it('the worker stays flat while it looks at a video of 150 MB', () => expectFlatWorker(stack, 150));

it('the api stays flat while 20 uploads of 30 MB run side by side', () => expectFlatApi(stack, 30));
