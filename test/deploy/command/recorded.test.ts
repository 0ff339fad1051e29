/** `npm run deploy` with programs that answer as gcloud and Terraform do: set up, taken down, restored; more is in `recorded.long.test.ts`. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { needing } from '../../support/needing.ts';
import { eventually } from '../../support/stack.ts';
import { BACKUPS, PROJECT, RESTORE, RecordedProject, ROOT } from './recorded.ts';

const it = needing('bash');

let project: RecordedProject;
beforeAll(async () => {
  project = await RecordedProject.open();
});
afterAll(() => project.close());
beforeEach(() => project.reset());

describe('npm run deploy', () => {
  it('sets everything up, asks once, and goes on by its settings: a second run changes nothing', async () => {
    const first = await project.deploy(
      [...PROJECT, '--user', 'first@example.com', '--var', 'monthly_budget=80'],
      ['yes'],
    );
    expect(first).toMatchObject({ code: 0, waits: [], asked: ['Apply this plan? (yes/no)'] });
    expect(first.output).toContain('2 to make, 0 to change, 0 to remove.');
    expect(first.output).toMatch(/A month without a photo costs about \$0\.52/);
    expect(first.output).toMatch(/alert_emails=.* adds alerts .* for \$4\.45 a month/);
    expect(first.output).toContain('\nhttp://localhost:8080\n');
    const calls = project.programs.calls();
    expect(calls.filter((call) => /^npm/.test(call))).toEqual([
      'npm run --silent build',
      'npm run --silent user -- add first@example.com',
      'npm run --silent smoke -- http://localhost:8080',
    ]);
    expect(
      calls.filter((call) => /builds submit|buckets create|services enable/.test(call)),
    ).toHaveLength(3);
    expect(project.settings()).toMatchObject({
      ...{ project_id: 'my-project-1234', region: 'us-central1', domain: '', monthly_budget: 80 },
      analysis_model: 'vertexai/gemini-3.5-flash-lite',
      stream_image: expect.stringMatching(
        /^us-central1-docker\.pkg\.dev\/my-project-1234\/media\/stream@sha256:a{64}$/,
      ),
    });
    // The smoke test ran as a person of its own, who is gone.
    expect(project.programs.read('smoke-token').split('.')).toHaveLength(3);

    const again = await project.deploy(PROJECT);
    expect(again).toMatchObject({ code: 0, asked: [] });
    expect(again.output).toContain('Nothing is to be changed.');
    expect(
      project.programs
        .calls()
        .filter((call) =>
          /builds submit|buckets create|services enable|apply|storage cp/.test(call),
        ),
    ).toEqual([]);
    expect(JSON.parse(project.programs.read('variables'))).toEqual(project.settings());
  });
});

describe('what is missing is said with the command that mends it, and nothing is made', () => {
  const made = () =>
    project.programs
      .calls()
      .filter((call) => /create|services enable|apply|submit|storage cp/.test(call));

  it('programs, a person, a bill, rights', async () => {
    expect(await project.deploy(PROJECT, [], { PATH: project.root })).toMatchObject({
      code: 1,
      output: expect.stringMatching(/The gcloud CLI is not installed\.\n {2}https:/),
    });
    project.programs.write('account', '');
    expect((await project.deploy(PROJECT)).output).toMatch(
      /Nobody is signed in to gcloud\.\n {2}gcloud auth login/,
    );
    project.programs.write('account', 'you@example.com');
    project.google.resources.replace('denied', {
      permissions: ['resourcemanager.projects.setIamPolicy', 'storage.buckets.create'],
    });
    expect((await project.deploy(PROJECT)).output).toMatch(
      /you@example\.com lacks rights in the project my-project-1234: resourcemanager\.projects\.setIamPolicy, storage\.buckets\.create\.\n.*gcloud projects add-iam-policy-binding my-project-1234 --member=user:you@example\.com --role=roles\/owner/,
    );
    project.google.resources.forget('denied');
    expect(made()).toEqual([]);
    project.programs.write('billing', '{"billingEnabled":false}');
    expect((await project.deploy(PROJECT)).output).toMatch(
      /The project my-project-1234 has no billing account\.\n {2}gcloud billing projects link my-project-1234 --billing-account=012345-6789AB-CDEF01/,
    );
    expect(made()).toEqual([expect.stringContaining('services enable')]);
  });

  it('settings that nothing knows, or that only this machine has', async () => {
    expect((await project.deploy([...PROJECT, '--var', 'monthly_bugdet=80'])).output).toContain(
      'terraform/ has no variable "monthly_bugdet".',
    );
    const path = join(project.root, 'terraform/terraform.tfvars');
    writeFileSync(path, '');
    expect((await project.deploy(PROJECT)).output).toContain(
      'terraform/terraform.tfvars is on this machine only.',
    );
    rmSync(path);
  });

  it('a command line that is not understood', async () => {
    for (const args of [
      ['--project', 'My_Project'],
      [...PROJECT, 'build'],
      [...PROJECT, '--var', 'region=x'],
      [...PROJECT, '--colour'],
      [...PROJECT, '--user', 'me'],
    ]) {
      expect(await project.deploy(args)).toMatchObject({
        code: 2,
        output: expect.stringContaining('npm run deploy -- --project PROJECT'),
      });
    }
  });
});

describe('what passes by itself is waited for, and what does not is said', () => {
  it('an API that was just enabled, service agents, new metrics: tried again, without a second question', async () => {
    project.programs.fail(
      'api',
      'gcloud storage buckets create*',
      'ERROR: (gcloud.storage.buckets.create) HTTPError 403: Cloud Storage JSON API has not been used in project 123456789012 before or it is disabled.',
    );
    project.programs.fail(
      'metric',
      'terraform apply*',
      'Error: Error creating AlertPolicy: googleapi: Error 404: Cannot find metric that matches type = "logging.googleapis.com/user/x".\n\n  with google_monitoring_alert_policy.queue,\n',
    );
    const { code, waits, asked, output } = await project.deploy(PROJECT, ['yes', '']);
    expect({ code, waits, asked: asked.length }).toEqual({ code: 0, waits: [10, 30], asked: 2 });
    expect(output).toContain('A new metric is not known everywhere. Trying again in 30 s.');
  });
});

describe('what a killed run has left', () => {
  it('a signal lets what runs come to its end, and nothing more is started', async () => {
    project.programs.write('hang', '');
    const ended = project.deploy([...PROJECT, '--yes']);
    await eventually(async () => project.programs.read('hang') === 'it runs\n' || undefined);
    process.emit('SIGTERM', 'SIGTERM');
    expect(await ended).toMatchObject({
      code: 130,
      output: expect.stringContaining('Run the same command again'),
    });
    expect(project.programs.read('hang')).toBe('it was told to end\n');
    expect(project.programs.calls().at(-1)).toBe('npm run --silent build');

    project.programs.remove('hang');
    project.whileWaiting = () => process.emit('SIGTERM', 'SIGTERM');
    project.programs.fail(
      'away',
      'gcloud builds submit*',
      'ERROR: (gcloud.builds.submit) UNAVAILABLE',
    );
    expect(await project.deploy([...PROJECT, '--yes'])).toMatchObject({ code: 130, waits: [10] });
    expect(project.programs.calls().filter((call) => /builds submit/.test(call))).toHaveLength(1);
  });

  it('a setting that Terraform refuses is refused before anything is created by Terraform', async () => {
    // With a target, Terraform looks only at the variables that the target reads.
    const refused = 'Error: Invalid value for variable\n\nsweep_schedule must have five fields';
    project.programs.fail(
      'settings',
      'terraform plan -input=false*-out=*tfplan -var-file=*',
      refused,
      'always',
    );
    const { code, output } = await project.deploy([
      ...PROJECT,
      '--var',
      'sweep_schedule=daily',
      '--yes',
    ]);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('must have five'),
    });
    expect(
      project.programs.calls().filter((call) => /terraform apply|builds submit/.test(call)),
    ).toEqual([]);
    project.programs.mend('settings');
    expect((await project.deploy([...PROJECT, '--var', 'sweep_schedule=', '--yes'])).code).toBe(0);
  });

  it('a plan that would delete data is refused, whatever was said', async () => {
    await project.deploy(PROJECT);
    project.programs.plan('all', ['google_firestore_database.media', 'delete', 'create']);
    project.programs.calls();
    expect((await project.deploy([...PROJECT, '--yes'])).output).toContain(
      'would delete data for ever (google_firestore_database.media)',
    );
    expect(project.programs.calls().filter((call) => /apply/.test(call))).toEqual([]);
  });
});

describe('npm run deploy -- destroy', () => {
  it('takes everything down after the project was named, keeps the settings for another time, and names what stays', async () => {
    await project.deploy([...PROJECT, '--yes']);
    project.programs.calls();
    expect((await project.deploy([...PROJECT, 'destroy'])).code).toBe(1);
    expect((await project.deploy([...PROJECT, 'destroy'], ['yes'])).code).toBe(1);
    expect(project.programs.calls().filter((call) => /apply/.test(call))).toEqual([]);
    const { code, output } = await project.deploy([...PROJECT, 'destroy'], ['my-project-1234']);
    expect(code).toBe(0);
    const plans = project.programs.calls().filter((call) => /terraform plan/.test(call));
    // Only what is there: a whole apply could make again what an earlier try has deleted.
    expect(plans[0]?.match(/-target=\S+/g)?.sort()).toEqual([
      '-target=google_firestore_database.media',
      '-target=google_storage_bucket.media',
      '-target=google_storage_bucket.source',
    ]);
    expect(plans[1]).toContain('-destroy');
    expect(JSON.parse(project.programs.read('variables'))).toMatchObject({
      deletion_protection: false,
    });
    for (const command of [
      'gcloud projects delete my-project-1234',
      'gcloud storage rm --recursive gs://my-project-1234-terraform',
      'gcloud storage rm --recursive gs://gcf-v2-sources-123456789012-us-central1',
    ]) {
      expect(output).toContain(command);
    }
    expect(project.settings()).toEqual({
      ...{ project_id: 'my-project-1234', region: 'us-central1', domain: '' },
      analysis_model: 'vertexai/gemini-3.5-flash-lite',
      ...{
        upload_queue: 'media-upload-2',
        analyze_queue: 'media-analyze-2',
        adopt: ['identity_platform'],
      },
    });
    expect((await project.deploy([...PROJECT, 'destroy'])).output).toContain(
      'Nothing is left of what Terraform has made.',
    );
  });
});

describe('npm run deploy -- restore', () => {
  let setUp: () => void;
  beforeAll(async () => {
    setUp = await project.setUpWithBackups();
  });
  beforeEach(() => setUp());

  it('says which backups and minutes there are, and changes nothing', async () => {
    const { code, output } = await project.deploy(RESTORE);
    expect(code).toBe(0);
    expect(output).toMatch(
      /b3 .*CREATING: not yet\n.*b2 {3}2026-11-25 04:00 UTC, of \(default\), kept until 2026-12-02\n.*b1 /,
    );
    expect(output).toContain(
      'Each minute since 2025-11-19 08:15 UTC:\n    npm run deploy -- restore --project my-project-1234 --at 2025-11-19T08:15Z',
    );
    expect(project.changes()).toEqual([]);
    project.programs.write('backups', '[]');
    expect((await project.deploy(RESTORE)).output).toContain(
      'none yet: the first one is made within a day',
    );
  });

  it('makes a database of a backup, gives it to the units, and can go back', async () => {
    const args = [...RESTORE, '--backup', 'b2', '--to', 'media-2'];
    const { code, output, waits, asked } = await project.deploy(args, ['yes']);
    expect({ code, waits, asked }).toEqual({
      ...{ code: 0, waits: [30] },
      asked: ['Give the units the database media-2? (yes/no)'],
    });
    expect(output).toContain(
      'media-2 is made from the backup of (default), as it was at 2026-11-25 04:00 UTC.',
    );
    expect(output).toContain("restore --project my-project-1234 --use '(default)'");
    expect(project.changes()).toEqual([
      'gcloud tasks queues pause media-upload',
      'gcloud tasks queues pause media-analyze',
      'gcloud scheduler jobs pause media-sweep',
      `gcloud firestore databases restore --source-backup=${BACKUPS}/b2 --destination-database=media-2`,
      'gcloud firestore indexes composite delete CICAg --database=media-2',
      'gcloud firestore backups schedules delete --backup-schedule=daily1 --database=media-2',
      'terraform state rm google_firestore_database.media',
      expect.stringMatching(/^terraform apply /),
      'gcloud tasks queues resume media-upload',
      'gcloud tasks queues resume media-analyze',
      'gcloud scheduler jobs resume media-sweep',
    ]);
    expect(project.settings()).toMatchObject({
      firestore_database: 'media-2',
      adopt: ['database'],
    });
    expect(JSON.parse(project.programs.read('variables'))).toEqual(project.settings());

    project.hasDatabases('(default)', 'media-2');
    project.programs.plan('all', ['google_firestore_database.media', 'update']);
    // Another command's work on it is waited for.
    project.programs.write('operations', '[{"name":"op1"}]');
    project.programs.remove('restored');
    expect(await project.deploy([...RESTORE, '--use', '(default)', '--yes'])).toMatchObject({
      ...{ code: 0, waits: [30] },
    });
    expect(project.changes().filter((call) => /databases restore/.test(call))).toEqual([]);
    expect(project.settings()).toMatchObject({ firestore_database: '(default)' });
  });

  it.each([
    [['--backup', 'b9'], 'There is no backup b9.'],
    [['--backup', 'b3'], 'The backup b3 cannot be restored now: CREATING.'],
    [['--backup', 'b2', '--to', '(default)'], 'has a database (default) already.'],
    [['--use', 'nothing'], 'has no database nothing. It has: (default).'],
    [['--at', '2024-01-01T00:00Z'], 'only since 2025-11-19 08:15 UTC.'],
    [['--at', '2999-01-01T00:00Z'], 'cannot be read as it was at 2999-01-01 00:00 UTC'],
  ])('%j: says why not, and changes nothing', async (args, text) => {
    expect(await project.deploy([...RESTORE, ...args, '--yes'])).toMatchObject({
      code: 1,
      output: expect.stringContaining(text),
    });
    expect(project.changes()).toEqual([]);
  });

  it.each([
    [['--backup', 'b2', '--to', 'Media_2'], 'the name of a database has 4 to 63'],
    [['--backup', 'b2', '--at', '2025-11-25T04:00Z'], '--backup and --at: choose one of them.'],
    [['--at', 'yesterday'], '--at yesterday: write a minute in UTC'],
    [['--to', 'media-2'], '--to needs --backup or --at.'],
  ])('%j: is not understood', async (args, text) => {
    expect(await project.deploy([...RESTORE, ...args])).toMatchObject({
      code: 2,
      output: expect.stringContaining(text),
    });
    expect(await project.deploy([...PROJECT, ...args])).toMatchObject({ code: 2 });
  });
});

it('a dry run prints every command in the order of a real one, and runs none', async () => {
  const { code, output } = await project.deploy(
    [...PROJECT, '--dry-run', '--model', 'googleai/gemini-3.5-flash-lite'],
    undefined,
    { PATH: project.root },
  );
  expect(code).toBe(0);
  const printed = [
    ...output.matchAll(
      /^\$ (?:\w+=… )*((?:gcloud|terraform|npm) (?:-chdir=terraform )?(?:(?!-|'-)\S+ ?)*)/gm,
    ),
  ].map(([, text]) => text?.trim().replace('-chdir=terraform ', ''));
  await project.deploy(
    [...PROJECT, '--yes', '--model', 'googleai/gemini-3.5-flash-lite', '--user', 'you@example.com'],
    undefined,
    { GEMINI_API_KEY: 'KEY' },
  );
  const plain = (call: string) =>
    /^((?:gcloud|terraform|npm) (?:(?!-)\S+ ?)*)/.exec(call)?.[1]?.trim();
  const real = project.programs.calls().map(plain);
  expect(printed.filter((each) => !/^gcloud (auth|version)/.test(each ?? ''))).toEqual(real);
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain('npm run deploy -- --project');
  const down = await project.deploy([...PROJECT, '--dry-run', 'destroy'], undefined, {
    PATH: project.root,
  });
  expect([down.code, down.output]).toEqual([0, expect.stringMatching(/terraform plan .*-destroy/)]);
});
