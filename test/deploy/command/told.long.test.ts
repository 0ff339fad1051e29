/** What `npm run deploy` tells and asks the person before it, with programs that answer as gcloud and Terraform do. */

import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { needing } from '../../support/needing.ts';
import { PROJECT, RESTORE, RecordedProject } from './recorded.ts';

const it = needing('bash');

let project: RecordedProject;
beforeAll(async () => {
  project = await RecordedProject.open();
});
afterAll(() => project.close());
beforeEach(() => project.reset());

describe('the key of a model', () => {
  it('is missed before anything is made or kept, and the way without a key is named', async () => {
    project.programs.fail(
      'api',
      'gcloud secrets versions list*',
      'ERROR: (gcloud.secrets.versions.list) PERMISSION_DENIED: Secret Manager API has not been used in project 123456789012 before or it is disabled.',
    );
    const args = [...PROJECT, '--user', 'you@example.com', '--var', 'log_level=debug'];
    const model = ['--model', 'openai/gpt-5'];
    const { code, output, waits } = await project.deploy([...args, ...model, '--yes']);
    expect({ code, waits }).toEqual({ code: 1, waits: [] });
    const again =
      'npm run deploy -- --project my-project-1234 --user you@example.com --var log_level=debug';
    expect(output).toContain(
      'OPENAI_API_KEY=… npm run deploy -- --project my-project-1234 --model openai/gpt-5 --user you@example.com --var log_level=debug   (https:',
    );
    expect(output).toContain(`${again} --model vertexai/gemini-3.5-flash-lite   needs no key`);
    const made = /apply|submit|buckets create|build/;
    expect(project.programs.calls().filter((call) => made.test(call))).toEqual([]);
    // The model that has no key is no setting of the project.
    const next = await project.deploy([...PROJECT, '--yes']);
    expect(next.code).toBe(0);
    expect(project.settings().analysis_model).toBe('vertexai/gemini-3.5-flash-lite');
  });
});

describe('the command that mends something', () => {
  it('has the options of this call, but not what is secret, and no guess', async () => {
    const given = ['--user', 'you@example.com', '--var', 'google_client_secret=hidden'];
    const { output } = await project.deploy([...PROJECT, ...given]);
    expect(output).toContain(
      'npm run deploy -- --project my-project-1234 --user you@example.com --var google_client_secret --yes',
    );
    expect(output).not.toContain('hidden');
    const near = await project.deploy([
      ...PROJECT,
      '--user',
      'a@example.com',
      '--region',
      'us-west9',
    ]);
    expect(near.output).toMatch(
      /--project my-project-1234 --user a@example\.com --region us-\S+\n/,
    );
    const far = await project.deploy([...PROJECT, '--region', 'tokyo']);
    expect(far.output).toContain('asia-northeast1');
    expect(far.output).not.toContain('--region us-central1');
  });
});

describe('a question', () => {
  it('takes y and YES, and is asked again after a word that is neither', async () => {
    const first = await project.deploy(PROJECT, ['Yes please', 'Y', '']);
    expect(first.code).toBe(0);
    const question = 'Apply this plan? (yes/no)';
    expect(first.asked.filter((each) => each === question)).toHaveLength(2);
    expect(first.output).toContain('Please write yes or no.');
    project.programs.plan('all', ['google_cloud_run_v2_service.stream', 'update']);
    expect(await project.deploy(PROJECT, ['N'])).toMatchObject({ code: 1, asked: [question] });
    expect(await project.deploy(PROJECT, [])).toMatchObject({
      code: 1,
      asked: [question, question, question],
      output: expect.stringContaining('Nothing was changed.'),
    });
  });

  it('of a first run says after a no what is there, and what removes it', async () => {
    for (const answers of [['no'], undefined]) {
      const { code, output } = await project.deploy(PROJECT, answers);
      expect(code).toBe(1);
      expect(output).toMatch(/media-build.*some cents a month\./);
      expect(output).toContain('npm run deploy -- destroy --project my-project-1234   removes it');
      expect(output).not.toMatch(/nothing was changed/i);
    }
  });
});

describe('restore', () => {
  it('that fails says why first, and then one command that goes on, with the name of the database', async () => {
    (await project.setUpWithBackups())();
    project.programs.fail(
      'broken',
      'gcloud firestore databases restore*',
      'ERROR: (gcloud.firestore.databases.restore) something that nobody knows',
    );
    const { code, output } = await project.deploy([...RESTORE, '--backup', 'b2', '--yes']);
    expect(code).toBe(1);
    expect(output).toMatch(
      /something that nobody knows[\s\S]*go on with:\n {2}npm run deploy -- restore --project my-project-1234 --backup b2 --to media-\d{8}-\d{4}\n/,
    );
    expect(output).not.toContain('same command');
  });

  it('without options only reads, so it runs beside a deployment', async () => {
    (await project.setUpWithBackups())();
    writeFileSync(join(project.root, 'terraform/.deploying'), String(process.ppid));
    expect((await project.deploy(RESTORE)).code).toBe(0);
    expect((await project.deploy([...RESTORE, '--backup', 'b2', '--yes'])).output).toContain(
      `Another deployment runs from this folder (process ${process.ppid})`,
    );
    rmSync(join(project.root, 'terraform/.deploying'));
  });
});

describe('what a plan means', () => {
  it('a domain takes the page offline: said before the question, and nobody is to be sent there yet', async () => {
    const domain = ['--domain', 'media.example.com'];
    expect((await project.deploy([...PROJECT, '--yes'])).output).not.toMatch(/stops? at once/);
    project.programs.plan('all', ['google_compute_global_address.media[0]', 'create']);
    const moved = await project.deploy([...PROJECT, ...domain], ['y']);
    expect(moved.code).toBe(0);
    expect(moved.output).toMatch(
      /The addresses at run\.app stop at once; .*at https:\/\/media\.example\.com, when its DNS record/,
    );
    expect(moved.output).toContain('Send it to nobody yet');
    expect(moved.output).not.toContain('then send them');
    project.programs.plan('all', ['google_compute_global_address.media[0]', 'delete']);
    const back = await project.deploy([...PROJECT, '--domain', 'none', '--yes']);
    expect(back.output).toContain(
      'https://media.example.com stops at once; the page has an address',
    );
  });

  it('a model without a known price: what each call counts as, and the setting that says the price', async () => {
    const model = [...PROJECT, '--model', 'openai/gpt-5'];
    const env = { OPENAI_API_KEY: 'sk' };
    const { output } = await project.deploy(model, ['n'], env);
    expect(output).toMatch(
      /Each call counts as up to \$0\.\d\d, .*--var openai_price=0\.15,0\.60\./,
    );
    const known = [...model, '--var', 'openai_price=0,0.5'];
    const { output: priced } = await project.deploy(known, ['n'], env);
    expect(priced).toContain('A thousand photos cost about $0.40 more, for openai/gpt-5.');
  });

  it('an API that Terraform lets go of stays enabled, and the project is named last of what stays', async () => {
    await project.deploy([...PROJECT, '--yes']);
    const api = 'google_project_service.needed["run.googleapis.com"]';
    project.programs.plan('destroy', [api, 'delete'], ['google_storage_bucket.media', 'delete']);
    const state = project.programs.read('state');
    const count = state.trim().split('\n').length;
    project.programs.write('state', `data.google_project.this\n${state}`);
    const { output } = await project.deploy([...PROJECT, 'destroy', '--yes']);
    expect(output).toContain(`- ${api}   (stays enabled)\n  - google_storage_bucket.media\n`);
    expect(output).toContain(`  ${count} things.`);
    expect(output).toMatch(
      /gcloud projects delete my-project-1234 .*, and everything else in the project\n\n/,
    );
  });

  it('many changes are counted by their kind, but what has data and what changes is named', async () => {
    const indexes = Array.from({ length: 40 }, (_, i): [string, string] => [
      `google_firestore_index.media["${i}"]`,
      'create',
    ]);
    project.programs.plan(
      'all',
      ...indexes,
      ['google_cloud_run_v2_service.stream', 'update'],
      ['google_storage_bucket.media', 'create'],
      ['google_cloud_scheduler_job.sweep', 'create'],
    );
    const { output } = await project.deploy(PROJECT);
    expect(output).toContain(
      `  + 40 google_firestore_index
  ~ google_cloud_run_v2_service.stream
  + google_storage_bucket.media
  + google_cloud_scheduler_job.sweep

  42 to make, 1 to change, 0 to remove.
`,
    );
    expect(output).toMatch(/Terraform warns that its\n {2}changes may be incomplete/);
  });

  it('the link for the password of the first person is the last line', async () => {
    const user = ['--user', 'first@example.com'];
    expect((await project.deploy([...PROJECT, '--yes', ...user])).output).toMatch(
      /Choose your password within an hour: http:\/\/localhost:8080\/choose\n$/,
    );
  });
});
