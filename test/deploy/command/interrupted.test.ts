/** `npm run deploy` with programs that answer as gcloud and Terraform do: runs that outlive their token. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest } from '@jest/globals';
import { needing } from '../../support/needing.ts';
import { PROJECT, RecordedProject } from './recorded.ts';

const it = needing('bash');

let project: RecordedProject;
beforeAll(async () => {
  project = await RecordedProject.open();
});
afterAll(() => project.close());
beforeEach(() => project.reset());

describe('a token that ends in the middle of an apply', () => {
  const REFUSED = `Error: Error creating Queue: googleapi: Error 401: Request had invalid authentication credentials.

  with google_cloud_tasks_queue.media["upload"],

Error: Error releasing the state lock

Error message: googleapi: Error 401: Invalid Credentials, authError`;
  const NOW = Date.UTC(2026, 10, 27, 6);
  /** As Go writes it. */
  const created = (ms: number) =>
    new Date(ms).toISOString().replace('T', ' ').replace('Z', '000000 +0000 UTC');

  beforeEach(() => {
    const good = project.programs.read('token');
    project.programs.write('token', 'A-TOKEN-THAT-ENDS');
    project.whileAsking = async () => {
      project.programs.write('next-token', good);
      project.programs.fail('token', 'terraform apply*', REFUSED);
      // Terraform itself could not write it.
      writeFileSync(join(project.root, 'terraform/errored.tfstate'), '{}');
    };
  });
  afterEach(() => {
    jest.restoreAllMocks();
    rmSync(join(project.root, 'terraform/errored-my-project-1234-terraform.tfstate'), {
      force: true,
    });
  });

  /** As `terraform state push` says it, which has no option against colours. */
  const lockedSince = (ms: number) => {
    const fields = ['ID:        1760000000000001', 'Who:       you@cloudshell'];
    const lines = [...fields, `Created:   ${created(ms)}`].map((line) => `[0m  ${line}`);
    const text = ['[31mError: [0m[1mError acquiring the state lock', ...lines]
      .map((line) => `[31m│[0m [0m${line}[0m`)
      .join('\n')
      .replaceAll('[', '\u001b[');
    project.programs.fail('lock', 'terraform state push*', text);
  };

  it('is replaced by a new one, and its lock is broken: only with a token can Terraform release it', async () => {
    const ask = project.whileAsking;
    project.whileAsking = async () => {
      await ask();
      jest.spyOn(Date, 'now').mockReturnValue(NOW);
      lockedSince(NOW);
    };
    const { code, output, asked, waits } = await project.deploy(PROJECT, ['yes', '']);
    expect({ code, asked: asked.length, waits }).toEqual({ code: 0, asked: 2, waits: [] });
    expect(output).toContain('The token of your sign-in has ended: it lives for an hour.');
    expect(output).not.toContain('is locked by');
    const calls = project.programs.calls().map((call) => call.split(' ', 2).join(' '));
    expect(calls.slice(calls.indexOf('terraform force-unlock') - 1)).toEqual(
      expect.arrayContaining(['terraform state', 'terraform force-unlock', 'terraform apply']),
    );
  });

  it('the lock of another run is not broken', async () => {
    const ask = project.whileAsking;
    project.whileAsking = async () => {
      await ask();
      jest.spyOn(Date, 'now').mockReturnValue(NOW);
      lockedSince(NOW + 1);
    };
    const { code, output } = await project.deploy(PROJECT, ['yes', 'no']);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('The state is locked by you@cloudshell'),
    });
    expect(project.programs.calls().join('\n')).not.toContain('force-unlock');
  });

  it('where gcloud has no other one, a person has to sign in', async () => {
    project.whileAsking = async () =>
      project.programs.fail('token', 'terraform apply*', REFUSED, 'always');
    const { code, output, waits } = await project.deploy(PROJECT, ['yes']);
    expect({ code, waits }).toEqual({ code: 1, waits: [] });
    expect(output).toMatch(/Google does not accept your sign-in any more\.\n {2}gcloud auth login/);
  });
});
