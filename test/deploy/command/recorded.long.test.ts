/** `npm run deploy` with programs that answer as gcloud and Terraform do: what Google, a person or a stopped run may say. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { needing } from '../../support/needing.ts';
import { DATABASES, PROJECT, RESTORE, RecordedProject } from './recorded.ts';
// With what `npm test` leaves out of it.
import './recorded.test.ts';

const it = needing('bash');

let project: RecordedProject;
beforeAll(async () => {
  project = await RecordedProject.open();
});
afterAll(() => project.close());
beforeEach(() => project.reset());

describe('npm run deploy', () => {
  it('stops before the plan is applied where nobody can say yes, or says no; the next run goes on', async () => {
    expect(await project.deploy(PROJECT)).toMatchObject({
      code: 1,
      output: expect.stringContaining('npm run deploy -- --project my-project-1234 --yes'),
    });
    expect(await project.deploy([...PROJECT, '--model', 'local/facts'], ['no'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('The plan was not applied.'),
    });
    // A plan that was refused leaves no settings behind.
    expect(project.settings().analysis_model).toBe('vertexai/gemini-3.5-flash-lite');
    expect(project.programs.read('state')).not.toContain('google_firestore_database');
    const yes = await project.deploy([...PROJECT, '--model', 'local/facts', '--yes']);
    expect(yes.code).toBe(0);
    expect(project.settings().analysis_model).toBe('local/facts');
    expect(project.programs.calls().filter((call) => /builds submit/.test(call))).toHaveLength(1);
  });

  it('takes a change of the settings, and gives a variable its default again', async () => {
    await project.deploy([
      ...PROJECT,
      '--yes',
      '--var',
      'log_level=debug',
      '--domain',
      'media.example.com',
      '--var',
      'identity_platform=false',
    ]);
    project.programs.plan('all', ['google_cloud_run_v2_service.stream', 'update']);
    const changed = await project.deploy([
      ...PROJECT,
      '--yes',
      '--domain',
      'none',
      '--var',
      'log_level=',
      '--var',
      'alert_emails=["a@example.com"]',
    ]);
    expect(changed.output).toContain('~ google_cloud_run_v2_service.stream');
    expect(changed.output).toContain('Not tested: your own issuer gives the tokens.');
    const { log_level, ...rest } = project.settings();
    expect(log_level).toBeUndefined();
    expect(rest).toMatchObject({ domain: '', alert_emails: ['a@example.com'] });
  });

  it('keeps the key of a model out of command lines, and asks for it only once', async () => {
    const model = ['--model', 'googleai/gemini-3.5-flash-lite'];
    expect(await project.deploy([...PROJECT, '--yes', ...model])).toMatchObject({
      code: 1,
      output: expect.stringContaining(
        'GEMINI_API_KEY=… npm run deploy -- --project my-project-1234 --model googleai/',
      ),
    });
    const { code, output, asked } = await project.deploy(
      [...PROJECT, '--yes', ...model],
      ['AIza-secret', ''],
    );
    expect({ code, asked: asked.length }).toEqual({ code: 0, asked: 2 });
    expect(project.programs.read('key')).toBe('AIza-secret');
    expect(output + project.programs.read('calls')).not.toContain('AIza-secret');
    expect((await project.deploy([...PROJECT, '--yes'], [])).output).toContain(
      'The secret gemini-api-key has one.',
    );
  });

  it('opens the api without a grant where an organisation forbids grants to everybody', async () => {
    project.programs.fail(
      'policy',
      'terraform apply*',
      `Error: Error applying IAM policy for cloudrunv2 service: googleapi: Error 400: One or more users named in the policy do not belong to a permitted customer.

  with google_cloud_run_v2_service_iam_member.anyone_calls_api[0],
`,
    );
    project.programs.write(
      'state',
      'google_artifact_registry_repository.media\ngoogle_secret_manager_secret.gemini_api_key\ngoogle_storage_bucket.source\ntime_sleep.build_may_build\n',
    );
    const refused = await project.deploy([...PROJECT, '--yes']);
    expect(refused).toMatchObject({ code: 1, waits: [] });
    expect(refused.output).toContain(
      'npm run deploy -- --project my-project-1234 --var api_is_open_by_grant=false',
    );
    project.programs.calls();
    expect(
      (await project.deploy([...PROJECT, '--yes', '--var', 'api_is_open_by_grant=false'])).code,
    ).toBe(0);
    expect(project.programs.calls()).toContainEqual(
      expect.stringMatching(
        /^gcloud run services update media-api --region=us-central1 --no-invoker-iam-check /,
      ),
    );
  });
});

describe('what is missing is said with the command that mends it, and nothing is made', () => {
  const made = () =>
    project.programs
      .calls()
      .filter((call) => /create|services enable|apply|submit|storage cp/.test(call));

  it('a project, a region, a bucket', async () => {
    project.programs.fail(
      'project',
      'gcloud projects describe*',
      'ERROR: (gcloud.projects.describe) [you@example.com] does not have permission to access projects instance [my-project-1234] (or it may not exist): The caller does not have permission.',
    );
    expect((await project.deploy(PROJECT)).output).toMatch(
      /There is no project my-project-1234, or you@example\.com may not see it\.[\s\S]*gcloud projects create my-project-1234/,
    );
    expect((await project.deploy([...PROJECT, '--region', 'europe-north9'])).output).toMatch(
      /europe-north9 does not have everything that is needed: Cloud Run functions, [\s\S]*These do: europe-central2, .*\n {2}npm run deploy -- --project my-project-1234 --region europe-central2\n/,
    );
    project.programs.write('bucket', '{"projectNumber":"666","location":"US"}');
    expect((await project.deploy(PROJECT)).output).toMatch(
      /The bucket my-project-1234-terraform belongs to another project[\s\S]*--state-bucket ANOTHER-NAME/,
    );
    project.programs.remove('bucket');
    expect(made().filter((call) => !/services enable/.test(call))).toEqual([]);
    await project.deploy([...PROJECT, '--region', 'europe-west1']);
    expect((await project.deploy([...PROJECT, '--region', 'us-east1'])).output).toContain(
      'is set up in europe-west1. A region cannot be changed',
    );
  });
});

describe('what passes by itself is waited for, and what does not is said', () => {
  it('a quota, a policy: at once, with what asks for more', async () => {
    project.programs.fail(
      'policy',
      'gcloud storage buckets create*',
      "ERROR: (gcloud.storage.buckets.create) HTTPError 412: 'us-central1' violates constraint 'constraints/gcp.resourceLocations'.",
    );
    expect(await project.deploy(PROJECT)).toMatchObject({
      code: 1,
      waits: [],
      output: expect.stringContaining(
        'gcloud org-policies describe gcp.resourceLocations --project=my-project-1234 --effective',
      ),
    });
    await project.deploy(PROJECT);
    project.programs.fail(
      'quota',
      'terraform apply*',
      'Error: Error creating Service: googleapi: Error 429: Quota exceeded for total allowable CPU per project per region.\n\n  with google_cloud_run_v2_service.stream,\n',
      'always',
    );
    const { code, waits, output } = await project.deploy([...PROJECT, '--yes']);
    expect({ code, waits }).toEqual({ code: 1, waits: [] });
    expect(output).toContain(
      'https://console.cloud.google.com/iam-admin/quotas?project=my-project-1234',
    );
    project.programs.mend('quota');
    expect((await project.deploy([...PROJECT, '--yes'])).code).toBe(0);
  });

  it('an error that no rule knows is printed whole, and a minute that never comes ends', async () => {
    project.programs.fail(
      'odd',
      'gcloud builds submit*',
      'ERROR: (gcloud.builds.submit) something that nobody knows',
    );
    const odd = await project.deploy(PROJECT);
    expect(odd).toMatchObject({
      code: 1,
      waits: [],
      output: expect.stringMatching(
        /\| ERROR: .*something that nobody knows\n\nWhen the reason is gone/,
      ),
    });
    project.programs.fail(
      'away',
      'gcloud builds submit*',
      'ERROR: (gcloud.builds.submit) UNAVAILABLE',
      'always',
    );
    expect(await project.deploy(PROJECT)).toMatchObject({
      code: 1,
      waits: [10, 20, 40, 60, 90, 120],
    });
  });

  it('a smoke test that fails is tried again, and then the deployment is not good', async () => {
    project.programs.fail('smoke', 'npm run --silent smoke*', 'the worker refuses', 'always');
    const { code, waits, output } = await project.deploy([...PROJECT, '--yes']);
    expect({ code, waits }).toEqual({ code: 1, waits: [30, 60, 90] });
    expect(output).toContain('Everything is set up, and the smoke test fails');
  });
});

describe('what a killed run has left', () => {
  const lock = `Error: Error acquiring the state lock

Error message: writing "gs://my-project-1234-terraform/media-analysis/default.tflock" failed: googleapi: Error 412: At least one of the pre-conditions you specified did not hold., conditionNotMet
Lock Info:
  ID:        1760000000000001
  Path:      gs://my-project-1234-terraform/media-analysis/default.tflock
  Operation: OperationTypeApply
  Who:       you@cloudshell
  Version:   1.11.4
  Created:   2026-11-26 06:00:00 UTC
`;

  it('a lock is broken after a question, or by its id, and never by itself', async () => {
    project.programs.fail('lock', 'terraform plan*', lock);
    const { code, output } = await project.deploy([...PROJECT, '--yes']);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(
        /The state is locked by you@cloudshell, since 2026-11-26 06:00:00 UTC\.[\s\S]*--unlock 1760000000000001/,
      ),
    });
    project.programs.fail('lock', 'terraform plan*', lock);
    const elsewhere = [...PROJECT, '--state-bucket', 'my-project-1234-terraform-2'];
    expect((await project.deploy([...elsewhere, '--yes'])).output).toContain(
      'npm run deploy -- --project my-project-1234 --state-bucket my-project-1234-terraform-2 --unlock 1760000000000001',
    );
    project.programs.write('state', 'google_storage_bucket.media\n');
    project.programs.fail('lock', 'terraform plan*', lock);
    expect((await project.deploy([...PROJECT, 'destroy', '--yes'])).output).toContain(
      'npm run deploy -- destroy --project my-project-1234 --unlock 1760000000000001',
    );
    project.programs.fail('lock', 'terraform plan*', lock);
    expect((await project.deploy([...PROJECT, '--yes'], ['no'])).code).toBe(1);
    project.programs.fail('lock', 'terraform plan*', lock);
    expect((await project.deploy([...PROJECT, '--yes', '--unlock', '1760000000000009'])).code).toBe(
      1,
    );
    expect(project.programs.calls().filter((call) => /force-unlock/.test(call))).toEqual([]);
    project.programs.fail('lock', 'terraform plan*', lock);
    expect((await project.deploy([...PROJECT, '--yes', '--unlock', '1760000000000001'])).code).toBe(
      0,
    );
    expect(project.programs.calls()).toContain('terraform force-unlock -force 1760000000000001');
  });

  it('a state that could not be written is kept, and written by the next run, before it plans', async () => {
    const folder = join(project.root, 'terraform');
    writeFileSync(join(folder, 'errored.tfstate'), '{"serial":7}');
    project.programs.fail('state', 'terraform apply*', 'Error: Failed to save state');
    const failed = await project.deploy([...PROJECT, '--yes']);
    expect(failed.code).toBe(1);
    const left = join(folder, 'errored-my-project-1234-terraform.tfstate');
    expect(failed.output).toContain(`The state could not be written. It is in ${left}`);
    expect(readFileSync(left, 'utf8')).toBe('{"serial":7}');
    // Of another state it is none.
    const elsewhere = [...PROJECT, '--state-bucket', 'my-project-1234-terraform-2', '--yes'];
    await project.deploy(elsewhere);
    expect(project.programs.calls().filter((call) => /state push/.test(call))).toEqual([]);
    // Somebody else has deployed from another machine.
    project.programs.fail(
      'later',
      'terraform state push*',
      'Failed to write state: cannot import state with serial 7 over newer state with serial 9',
    );
    expect(await project.deploy([...PROJECT, '--yes'])).toMatchObject({
      code: 1,
      output: expect.stringContaining(`mv ${left} ${left}.old`),
    });
    project.programs.calls();
    expect((await project.deploy([...PROJECT, '--yes'])).code).toBe(0);
    const calls = project.programs.calls().filter((call) => /state push|terraform plan/.test(call));
    expect(calls[0]).toBe(`terraform state push -lock-timeout=60s ${left}`);
    expect(existsSync(left)).toBe(false);
  });

  const exists = (what: string, address: string) =>
    `Error: Error creating ${what}: googleapi: Error 409: it already exists.\n\n  with ${address},\n  on x.tf line 1\n`;

  it('what is in no state is taken over, but no bucket of a stranger, and no database', async () => {
    await project.deploy(PROJECT);
    project.programs.label('google_storage_bucket.media', { app: 'media-analysis' });
    project.programs.fail(
      'there',
      'terraform apply*',
      exists('Bucket', 'google_storage_bucket.media'),
    );
    const { code, output } = await project.deploy([...PROJECT, '--yes']);
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining(
        'google_storage_bucket.media is there already, from a run that was stopped',
      ),
    });
    expect(project.programs.calls()).toContainEqual(
      expect.stringMatching(/^terraform import .* google_storage_bucket\.media media$/),
    );

    project.programs.plan('all', ['google_storage_bucket.media', 'create']);
    project.programs.fail(
      'there',
      'terraform apply*',
      exists('Bucket', 'google_storage_bucket.media'),
    );
    project.programs.fail(
      'bucket',
      'gcloud storage buckets describe gs://media *',
      'ERROR: (gcloud.storage.buckets.describe) HTTPError 403: you@example.com does not have storage.buckets.get access to the Google Cloud Storage bucket.',
    );
    expect((await project.deploy([...PROJECT, '--yes'])).output).toContain(
      'The bucket media belongs to another project',
    );

    project.programs.plan('all', ['google_firestore_database.media', 'create']);
    project.programs.fail(
      'there',
      'terraform apply*',
      exists('Database', 'google_firestore_database.media'),
    );
    expect((await project.deploy([...PROJECT, '--yes'])).output).toContain(
      `--var 'adopt=["database"]'`,
    );
    expect(project.programs.calls().filter((call) => /import/.test(call))).toEqual([]);
    // Each remedy names one thing to adopt, so the list only grows.
    await project.deploy([...PROJECT, '--yes', '--var', 'adopt=["database"]']);
    await project.deploy([...PROJECT, '--yes', '--var', 'adopt=["identity_platform"]']);
    expect(project.settings().adopt).toEqual(['database', 'identity_platform']);
  });
});

describe('what somebody else has made', () => {
  it('is not taken over for its name: it has not our label, and destroy would delete it', async () => {
    const secret = 'google_secret_manager_secret.gemini_api_key';
    await project.deploy(PROJECT);
    project.programs.write(
      'plans/all',
      JSON.stringify({
        resource_changes: [
          {
            address: secret,
            mode: 'managed',
            type: 'google_secret_manager_secret',
            change: { actions: ['create'], after: { secret_id: 'gemini-api-key' } },
          },
        ],
      }),
    );
    const exists = () =>
      project.programs.fail(
        'there',
        'terraform apply*',
        `Error: Error creating Secret: googleapi: Error 409: Secret already exists.\n\n  with ${secret},\n  on x.tf line 1\n`,
      );
    exists();
    project.programs.label(secret, { team: 'billing' });
    project.programs.calls();
    const { code, output } = await project.deploy([...PROJECT, '--yes']);
    expect([code, output]).toEqual([
      1,
      expect.stringContaining(
        'The project has projects/my-project-1234/secrets/gemini-api-key already, and not from this product',
      ),
    ]);
    expect(project.programs.calls().at(-1)).toBe(`terraform state rm -lock-timeout=60s ${secret}`);

    exists();
    project.programs.label(secret, { app: 'media-analysis' });
    expect((await project.deploy([...PROJECT, '--yes'])).code).toBe(0);
  });
});

describe('what Firestore names by a number', () => {
  const planned = (address: string, after: object) => ({
    address,
    mode: 'managed',
    type: address.split('.')[0],
    change: { actions: ['create'], after },
  });
  const INDEX =
    'google_firestore_index.media["media-owner_id.ASCENDING-tags.CONTAINS-created_at.DESCENDING"]';
  const SCHEDULE = 'google_firestore_backup_schedule.daily[0]';
  const there = () =>
    project.programs.fail(
      'there',
      'terraform apply*',
      `Error: Error creating Index: googleapi: Error 409: index already exists

  with ${INDEX},
  on firestore.tf line 85, in resource "google_firestore_index" "media":

Error: Error creating BackupSchedule: googleapi: Error 400: The database has one

  with ${SCHEDULE},
  on firestore.tf line 75, in resource "google_firestore_backup_schedule" "daily":
`,
    );
  const field = (fieldPath: string, order: string) => ({ fieldPath, order });
  const tags = { fieldPath: 'tags', arrayConfig: 'CONTAINS' };
  const index = (id: string, collection: string, fields: object[], queryScope = 'COLLECTION') => ({
    name: `${DATABASES}/media-2/collectionGroups/${collection}/indexes/${id}`,
    queryScope,
    fields,
    state: 'READY',
  });
  const fields = [field('owner_id', 'ASCENDING'), tags, field('created_at', 'DESCENDING')];
  const name = (order: string) => field('__name__', order);
  const others = [
    index('other-collection', 'usage', [...fields, name('DESCENDING')]),
    index('other-order', 'media', [...fields.toReversed(), name('DESCENDING')]),
    index('other-end', 'media', [...fields, name('ASCENDING')]),
    index('other-scope', 'media', [...fields, name('DESCENDING')], 'COLLECTION_GROUP'),
  ];
  const schedule = (id: string, recurrence: object) => ({
    name: `${DATABASES}/media-2/backupSchedules/${id}`,
    ...recurrence,
  });

  beforeEach(async () => {
    await project.deploy(PROJECT);
    project.programs.write(
      'plans/all',
      JSON.stringify({
        resource_changes: [
          planned(INDEX, {
            database: 'media-2',
            collection: 'media',
            query_scope: 'COLLECTION',
            fields: [
              { field_path: 'owner_id', order: 'ASCENDING', array_config: '' },
              { field_path: 'tags', order: null, array_config: 'CONTAINS' },
              { field_path: 'created_at', order: 'DESCENDING', array_config: null },
            ],
          }),
          planned(SCHEDULE, { database: 'media-2', retention: '604800s' }),
        ],
      }),
    );
    there();
    project.programs.calls();
  });

  it('an index and a schedule of backups that are in no state are found by what they are, and taken over', async () => {
    const ours = index('CICAgOjXh4EK', 'media', [...fields, name('DESCENDING')]);
    project.programs.write('indexes', JSON.stringify([...others, ours]));
    const schedules = [schedule('weekly1', { weeklyRecurrence: {} }), schedule('daily1', {})];
    project.programs.write('schedules', JSON.stringify(schedules));
    const { code, waits, output } = await project.deploy([...PROJECT, '--yes']);
    expect({ code, waits }).toEqual({ code: 0, waits: [] });
    expect(output).toContain(`${SCHEDULE} is there already, from a run that was stopped`);
    const imports = project.programs.calls().filter((call) => /^terraform import/.test(call));
    expect(imports).toEqual([
      expect.stringContaining(`${INDEX} ${ours.name}`),
      expect.stringContaining(`${SCHEDULE} ${DATABASES}/media-2/backupSchedules/daily1`),
    ]);
  });

  it('an index of vectors is found by its dimensions, too', async () => {
    const address = 'google_firestore_index.media["media-owner_id.ASCENDING-meaning.VECTOR"]';
    const vectors = (field: string, config: object) => [
      { [field]: 'owner_id', order: 'ASCENDING' },
      { [field]: '__name__', order: 'ASCENDING' },
      { [field]: 'meaning', ...config },
    ];
    const fields = vectors('field_path', { vector_config: [{ dimension: 256, flat: [{}] }] });
    const after = { database: 'media-2', collection: 'media', query_scope: 'COLLECTION', fields };
    project.programs.write(
      'plans/all',
      JSON.stringify({ resource_changes: [planned(address, after)] }),
    );
    project.programs.fail(
      'there',
      'terraform apply*',
      `Error: Error creating Index: googleapi: Error 409: index already exists\n\n  with ${address},\n  on firestore.tf line 85\n`,
    );
    const of = (id: string, dimension: number) =>
      index(
        id,
        'media',
        vectors('fieldPath', { vectorConfig: { dimension, flat: {} } }) as object[],
      );
    project.programs.write('indexes', JSON.stringify([of('other', 768), of('ours', 256)]));
    expect((await project.deploy([...PROJECT, '--yes'])).code).toBe(0);
    const imports = project.programs.calls().filter((call) => /^terraform import/.test(call));
    expect(imports).toEqual([expect.stringMatching(/collectionGroups\/media\/indexes\/ours$/)]);
  });

  it('an index that Google builds for longer than Terraform waits is taken over, without a second question', async () => {
    project.programs.mend('there');
    project.programs.fail(
      'long',
      'terraform apply*',
      `Error: Error waiting to create Index: Error waiting for Creating Index: timeout while waiting for state to become 'done: true' (last state: 'done: false', timeout: 20m0s)\n\n  with ${INDEX},\n  on firestore.tf line 85\n`,
    );
    const ours = index('CICAgOjXh4EK', 'media', [...fields, name('DESCENDING')]);
    project.programs.write('indexes', JSON.stringify([{ ...ours, state: 'CREATING' }]));
    project.programs.write('schedules', JSON.stringify([schedule('daily1', {})]));
    project.whileWaiting = there;
    const { code, waits, asked } = await project.deploy(PROJECT, ['yes']);
    expect({ code, waits }).toEqual({ code: 0, waits: [30] });
    expect(asked.filter((question) => /Apply/.test(question))).toHaveLength(1);
    const imports = project.programs.calls().filter((call) => /^terraform import/.test(call));
    expect(imports[0]).toContain(`${INDEX} ${ours.name}`);
  });

  it('another index is not taken for it: the error is printed as it is', async () => {
    project.programs.write('indexes', JSON.stringify(others));
    project.programs.write('schedules', '[]');
    expect(await project.deploy([...PROJECT, '--yes'])).toMatchObject({
      code: 1,
      waits: [],
      output: expect.stringContaining('index already exists'),
    });
    expect(project.programs.calls().filter((call) => /import/.test(call))).toEqual([]);
  });
});

describe('what Google never refuses to make twice', () => {
  const created = (address: string, after: object) => ({
    address,
    mode: 'managed',
    type: address.split('.')[0],
    change: { actions: ['create'], after },
  });
  const ALERT = 'google_monitoring_alert_policy.queue[0]';
  const CHANNEL = 'google_monitoring_notification_channel.email["a@example.com"]';
  const DASHBOARD = 'google_monitoring_dashboard.media';
  const BUDGET = 'google_billing_budget.media[0]';
  const parent = 'monitoring/projects/my-project-1234';
  const there = (name: string, fields: object) => {
    const withoutApi = name.slice(name.indexOf('/') + 1);
    project.google.resources.replace(name, { name: withoutApi, ...fields });
  };

  beforeEach(async () => {
    await project.deploy([...PROJECT, '--yes']);
    project.programs.write(
      'plans/all',
      JSON.stringify({
        resource_changes: [
          created(ALERT, { display_name: 'media: work is piling up', user_labels: null }),
          created(CHANNEL, {
            display_name: 'a@example.com',
            user_labels: { app: 'media-analysis' },
          }),
          created(DASHBOARD, { dashboard_json: '{"displayName":"media-analysis"}' }),
          created(BUDGET, {
            display_name: 'media-analysis (my-project-1234)',
            billing_account: '012345-6789AB-CDEF01',
          }),
        ],
      }),
    );
    project.programs.calls();
    there(`${parent}/alertPolicies/1`, { displayName: 'Copy of media: work is piling up' });
    there(`${parent}/alertPolicies/2`, { displayName: 'media: work is piling up' });
    there(`${parent}/notificationChannels/3`, { displayName: 'a@example.com' });
  });
  afterEach(() => {
    for (const api of ['monitoring', 'billingbudgets']) {
      project.google.resources.forget(`${api}/`);
      project.google.resources.forget(`serviceusage/${api}`);
    }
  });

  it('is found by its name before it is made again, and what a person has made is left alone', async () => {
    for (const api of ['monitoring', 'billingbudgets']) {
      project.google.resources.merge(`serviceusage/${api}`, {});
    }
    there(`${parent}/dashboards/4`, { displayName: 'media-analysis' });
    there('billingbudgets/billingAccounts/012345-6789AB-CDEF01/budgets/5', {
      displayName: 'media-analysis (my-project-1234)',
    });
    const { code, output } = await project.deploy([...PROJECT, '--yes']);
    expect(code).toBe(0);
    expect(output).toContain(`${ALERT} is there already, from a run that was stopped`);
    const made = project.programs.calls().filter((call) => /^terraform (import|apply)/.test(call));
    expect(made).toEqual([
      expect.stringContaining(`${ALERT} projects/my-project-1234/alertPolicies/2`),
      expect.stringContaining(`${DASHBOARD} projects/my-project-1234/dashboards/4`),
      expect.stringContaining(`${BUDGET} billingAccounts/012345-6789AB-CDEF01/budgets/5`),
      expect.stringMatching(/^terraform apply/),
    ]);
  });

  it('is made without a look where the API is not enabled yet', async () => {
    expect(await project.deploy([...PROJECT, '--yes'])).toMatchObject({ code: 0, waits: [] });
    expect(project.programs.calls().filter((call) => /import/.test(call))).toEqual([]);
  });

  it('is named by destroy if Terraform does not know it', async () => {
    project.google.resources.merge('serviceusage/monitoring', {});
    there(`${parent}/notificationChannels/6`, {
      displayName: 'a@example.com',
      userLabels: { app: 'media-analysis' },
    });
    const { code, output } = await project.deploy([...PROJECT, '--yes', 'destroy']);
    expect(code).toBe(0);
    expect(output.match(/gcloud (?:alpha|beta) monitoring .*/g)).toEqual([
      'gcloud alpha monitoring policies delete projects/my-project-1234/alertPolicies/2 --project=my-project-1234',
      'gcloud beta monitoring channels delete projects/my-project-1234/notificationChannels/6 --project=my-project-1234',
    ]);
  });
});

describe('npm run deploy -- restore', () => {
  let setUp: () => void;
  beforeAll(async () => {
    setUp = await project.setUpWithBackups();
  });
  beforeEach(() => setUp());

  it('makes a database of a minute', async () => {
    project.google.resources.merge('serviceusage/firestore', {});
    project.google.resources.replace(`firestore/${DATABASES}/(default)`, {
      type: 'FIRESTORE_NATIVE',
    });
    const at = ['--at', '2025-11-25T04:00Z'];
    expect(await project.deploy([...RESTORE, ...at, '--to', 'media-3', '--yes'])).toMatchObject({
      code: 0,
    });
    expect(project.google.resources.get(`firestore/${DATABASES}/media-3`)).toMatchObject({
      type: 'FIRESTORE_NATIVE',
    });
    expect(project.settings()).toMatchObject({ firestore_database: 'media-3' });
  });

  it('without a yes, or where nothing is set up, changes nothing', async () => {
    const args = [...RESTORE, '--backup', 'b2', '--to', 'media-2'];
    expect((await project.deploy(args, ['no'])).output).toContain('Nothing was changed.');
    expect((await project.deploy(args)).output).toContain(
      'npm run deploy -- restore --project my-project-1234 --backup b2 --to media-2 --yes',
    );
    project.programs.remove('settings');
    expect((await project.deploy(args)).output).toContain(
      'This command has set nothing up in the project my-project-1234',
    );
    expect(project.changes()).toEqual([]);
  });

  it('without the rights, or if Google cannot make it, says what is paused and how to go on', async () => {
    const args = [...RESTORE, '--backup', 'b2', '--to', 'media-2', '--yes'];
    project.programs.fail(
      'rights',
      'gcloud firestore databases restore*',
      'ERROR: (gcloud.firestore.databases.restore) PERMISSION_DENIED: The caller does not have permission',
    );
    const refused = await project.deploy(args);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain(
      'you@example.com may not do this in the project my-project-1234.',
    );
    expect(refused.output).toMatch(
      /may not do this[\s\S]*The work is paused, and nothing is lost\. When the reason is gone, go on with:\n.*restore --project my-project-1234 --backup b2 --to media-2\n[\s\S]*gcloud tasks queues resume media-upload --location=us-central1 --project=my-project-1234\n/,
    );
    project.changes();
    project.programs.write(
      'restored',
      '{"name":"op1","done":true,"error":{"code":13,"message":"it broke"}}',
    );
    const broken = await project.deploy(args);
    expect(broken.output).toContain('The database media-2 could not be made: it broke');
    // It was paused before: a second pause of the job would be refused.
    expect(project.changes()).not.toContain('gcloud scheduler jobs pause media-sweep');
    expect(JSON.stringify(project.settings())).not.toContain('media-2');

    project.programs.fail(
      'quota',
      'terraform apply*',
      'Error: Quota exceeded for total allowable CPU',
    );
    const half = await project.deploy(args);
    expect(half.output).toContain("restore --project my-project-1234 --use 'media-2'");
    expect(project.settings()).toMatchObject({ firestore_database: 'media-2' });
    project.hasDatabases('(default)', 'media-2');
    project.changes();
    expect((await project.deploy([...RESTORE, '--use', 'media-2', '--yes'])).code).toBe(0);
    expect(project.changes()).toEqual([
      'gcloud tasks queues pause media-upload',
      'gcloud tasks queues pause media-analyze',
      'gcloud tasks queues pause media-flex',
      'gcloud tasks queues pause media-webhooks',
      'gcloud tasks queues pause media-slow-webhooks',
      expect.stringMatching(/^terraform apply /),
      'gcloud tasks queues resume media-upload',
      'gcloud tasks queues resume media-analyze',
      'gcloud tasks queues resume media-flex',
      'gcloud tasks queues resume media-webhooks',
      'gcloud tasks queues resume media-slow-webhooks',
      'gcloud scheduler jobs resume media-sweep',
    ]);
  });

  it('prints every command in a dry run, in the order of a real one', async () => {
    const args = [...RESTORE, '--backup', 'b2', '--to', 'media-2'];
    const plain = (call: string) => call.replace('-chdir=terraform ', '').split(' ', 4).join(' ');
    const isOfRestore = (call: string) =>
      /^(gcloud (firestore|tasks|scheduler)|terraform state rm)/.test(call);
    await project.deploy([...args, '--yes']);
    // The second look at the operation, which takes its time.
    const real = [...new Set(project.programs.calls().map(plain).filter(isOfRestore))];
    const { code, output } = await project.deploy([...args, '--dry-run'], undefined, {
      PATH: project.root,
    });
    expect(code).toBe(0);
    const printed = [...output.matchAll(/^\$ (?:\w+=… )*(.*)$/gm)].map(([, text = '']) =>
      plain(text),
    );
    expect([...new Set(printed.filter(isOfRestore))]).toEqual(real);
  });
});
