/** `npm run deploy:check`, as it is and with one thing changed: it has to notice. */
import { execFile } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COPIED = ['deploy', 'functions', 'local', 'shared', 'terraform'];
const FILES = ['README.md', 'firestore.indexes.json', 'package.json'];

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'media-analysis-check-'));
  const filter = (path: string) => !path.includes('node_modules');
  for (const name of [...COPIED, ...FILES]) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true, filter });
  }
  const packages = join(copy, 'node_modules');
  mkdirSync(join(packages, '@media-analysis'), { recursive: true });
  for (const name of ['functions', 'local', 'shared']) {
    symlinkSync(join(copy, name), join(packages, '@media-analysis', name));
  }
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (name === '@media-analysis') continue;
    symlinkSync(join(ROOT, 'node_modules', name), join(packages, name));
  }
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

function check(): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, NODE_COMPILE_CACHE: join(copy, 'compile-cache') };
    execFile(
      process.execPath,
      [join(copy, 'deploy/check.ts')],
      { env },
      (error, stdout, stderr) => {
        resolve({ code: error ? Number(error.code) : 0, output: stdout + stderr });
      },
    );
  });
}

/** Puts `after` in the place of `before`, once, and back when the check has run. */
async function checkWith(path: string, before: string | RegExp, after: string) {
  const file = join(copy, path);
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(before, after);
  expect(changed).not.toBe(text);
  writeFileSync(file, changed);
  try {
    return await check();
  } finally {
    writeFileSync(file, text);
  }
}

test('the deployment agrees with the code', async () => {
  expect(await check()).toEqual({ code: 0, output: expect.not.stringContaining('FAILED') });
});

describe('the check fails, and says where, when', () => {
  const index = /\{\s*"collectionGroup": "media",\s*"queryScope"[\s\S]*?\]\s*\},/;
  const unused = `{ "collectionGroup": "media", "queryScope": "COLLECTION", "fields": [
    { "fieldPath": "size", "order": "ASCENDING" }, { "fieldPath": "title", "order": "ASCENDING" } ] },`;
  const route = "route('GET', '/api/media', listMedia),";

  test.each<[string, string, string | RegExp, string, string]>([
    [
      'a variable is renamed in the code',
      'functions/cloud/config.ts',
      'MAX_FILE_BYTES:',
      'FILE_BYTES_MAX:',
      'api: the code reads FILE_BYTES_MAX, and terraform/ does not set it',
    ],
    [
      'a variable is renamed in Terraform',
      'terraform/worker.tf',
      /(\n +)LEASE_S( +=)/,
      '$1LEASE_SECONDS$2',
      'worker: terraform/ sets LEASE_SECONDS, and the code does not read it',
    ],
    [
      'a default changes in the code alone',
      'functions/cloud/config.ts',
      'LEASE_S: positiveInt.default(30)',
      'LEASE_S: positiveInt.default(40)',
      'worker: LEASE_S is "30" in terraform/ and "40" in the code',
    ],
    [
      'a route is added to the api outside of what it gets',
      'functions/api/handler.ts',
      route,
      `${route} route('GET', '/v2/media', listMedia),`,
      'api: the URL map sends GET /v2/media to the page',
    ],
    [
      'a route is added to the stream that the api would get',
      'functions/stream/handler.ts',
      "path: '/api/media/:id/stream'",
      "path: '/api/media/:id/events'",
      'stream: the URL map sends GET /api/media/:id/events to api',
    ],
    [
      'a route is added and told to nobody',
      'functions/api/handler.ts',
      route,
      `${route} route('GET', '/api/media/:id/history', getMedia),`,
      'README.md does not tell of GET /api/media/{id}/history',
    ],
    [
      'the worker is put behind the load balancer',
      'terraform/url_map.tf',
      'prefix_match = "/api/"',
      'prefix_match = "/"',
      'worker: the URL map sends /tasks/upload-media to api',
    ],
    [
      'the scheduler calls what is not there',
      'terraform/scheduler.tf',
      '/tasks/sweep"',
      '/tasks/sweeper"',
      'worker: no job in terraform/ calls /tasks/sweep',
    ],
    [
      'an index is removed',
      'firestore.indexes.json',
      index,
      '',
      'requires an index that is not defined: media (owner_id ASCENDING, created_at DESCENDING)',
    ],
    [
      'an index is there for nothing',
      'firestore.indexes.json',
      '"indexes": [',
      `"indexes": [${unused}`,
      'no query needs the index on media (size, title)',
    ],
    [
      'records would never expire',
      'firestore.indexes.json',
      /"fieldPath": "expires_at",\s*"ttl": true,/,
      '"fieldPath": "expires_at",',
      'no ttl on idempotency.expires_at',
    ],
    [
      'a collection is new',
      'functions/api/idempotency.ts',
      "= 'idempotency'",
      "= 'requests' as never",
      'cloud/collections.ts does not list requests',
    ],
    [
      'a queue is renamed in the code',
      'functions/cloud/config.ts',
      "'media-analyze'",
      "'media-analysis'",
      'ANALYZE_QUEUE is "media-analysis" in the code and "media-analyze" in terraform/',
    ],
    [
      'a queue is renamed in Terraform',
      'terraform/queues.tf',
      '"media-upload"',
      '"media-store"',
      'UPLOAD_QUEUE is "media-upload" in the code and "media-store" in terraform/',
    ],
  ])('%s', async (_what, path, before, after, said) => {
    const { code, output } = await checkWith(path, before, after);
    expect(output).toContain(said);
    expect(code).toBe(1);
  });
});
