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
import { longTest, shortened } from '../support/long-test.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COPIED = [
  'deploy',
  'functions',
  'local',
  'local-cloud',
  'sandbox',
  'shared',
  'terraform',
  'vision',
];
const FILES = ['README.md', 'README.ja.md', 'docs', 'firestore.indexes.json', 'package.json'];

let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'media-analysis-check-'));
  const filter = (path: string) => !path.includes('node_modules');
  for (const name of [...COPIED, ...FILES]) {
    cpSync(join(ROOT, name), join(copy, name), { recursive: true, filter });
  }
  const packages = join(copy, 'node_modules');
  mkdirSync(join(packages, '@media-analysis'), { recursive: true });
  for (const name of ['functions', 'local', 'local-cloud', 'sandbox', 'shared', 'vision']) {
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

interface Change {
  what: string;
  path: string;
  before: string | RegExp;
  after: string;
  /** How the check tells of it. */
  said: string;
}

/** Runs the check with all of these at once, and undoes them. */
async function checkWith(changes: Change[]) {
  const originals = new Map<string, string>();
  for (const { path, before, after } of changes) {
    const file = join(copy, path);
    const text = readFileSync(file, 'utf8');
    if (!originals.has(file)) originals.set(file, text);
    const changed = text.replace(before, after);
    if (changed === text) throw new Error(`${path} has no ${before} any more.`);
    writeFileSync(file, changed);
  }
  try {
    return await check();
  } finally {
    for (const [file, text] of originals) writeFileSync(file, text);
  }
}

test('the deployment agrees with the code', async () => {
  expect(await check()).toEqual({ code: 0, output: expect.not.stringContaining('FAILED') });
});

const index = /\{\s*"collectionGroup": "media",\s*"queryScope"[\s\S]*?\]\s*\},/;
const unused = `{ "collectionGroup": "media", "queryScope": "COLLECTION", "fields": [
  { "fieldPath": "size", "order": "ASCENDING" }, { "fieldPath": "title", "order": "ASCENDING" } ] },`;

/** Something more in terraform/access.tf. */
const grant = (what: string, said: string, more: string): Change => ({
  what,
  path: 'terraform/access.tf',
  before: /$/,
  after: more,
  said,
});

/** Those of one list are made together, as each run takes a second. */
const CHANGES: Record<string, Change[]> = {
  'in the code, in what Firestore is told, or in who may call the worker': [
    {
      what: 'a variable is renamed',
      path: 'functions/core/accept/settings.ts',
      before: 'MAX_FILE_BYTES:',
      after: 'FILE_BYTES_MAX:',
      said: 'api: the code reads FILE_BYTES_MAX, and terraform/ does not set it',
    },
    {
      what: 'a default changes',
      path: 'functions/core/work/settings.ts',
      before: 'LEASE_S: positiveInt.default(30)',
      after: 'LEASE_S: positiveInt.default(40)',
      said: 'worker: LEASE_S is "30" in terraform/ and "40" in the code',
    },
    {
      what: 'Node is started with another option on this machine',
      path: 'local/base/units.ts',
      before: "'--expose-gc'",
      after: "'--expose-gc', '--trace-gc'",
      said: 'worker: NODE_OPTIONS in terraform/ is not "--max-semi-space-size=2 --expose-gc --trace-gc"',
    },
    {
      what: 'an owner may have so many media in the queues that others wait',
      path: 'functions/core/media/settings.ts',
      before: 'MAX_QUEUED_PER_OWNER: positiveInt.default(10)',
      after: 'MAX_QUEUED_PER_OWNER: positiveInt.default(11)',
      said: 'MAX_QUEUED_PER_OWNER is 11: above 10 one owner stands in the way of others',
    },
    {
      what: 'one unit holds back what another one shows',
      path: 'terraform/stream.tf',
      before: 'MODERATION = var.moderation',
      after: 'MODERATION = "off"',
      said: 'MODERATION of the api, the worker and the stream differ in terraform/',
    },
    {
      what: 'there is a provider that Terraform does not know',
      path: 'functions/analysis/catalog/model-name.ts',
      before: 'export const PROVIDERS = {',
      after: 'export const PROVIDERS = { acme: { names: /a/, takesVideos: false },',
      said: 'The variable model_fallback refuses the models of acme/.',
    },
    {
      what: 'the key of a provider has no secret',
      path: 'terraform/secrets.tf',
      before: '"openai_api_key"',
      after: '"open_ai_key"',
      said: 'There is no secret google_secret_manager_secret.openai_api_key, which has the key of openai/.',
    },
    {
      what: 'the version of a provider’s key cannot be set',
      path: 'terraform/worker_settings.tf',
      before: 'variable "openai_key_version"',
      after: 'variable "openai_version"',
      said: 'There is no variable openai_key_version.',
    },
    {
      what: 'a queue is renamed',
      path: 'functions/core/media/settings.ts',
      before: "'media-analyze'",
      after: "'media-analysis'",
      said: 'ANALYZE_QUEUE is "media-analysis" in the code and "media-analyze" in terraform/',
    },
    {
      what: 'a call in the tier flex may take longer than its delivery leaves it',
      path: 'functions/analysis/flex.ts',
      before: '15 * 60_000',
      after: '20 * 60_000',
      said: 'A call in the tier flex may take 1200 s, and its delivery leaves it 1083 s',
    },
    {
      what: 'an ordinary delivery may work until Cloud Tasks gives it up',
      path: 'functions/core/work/settings.ts',
      before: '.default(240)',
      after: '.default(300)',
      said: 'A delivery works for 300 s, and Cloud Tasks gives it up after 300 s',
    },
    {
      what: 'Cloud Tasks waits longer for the tier flex than Cloud Run lets it work',
      path: 'functions/core/media/settings.ts',
      before: '.default(1_080)',
      after: '.default(1_200)',
      said: 'Cloud Tasks waits 1200 s for a delivery in the tier flex, and Cloud Run ends it after 1080 s',
    },
    {
      what: 'a route is added to the api outside of what it gets',
      path: 'shared/large-uploads.ts',
      before: "path: '/api/media/{id}/uploaded'",
      after: "path: '/v2/media/{id}/uploaded'",
      said: 'api: the URL map sends POST /v2/media/:id/uploaded to the page',
    },
    {
      what: 'a route is added and told to nobody',
      path: 'shared/uploads.ts',
      before: "path: '/api/media/{id}/frames'",
      after: "path: '/api/media/{id}/history'",
      said: 'docs/api.md does not document POST /api/media/{id}/history',
    },
    {
      what: 'a route is added to the stream that the api would get',
      path: 'shared/event-streams.ts',
      before: "path: '/api/media/{id}/stream'",
      after: "path: '/api/media/{id}/events'",
      said: 'stream: the URL map sends GET /api/media/:id/events to api',
    },
    {
      what: 'another model is named as an example',
      path: 'functions/analysis/catalog/model-name.ts',
      before: "EXAMPLE_GEMINI = 'gemini-3.5-flash-lite'",
      after: "EXAMPLE_GEMINI = 'gemini-4-lite'",
      said: 'README.md names gemini-3.5-flash-lite, and the code gemini-4-lite',
    },
    {
      what: 'the headers of the page leave something open',
      path: 'shared/page-headers.json',
      before: '"{sign_in}"',
      after: '"{sign_in}", "{maps}"',
      said: 'shared/page-headers.json leaves {maps} open',
    },
    {
      what: 'a collection is new',
      path: 'functions/core/accept/acceptances.ts',
      before: "= 'idempotency'",
      after: "= 'requests'",
      said: 'deploy/check/collections.ts does not list requests',
    },
    {
      what: 'an index is removed',
      path: 'firestore.indexes.json',
      before: index,
      after: '',
      said: 'requires an index that is not defined: media (owner_id ASCENDING, created_at DESCENDING)',
    },
    {
      what: 'an index of vectors that Terraform would build anew each time',
      path: 'firestore.indexes.json',
      before:
        /\{\s*"fieldPath": "__name__",\s*"order": "ASCENDING"\s*\},(?=\s*\{\s*"fieldPath": "meaning",)/,
      after: '',
      said: 'write __name__ before meaning in the index of vectors on media',
    },
    {
      what: 'records would never expire',
      path: 'firestore.indexes.json',
      before: /"fieldPath": "expires_at",\s*"ttl": true,/,
      after: '"fieldPath": "expires_at",',
      said: 'no ttl on idempotency.expires_at',
    },
    grant(
      'a service is named by a list',
      'google_cloud_run_v2_service_iam_member.a is for each.key',
      `
      resource "google_cloud_run_v2_service_iam_member" "a" {
        for_each = toset(["media-worker"])
        name     = each.key
        role     = "roles/run.invoker"
        member   = local.a
      }`,
    ),
    grant(
      'everybody is a local value',
      'locals may let everybody call it',
      `
      locals {
        a = "allUsers"
      }`,
    ),
    grant(
      'the worker has a caller from elsewhere',
      'iam_member.b lets others than',
      `
      resource "google_cloudfunctions2_function_iam_member" "b" {
        cloud_function = google_cloudfunctions2_function.worker.name
        role           = "roles/cloudfunctions.invoker"
        member         = var.b
      }`,
    ),
    grant(
      'the worker has a policy of its own',
      'iam_policy.c lets others than',
      `
      resource "google_cloud_run_service_iam_policy" "c" {
        service     = google_cloudfunctions2_function.worker.name
        policy_data = data.google_iam_policy.c.policy_data
      }`,
    ),
    grant(
      'a policy is written elsewhere',
      'data.google_iam_policy.c may let everybody',
      `
      data "google_iam_policy" "c" {
        binding {
          role    = "roles/run.invoker"
          members = ["allAuthenticatedUsers"]
        }
      }`,
    ),
    grant(
      'the whole project may be called',
      'google_project_iam_binding.d may let others',
      `
      resource "google_project_iam_binding" "d" {
        project = var.project_id
        role    = "roles/run.invoker"
        members = ["domain:example.com"]
      }`,
    ),
    grant(
      'a role allows calls',
      'google_project_iam_custom_role.e may let others',
      `
      resource "google_project_iam_custom_role" "e" {
        permissions = ["run.routes.invoke"]
      }`,
    ),
    grant(
      'a service lets everybody in without a grant',
      'google_cloud_run_v2_service.g may let everybody call it: only google_cloud_run_v2_service.stream',
      `
      resource "google_cloud_run_v2_service" "g" {
        name                 = "media-worker"
        invoker_iam_disabled = true
      }`,
    ),
    grant(
      'a module is used',
      'this check does not read module.f',
      `
      module "f" {
        source = "./f"
      }`,
    ),
  ],
  'in Terraform': [
    {
      what: 'a variable is renamed',
      path: 'terraform/worker.tf',
      before: /(\n +)LEASE_S( +=)/,
      after: '$1LEASE_SECONDS$2',
      said: 'worker: terraform/ sets LEASE_SECONDS, and the code does not read it',
    },
    {
      what: 'a queue is renamed',
      path: 'terraform/queues.tf',
      before: '"media-upload"',
      after: '"media-store"',
      said: 'UPLOAD_QUEUE is "media-upload" in the code and "media-store" in terraform/',
    },
    {
      what: 'the worker is put behind the load balancer',
      path: 'terraform/url_map.tf',
      before: 'prefix_match = "/api/"',
      after: 'prefix_match = "/"',
      said: 'worker: the URL map sends /tasks/upload-media to api',
    },
    {
      what: 'the scheduler calls what is not there',
      path: 'terraform/scheduler.tf',
      before: '/tasks/sweep"',
      after: '/tasks/sweeper"',
      said: 'worker: nothing in terraform/ calls /tasks/sweep',
    },
    {
      what: 'everybody may call the worker',
      path: 'terraform/access.tf',
      before: '[google_service_account.tasks.member]',
      after: '[google_service_account.tasks.member, "allUsers"]',
      said: 'google_cloud_run_v2_service_iam_binding.tasks_call_worker lets everybody call it',
    },
    {
      what: 'the worker is open to the internet',
      path: 'terraform/worker.tf',
      before: '"ALLOW_INTERNAL_ONLY"\n    available_cpu',
      after: '"ALLOW_ALL"\n    available_cpu',
      said: 'worker: its ingress is "ALLOW_ALL"',
    },
    {
      what: 'an index is there for nothing',
      path: 'firestore.indexes.json',
      before: '"indexes": [',
      after: `"indexes": [${unused}`,
      said: 'no query needs the index on media (size, title)',
    },
  ],
  'once more in Terraform': [
    {
      what: 'the worker verifies signatures that Cloud Run takes away',
      path: 'terraform/worker.tf',
      before: 'TASKS_AUTH = "platform"',
      after: 'TASKS_AUTH = "verify"',
      said: 'TASKS_AUTH is "verify", and on Cloud Run no task has a signature to verify',
    },
    {
      what: 'an instance takes more requests at once than it does locally',
      path: 'terraform/api.tf',
      before: 'concurrency   = optional(number, 40)',
      after: 'concurrency   = optional(number, 80)',
      said: 'api: concurrency is 80 in terraform/ and 40 in local/front/deployed.ts',
    },
    {
      what: 'an owner may hold all places of an instance of the api',
      path: 'terraform/api_settings.tf',
      before: /("Most requests with files that one owner[\s\S]*?default\s*= )10/,
      after: '$150',
      said: 'api: max_uploads_in_flight is 50; of 40 places it may be 10',
    },
    {
      what: 'nothing in Terraform holds the streams of an owner against the places of an instance',
      path: 'terraform/stream.tf',
      before: ' && var.max_streams <= max(1, floor(var.stream_capacity.concurrency / 4))',
      after: '',
      said: 'stream: no validation in terraform/ holds max_streams against the places of an instance',
    },
    {
      what: 'a request may take longer than it may locally',
      path: 'terraform/stream.tf',
      before: '"3600s"',
      after: '"300s"',
      said: 'stream: its timeout in seconds is 300 in terraform/ and 3600 in local/front/deployed.ts',
    },
    {
      what: 'a service has another name than its address',
      path: 'terraform/api.tf',
      before: 'local.service_names.api',
      after: '"media-api-2"',
      said: 'api: its name is not local.service_names.api',
    },
    {
      what: 'IAM checks the callers of the stream',
      path: 'terraform/stream.tf',
      before: 'invoker_iam_disabled = true',
      after: 'invoker_iam_disabled = false',
      said: 'stream: its invoker is iam in terraform/ and public in local/front/deployed.ts',
    },
    {
      what: 'nobody may call the api',
      path: 'terraform/access.tf',
      before:
        /google_cloudfunctions2_function\.api\.name\n\s*location = var\.region\n\s*role\s*= "roles\/run\.invoker"\n\s*member\s*= "allUsers"/,
      after: 'google_cloudfunctions2_function.api.name',
      said: 'api: its invoker is iam in terraform/ and public in local/front/deployed.ts',
    },
  ],
};

describe.each(shortened(Object.keys(CHANGES), 2))(
  'the check fails, and says where, when %s',
  (where) => {
    const changes = CHANGES[where] ?? [];
    let result: { code: number; output: string };
    beforeAll(async () => {
      result = await checkWith(changes);
    });

    test.each(changes)('$what', ({ said }) => {
      expect(result.output).toContain(said);
      expect(result.code).toBe(1);
    });
  },
);

longTest('the check fails for a file that is laid over the others', async () => {
  const file = join(copy, 'terraform/worker_override.tf');
  writeFileSync(file, '');
  try {
    const { code, output } = await check();
    expect(output).toContain('this check does not read worker_override.tf');
    expect(code).toBe(1);
  } finally {
    rmSync(file);
  }
});
