/** The log tells what happened to each media, and neither a secret nor what a file is called. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { AppError } from '@media-analysis/shared/errors';
import type { AnalyzeMediaResponse } from '@media-analysis/shared/uploads';
import { createLogger, describeError } from '../../functions/process/log.ts';
import { endWithUs } from '../support/end-with-us.ts';
import { eventually, file, form } from '../support/stack.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const NAMES = ['Holiday in Rome.png', 'Payslip March.jpg', 'Diary.txt'];

interface Line {
  severity: string;
  time: string;
  unit: string;
  message: string;
  media_id?: string;
  [field: string]: unknown;
}

let output = '';
let token: string;
let link: URL;
let done: string;
let failed: string;

/** The journey of three files, with everything logged that can be. */
beforeAll(async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'media-analysis-logs-'));
  const program = fileURLToPath(new URL('../../local/start.ts', import.meta.url));
  // The networks of local/vision have 30 s for a picture. A busy machine may need more, and a second call is another story.
  const ANALYSIS_MODEL = 'local/facts';
  const env = {
    ...process.env,
    ANALYSIS_MODEL,
    PORT: '0',
    LOCAL_DATA_DIR: dataDir,
    LOG_LEVEL: 'debug',
  };
  const child = endWithUs(spawn(process.execPath, [program], { env }));
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  try {
    const url = await eventually(async () => /Ready on (\S+)/.exec(output)?.[1]);
    await journey(url);
  } finally {
    child.kill('SIGTERM');
    await once(child, 'exit');
    await rm(dataDir, { recursive: true });
  }
});

async function journey(url: string): Promise<void> {
  const signedIn = await fetch(`${url}/local/token`, { method: 'POST', body: '{"sub":"alice"}' });
  token = ((await signedIn.json()) as { token: string }).token;
  const headers = {
    Authorization: `Bearer ${token}`,
    traceparent: `00-${TRACE}-00f067aa0ba902b7-01`,
  };
  const call = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { redirect: 'manual', headers, ...init });
  const picture = await file('02-cat.png');
  const files = [
    new File([picture], NAMES[0] ?? '', { type: 'image/png' }),
    new File(['not a picture'], NAMES[1] ?? '', { type: 'image/jpeg' }),
    new File(['words'], NAMES[2] ?? '', { type: 'text/plain' }),
  ];
  const accepted = await call('/api/agent/analyze-media', { method: 'POST', body: form(files) });
  const { media_ids } = (await accepted.json()) as AnalyzeMediaResponse;
  [done = '', failed = ''] = media_ids;
  const cookie = { Cookie: `__session=${token}` };
  const stream = await call(`/api/agent/analyze-media/stream?ids=${media_ids}`, {
    headers: cookie,
  });
  expect(await stream.text()).toContain('event: done');
  link = new URL((await call(`/api/media/${done}/content`)).headers.get('location') ?? '');
  const content = await fetch(link);
  expect(content.status).toBe(200);
  // A body that nobody reads keeps its connection.
  await content.arrayBuffer();
  // What goes wrong is logged too.
  await call(`/api/media?limit=0&token=${token}`);
  await call('/api/media', { headers: { Authorization: `Bearer ${token.slice(0, -3)}abc` } });
  await call(`/api/media/${failed}/retry`, { method: 'POST' });
  await call(`/api/media/${done}`, { method: 'DELETE' });
}

function lines(): Line[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
}

test('no token and no signature is in it, whatever goes wrong', () => {
  const [, claims = '', signature = ''] = token.split('.');
  const signed = link.searchParams.get('X-Goog-Signature') ?? '';
  expect(signed.length).toBeGreaterThan(100);
  for (const secret of [token, claims, signature, signed, signed.slice(0, 40)]) {
    expect(output).not.toContain(secret);
  }
  expect(output).not.toMatch(/X-Goog-Signature|Bearer ey|__session=/);
});

test('no file name is in it', () => {
  for (const name of NAMES) {
    expect(output).not.toContain(name);
    expect(output).not.toContain(name.split(' ')[0]);
  }
});

test('each line is one event, as Cloud Logging reads it', () => {
  expect(lines().length).toBeGreaterThan(15);
  for (const line of lines()) {
    expect(line).toMatchObject({ unit: expect.any(String), message: expect.any(String) });
    expect(line.severity).toMatch(/^(DEBUG|INFO|WARNING|ERROR|CRITICAL)$/);
    expect(new Date(line.time).toISOString()).toBe(line.time);
  }
});

test('the story of a media is told in order, under one trace from its request to its analysis', () => {
  const story = lines().filter(
    ({ media_id, severity }) => media_id === done && severity === 'INFO',
  );
  expect(story.map(({ message }) => message)).toEqual([
    'accepted',
    'claimed',
    'stored',
    'delivery',
    'claimed',
    'analysed',
    'delivery',
  ]);
  for (const line of story) {
    expect(line['logging.googleapis.com/trace']).toMatch(new RegExp(`/traces/${TRACE}$`));
    expect(line.attempt).toBe(1);
  }
  const deliveries = story.filter(({ message }) => message === 'delivery');
  expect(deliveries).toMatchObject([
    { phase: 'upload', task: `${done}-upload-1`, duration_ms: expect.any(Number) },
    { phase: 'analyze', task: `${done}-analyze-1`, duration_ms: expect.any(Number) },
  ]);
});

test('a failure says why, and a stream when it began and ended', () => {
  const failure = lines().find(
    ({ media_id, message }) => media_id === failed && message === 'failed',
  );
  expect(failure).toMatchObject({ severity: 'WARNING', code: 'unsupported_media_type' });
  const stream = lines().filter(({ unit }) => unit === 'stream');
  expect(stream.find(({ message }) => message === 'stream opened')).toMatchObject({ ids: 2 });
  expect(stream.find(({ message }) => message === 'stream closed')).toMatchObject({
    complete: true,
    duration_ms: expect.any(Number),
  });
});

describe('an error in the log', () => {
  const secretive = Object.assign(new Error('Request failed with status code 401'), {
    code: 401,
    config: {
      headers: { Authorization: 'Bearer secret' },
      url: 'https://x/?X-Goog-Signature=secret',
    },
    response: { headers: { 'set-cookie': 'secret' }, data: 'secret' },
  });

  test('carries nothing of the request that failed', () => {
    const written: string[] = [];
    const logger = createLogger('test', 'info', { write: (line: string) => written.push(line) });
    logger.error({ error: new AppError('unavailable', 'No.', { cause: secretive }) }, 'failed');
    expect(written.join()).toContain('Request failed with status code 401');
    expect(written.join()).not.toContain('secret');
  });

  test('names no file: the message of an AppError is for the person who sent it', () => {
    const error = new AppError('media_corrupt', '"Payslip.jpg" is damaged.', { cause: secretive });
    expect(describeError(error)).toMatchObject({ type: 'AppError', code: 'media_corrupt' });
    expect(JSON.stringify(describeError(error))).not.toContain('Payslip');
  });

  test('ends, however its causes lead on', () => {
    const loop = new Error('a');
    loop.cause = new Error('b', { cause: loop });
    expect(JSON.stringify(describeError(loop)).length).toBeLessThan(20_000);
  });
});
