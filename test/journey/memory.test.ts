/** What passes through the api and the worker does not stay in them. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect } from '@jest/globals';
import { createUploadsResponseSchema } from '@media-analysis/shared/api';
import { largeVideo, largeVideoPieces } from '../support/large-video.ts';
import { needing } from '../support/needing.ts';
import { client, file, form } from '../support/stack.ts';
import { childrenOf, type StartedStack, start, stop } from '../support/started.ts';

const it = needing('ps');

const MEGABYTE = 1_000_000;
const SEND = fileURLToPath(new URL('../support/send-large.ts', import.meta.url));

let dataDir: string;
let child: Awaited<ReturnType<typeof start>>['child'];
let stack: StartedStack;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'memory-'));
  // All uploads are of one owner.
  const environment = { MAX_UPLOADS_IN_FLIGHT: '20' };
  ({ child, stack } = await start(dataDir, '0', { environment }));
});
afterAll(async () => {
  await stop(child, 'SIGTERM');
  rmSync(dataDir, { recursive: true, force: true });
});

/** Bytes of memory that a process holds. */
function residentSize(pid: number): number {
  return (
    Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1_024
  );
}

/** By how many megabytes a unit grows at most while `work` goes on. */
async function growthOf(unit: 'api' | 'worker', work: () => Promise<void>): Promise<number> {
  const pid = childrenOf(child.pid ?? 0).find(({ command }) =>
    command.includes(`--target=${unit}`),
  )?.pid;
  const before = residentSize(pid ?? 0);
  let peak = before;
  const sampling = setInterval(() => {
    peak = Math.max(peak, residentSize(pid ?? 0));
  }, 100);
  try {
    await work();
  } finally {
    clearInterval(sampling);
  }
  return (peak - before) / MEGABYTE;
}

async function store(media: File): Promise<void> {
  const user = client(stack);
  const response = await user.call('/api/media', { method: 'POST', body: form([media]) });
  const { media_id } = (await response.json()) as { media_id: string };
  await user.results([media_id]);
}

// First, as the photos that the other test sends leave their room behind.
it('the worker stays flat while it looks at a video of 150 MB', async () => {
  // Loads what any first video loads.
  await store(await largeVideo(1_000_000));
  const size = 150 * MEGABYTE;
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

  const growth = await growthOf('worker', async () => {
    await user.call(`/api/media/${media_id}/uploaded`, { method: 'POST' });
    const [result] = await user.results([media_id]);
    expect(result).toMatchObject({ status: 'completed', size });
  });
  expect(growth).toBeLessThanOrEqual(60);
});

it('the api stays flat while 20 uploads of 30 MB run side by side', async () => {
  // Loads what any first request loads.
  await client(stack).analyze([await file('02-cat.png')]);
  const growth = await growthOf('api', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [SEND, stack.url, '20', '30']);
    expect(new Set(stdout.trim().split(' '))).toEqual(new Set(['202']));
  });
  expect(growth).toBeGreaterThan(0);
  expect(growth).toBeLessThanOrEqual(40);
});
