/** What `npm run deploy` tells and asks the person before it, with programs that answer as gcloud and Terraform do. */
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { needing } from '../../support/needing.ts';
import { PROJECT, RecordedProject } from './recorded.ts';

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
