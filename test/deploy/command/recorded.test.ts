/**
 * `npm run deploy` with programs that answer as gcloud and Terraform do, and a Google on loopback for what it asks itself. The
 * real programs are in `npm run test:deploy`.
 */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { main } from '../../../deploy/deploy.ts';
import { needing } from '../../support/needing.ts';
import { eventually } from '../../support/stack.ts';
import { type GoogleApis, startGoogleApis } from '../google/server.ts';
import { type People, startPeople } from './people.ts';
import { Programs } from './programs.ts';

const it = needing('bash');
const PROJECT = ['--project', 'my-project-1234'];
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

let google: GoogleApis;
let people: People;
let root: string;
beforeAll(async () => {
  [google, people] = await Promise.all([startGoogleApis(), startPeople()]);
  root = mkdtempSync(join(tmpdir(), 'media-analysis-deploy-test-'));
  cpSync(join(ROOT, 'terraform'), join(root, 'terraform'), { recursive: true });
  for (const name of ['dist/api', 'dist/stream']) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, 'dist/stream/index.js'), 'built');
});
afterAll(async () => {
  rmSync(root, { recursive: true });
  await Promise.all([google.close(), people.close()]);
});

let programs: Programs;
let whileWaiting: () => void;
beforeEach(() => {
  whileWaiting = () => undefined;
  programs = new Programs();
  programs.write('token', people.token);
});
afterEach(() => {
  programs.close();
  google.resources.forget('denied');
});

interface Ended {
  code: number;
  output: string;
  /** Seconds that were waited, without waiting. */
  waits: number[];
  asked: string[];
}

/** @param answers What the person says, one after the other; absent: there is no terminal. */
async function deploy(args: string[], answers?: string[], env = {}): Promise<Ended> {
  const ended: Ended = { code: 0, output: '', waits: [], asked: [] };
  const answer = async (question: string) => {
    ended.asked.push(question.trim());
    return answers?.shift() ?? '';
  };

  ended.code = await main(args, {
    env: {
      ...process.env,
      ...google.gcloudEnv,
      ...people.env,
      ...programs.env,
      GEMINI_API_KEY: '',
      ...env,
    },
    root,
    terminal: {
      isInteractive: answers !== undefined,
      say: (line) => {
        ended.output += `${line}\n`;
      },
      show: (text) => {
        ended.output += text;
      },
      ask: answer,
      askSecret: answer,
    },
    sleep: async (ms) => {
      ended.waits.push(ms / 1_000);
      whileWaiting();
    },
  });
  return ended;
}

const settings = () => JSON.parse(programs.read('settings')) as Record<string, unknown>;

describe('npm run deploy', () => {
  it('sets everything up, asks once, and goes on by its settings: a second run changes nothing', async () => {
    const first = await deploy(
      [...PROJECT, '--user', 'first@example.com', '--var', 'monthly_budget=80'],
      ['yes'],
    );
    expect(first).toMatchObject({ code: 0, waits: [], asked: ['Apply this plan? (yes/no)'] });
    expect(first.output).toContain('2 to make, 0 to change, 0 to remove.');
    expect(first.output).toMatch(/A month without a photo costs about \$0\.52/);
    expect(first.output).toMatch(/alert_emails=.* adds alerts .* for \$4\.45 a month/);
    expect(first.output).toContain('\nhttp://localhost:8080\n');
    const calls = programs.calls();
    expect(calls.filter((call) => /^npm/.test(call))).toEqual([
      'npm run --silent build',
      'npm run --silent user -- add first@example.com',
      'npm run --silent smoke -- http://localhost:8080',
    ]);
    expect(
      calls.filter((call) => /builds submit|buckets create|services enable/.test(call)),
    ).toHaveLength(3);
    expect(settings()).toMatchObject({
      ...{ project_id: 'my-project-1234', region: 'us-central1', domain: '', monthly_budget: 80 },
      analysis_model: 'vertexai/gemini-3.5-flash-lite',
      stream_image: expect.stringMatching(
        /^us-central1-docker\.pkg\.dev\/my-project-1234\/media\/stream@sha256:a{64}$/,
      ),
    });
    // The smoke test ran as a person of its own, who is gone.
    expect(programs.read('smoke-token').split('.')).toHaveLength(3);

    const again = await deploy(PROJECT);
    expect(again).toMatchObject({ code: 0, asked: [] });
    expect(again.output).toContain('Nothing is to be changed.');
    expect(
      programs
        .calls()
        .filter((call) =>
          /builds submit|buckets create|services enable|apply|storage cp/.test(call),
        ),
    ).toEqual([]);
    expect(JSON.parse(programs.read('variables'))).toEqual(settings());
  });

  it('stops before the plan is applied where nobody can say yes, or says no; the next run goes on', async () => {
    expect(await deploy(PROJECT)).toMatchObject({
      code: 1,
      output: expect.stringContaining('npm run deploy -- --project my-project-1234 --yes'),
    });
    expect(await deploy([...PROJECT, '--model', 'local/facts'], ['no'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('Nothing was changed.'),
    });
    // A plan that was refused leaves no settings behind.
    expect(settings().analysis_model).toBe('vertexai/gemini-3.5-flash-lite');
    expect(programs.read('state')).not.toContain('google_firestore_database');
    const yes = await deploy([...PROJECT, '--model', 'local/facts', '--yes']);
    expect(yes.code).toBe(0);
    expect(settings().analysis_model).toBe('local/facts');
    expect(programs.calls().filter((call) => /builds submit/.test(call))).toHaveLength(1);
  });

  it('takes a change of the settings, and gives a variable its default again', async () => {
    await deploy([
      ...PROJECT,
      '--yes',
      '--var',
      'log_level=debug',
      '--domain',
      'media.example.com',
      '--var',
      'identity_platform=false',
    ]);
    programs.plan('all', ['google_cloud_run_v2_service.stream', 'update']);
    const changed = await deploy([
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
    const { log_level, ...rest } = settings();
    expect(log_level).toBeUndefined();
    expect(rest).toMatchObject({ domain: '', alert_emails: ['a@example.com'] });
  });

  it('keeps the key of a model out of command lines, and asks for it only once', async () => {
    const model = ['--model', 'googleai/gemini-3.5-flash-lite'];
    expect(await deploy([...PROJECT, '--yes', ...model])).toMatchObject({
      code: 1,
      output: expect.stringContaining(
        'GEMINI_API_KEY=… npm run deploy -- --project my-project-1234',
      ),
    });
    const { code, output, asked } = await deploy([...PROJECT, '--yes'], ['AIza-secret', '']);
    expect({ code, asked: asked.length }).toEqual({ code: 0, asked: 2 });
    expect(programs.read('key')).toBe('AIza-secret');
    expect(output + programs.read('calls')).not.toContain('AIza-secret');
    expect((await deploy([...PROJECT, '--yes'], [])).output).toContain(
      'The secret gemini-api-key has one.',
    );
  });

  it('opens the api without a grant where an organisation forbids grants to everybody', async () => {
    programs.fail(
      'policy',
      'terraform apply*',
      `Error: Error applying IAM policy for cloudrunv2 service: googleapi: Error 400: One or more users named in the policy do not belong to a permitted customer.

  with google_cloud_run_v2_service_iam_member.anyone_calls_api[0],
`,
    );
    programs.write(
      'state',
      'google_artifact_registry_repository.media\ngoogle_secret_manager_secret.gemini_api_key\ngoogle_storage_bucket.source\ntime_sleep.build_may_build\n',
    );
    const refused = await deploy([...PROJECT, '--yes']);
    expect(refused).toMatchObject({ code: 1, waits: [] });
    expect(refused.output).toContain(
      'npm run deploy -- --project my-project-1234 --var api_is_open_by_grant=false',
    );
    programs.calls();
    expect((await deploy([...PROJECT, '--yes', '--var', 'api_is_open_by_grant=false'])).code).toBe(
      0,
    );
    expect(programs.calls()).toContainEqual(
      expect.stringMatching(
        /^gcloud run services update media-api --region=us-central1 --no-invoker-iam-check /,
      ),
    );
  });
});

describe('what is missing is said with the command that mends it, and nothing is made', () => {
  const made = () =>
    programs.calls().filter((call) => /create|services enable|apply|submit|storage cp/.test(call));

  it('programs, a person, a bill, rights', async () => {
    expect(await deploy(PROJECT, [], { PATH: root })).toMatchObject({
      code: 1,
      output: expect.stringMatching(/The gcloud CLI is not installed\.\n {2}https:/),
    });
    programs.write('account', '');
    expect((await deploy(PROJECT)).output).toMatch(
      /Nobody is signed in to gcloud\.\n {2}gcloud auth login/,
    );
    programs.write('account', 'you@example.com');
    google.resources.replace('denied', {
      permissions: ['resourcemanager.projects.setIamPolicy', 'storage.buckets.create'],
    });
    expect((await deploy(PROJECT)).output).toMatch(
      /you@example\.com lacks rights in the project my-project-1234: resourcemanager\.projects\.setIamPolicy, storage\.buckets\.create\.\n.*gcloud projects add-iam-policy-binding my-project-1234 --member=user:you@example\.com --role=roles\/owner/,
    );
    google.resources.forget('denied');
    expect(made()).toEqual([]);
    programs.write('billing', '{"billingEnabled":false}');
    expect((await deploy(PROJECT)).output).toMatch(
      /The project my-project-1234 has no billing account\.\n {2}gcloud billing projects link my-project-1234 --billing-account=012345-6789AB-CDEF01/,
    );
    expect(made()).toEqual([expect.stringContaining('services enable')]);
  });

  it('a project, a region, a bucket', async () => {
    programs.fail(
      'project',
      'gcloud projects describe*',
      'ERROR: (gcloud.projects.describe) [you@example.com] does not have permission to access projects instance [my-project-1234] (or it may not exist): The caller does not have permission.',
    );
    expect((await deploy(PROJECT)).output).toMatch(
      /There is no project my-project-1234, or you@example\.com may not see it\.[\s\S]*gcloud projects create my-project-1234/,
    );
    expect((await deploy([...PROJECT, '--region', 'europe-north9'])).output).toMatch(
      /europe-north9 does not have everything that is needed: Cloud Run functions, [\s\S]*These do: europe-central2, .*\n {2}npm run deploy -- --project my-project-1234 --region europe-central2/,
    );
    programs.write('bucket', '{"projectNumber":"666","location":"US"}');
    expect((await deploy(PROJECT)).output).toMatch(
      /The bucket my-project-1234-terraform belongs to another project[\s\S]*--state-bucket ANOTHER-NAME/,
    );
    programs.remove('bucket');
    expect(made().filter((call) => !/services enable/.test(call))).toEqual([]);
    await deploy([...PROJECT, '--region', 'europe-west1']);
    expect((await deploy([...PROJECT, '--region', 'us-east1'])).output).toContain(
      'is set up in europe-west1. A region cannot be changed',
    );
  });

  it('settings that nothing knows, or that only this machine has', async () => {
    expect((await deploy([...PROJECT, '--var', 'monthly_bugdet=80'])).output).toContain(
      'terraform/ has no variable "monthly_bugdet".',
    );
    const path = join(root, 'terraform/terraform.tfvars');
    writeFileSync(path, '');
    expect((await deploy(PROJECT)).output).toContain(
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
      expect(await deploy(args)).toMatchObject({
        code: 2,
        output: expect.stringContaining('npm run deploy -- --project PROJECT'),
      });
    }
  });
});

describe('what passes by itself is waited for, and what does not is said', () => {
  it('an API that was just enabled, service agents, new metrics: tried again, without a second question', async () => {
    programs.fail(
      'api',
      'gcloud storage buckets create*',
      'ERROR: (gcloud.storage.buckets.create) HTTPError 403: Cloud Storage JSON API has not been used in project 123456789012 before or it is disabled.',
    );
    programs.fail(
      'metric',
      'terraform apply*',
      'Error: Error creating AlertPolicy: googleapi: Error 404: Cannot find metric that matches type = "logging.googleapis.com/user/x".\n\n  with google_monitoring_alert_policy.queue,\n',
    );
    const { code, waits, asked, output } = await deploy(PROJECT, ['yes', '']);
    expect({ code, waits, asked: asked.length }).toEqual({ code: 0, waits: [10, 30], asked: 2 });
    expect(output).toContain('A new metric is not known everywhere. Trying again in 30 s.');
  });

  it('a quota, a policy: at once, with what asks for more', async () => {
    programs.fail(
      'policy',
      'gcloud storage buckets create*',
      "ERROR: (gcloud.storage.buckets.create) HTTPError 412: 'us-central1' violates constraint 'constraints/gcp.resourceLocations'.",
    );
    expect(await deploy(PROJECT)).toMatchObject({
      ...{ code: 1, waits: [] },
      output: expect.stringContaining(
        'gcloud resource-manager org-policies describe gcp.resourceLocations --project=my-project-1234 --effective',
      ),
    });
    await deploy(PROJECT);
    programs.fail(
      'quota',
      'terraform apply*',
      'Error: Error creating Service: googleapi: Error 429: Quota exceeded for total allowable CPU per project per region.\n\n  with google_cloud_run_v2_service.stream,\n',
      'always',
    );
    const { code, waits, output } = await deploy([...PROJECT, '--yes']);
    expect({ code, waits }).toEqual({ code: 1, waits: [] });
    expect(output).toContain(
      'https://console.cloud.google.com/iam-admin/quotas?project=my-project-1234',
    );
    programs.mend('quota');
    expect((await deploy([...PROJECT, '--yes'])).code).toBe(0);
  });

  it('an error that no rule knows is printed whole, and a minute that never comes ends', async () => {
    programs.fail(
      'odd',
      'gcloud builds submit*',
      'ERROR: (gcloud.builds.submit) something that nobody knows',
    );
    const odd = await deploy(PROJECT);
    expect(odd).toMatchObject({
      code: 1,
      waits: [],
      output: expect.stringMatching(
        /\| ERROR: .*something that nobody knows\n\nWhen the reason is gone/,
      ),
    });
    programs.fail(
      'away',
      'gcloud builds submit*',
      'ERROR: (gcloud.builds.submit) UNAVAILABLE',
      'always',
    );
    expect(await deploy(PROJECT)).toMatchObject({ code: 1, waits: [10, 20, 40, 60, 90, 120] });
  });

  it('a smoke test that fails is tried again, and then the deployment is not good', async () => {
    programs.fail('smoke', 'npm run --silent smoke*', 'the worker refuses', 'always');
    const { code, waits, output } = await deploy([...PROJECT, '--yes']);
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
    programs.fail('lock', 'terraform plan*', lock);
    const { code, output } = await deploy([...PROJECT, '--yes']);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringMatching(
        /The state is locked by you@cloudshell, since 2026-11-26 06:00:00 UTC\.[\s\S]*--unlock 1760000000000001/,
      ),
    });
    programs.fail('lock', 'terraform plan*', lock);
    expect((await deploy([...PROJECT, '--yes'], ['no'])).code).toBe(1);
    programs.fail('lock', 'terraform plan*', lock);
    expect((await deploy([...PROJECT, '--yes', '--unlock', '1760000000000009'])).code).toBe(1);
    expect(programs.calls().filter((call) => /force-unlock/.test(call))).toEqual([]);
    programs.fail('lock', 'terraform plan*', lock);
    expect((await deploy([...PROJECT, '--yes', '--unlock', '1760000000000001'])).code).toBe(0);
    expect(programs.calls()).toContain('terraform force-unlock -force 1760000000000001');
  });

  it('a signal lets what runs come to its end, and nothing more is started', async () => {
    programs.write('hang', '');
    const ended = deploy([...PROJECT, '--yes']);
    await eventually(async () => programs.read('hang') === 'it runs\n' || undefined);
    process.emit('SIGTERM', 'SIGTERM');
    expect(await ended).toMatchObject({
      code: 130,
      output: expect.stringContaining('Run the same command again'),
    });
    expect(programs.read('hang')).toBe('it was told to end\n');
    expect(programs.calls().at(-1)).toBe('npm run --silent build');

    programs.remove('hang');
    whileWaiting = () => process.emit('SIGTERM', 'SIGTERM');
    programs.fail('away', 'gcloud builds submit*', 'ERROR: (gcloud.builds.submit) UNAVAILABLE');
    expect(await deploy([...PROJECT, '--yes'])).toMatchObject({ code: 130, waits: [10] });
    expect(programs.calls().filter((call) => /builds submit/.test(call))).toHaveLength(1);
  });

  const exists = (what: string, address: string) =>
    `Error: Error creating ${what}: googleapi: Error 409: it already exists.\n\n  with ${address},\n  on x.tf line 1\n`;

  it('what is in no state is taken over, but no bucket of a stranger, and no database', async () => {
    await deploy(PROJECT);
    programs.fail('there', 'terraform apply*', exists('Bucket', 'google_storage_bucket.media'));
    const { code, output } = await deploy([...PROJECT, '--yes']);
    expect({ code, output }).toEqual({
      code: 0,
      output: expect.stringContaining(
        'google_storage_bucket.media is there already, from a run that was stopped',
      ),
    });
    expect(programs.calls()).toContainEqual(
      expect.stringMatching(/^terraform import .* google_storage_bucket\.media media$/),
    );

    programs.plan('all', ['google_storage_bucket.media', 'create']);
    programs.fail('there', 'terraform apply*', exists('Bucket', 'google_storage_bucket.media'));
    programs.fail(
      'bucket',
      'gcloud storage buckets describe gs://media *',
      'ERROR: (gcloud.storage.buckets.describe) HTTPError 403: you@example.com does not have storage.buckets.get access to the Google Cloud Storage bucket.',
    );
    expect((await deploy([...PROJECT, '--yes'])).output).toContain(
      'The bucket media belongs to another project',
    );

    programs.plan('all', ['google_firestore_database.media', 'create']);
    programs.fail(
      'there',
      'terraform apply*',
      exists('Database', 'google_firestore_database.media'),
    );
    expect((await deploy([...PROJECT, '--yes'])).output).toContain(`--var 'adopt=["database"]'`);
    expect(programs.calls().filter((call) => /import/.test(call))).toEqual([]);
    // Each remedy names one thing to adopt, so the list only grows.
    await deploy([...PROJECT, '--yes', '--var', 'adopt=["database"]']);
    await deploy([...PROJECT, '--yes', '--var', 'adopt=["identity_platform"]']);
    expect(settings().adopt).toEqual(['database', 'identity_platform']);
  });

  it('a plan that would delete data is refused, whatever was said', async () => {
    await deploy(PROJECT);
    programs.plan('all', ['google_firestore_database.media', 'delete', 'create']);
    programs.calls();
    expect((await deploy([...PROJECT, '--yes'])).output).toContain(
      'would delete data for ever (google_firestore_database.media)',
    );
    expect(programs.calls().filter((call) => /apply/.test(call))).toEqual([]);
  });
});

describe('npm run deploy -- destroy', () => {
  it('takes everything down after the project was named, keeps the settings for another time, and names what stays', async () => {
    await deploy([...PROJECT, '--yes']);
    programs.calls();
    expect((await deploy([...PROJECT, 'destroy'])).code).toBe(1);
    expect((await deploy([...PROJECT, 'destroy'], ['yes'])).code).toBe(1);
    expect(programs.calls().filter((call) => /apply/.test(call))).toEqual([]);
    const { code, output } = await deploy([...PROJECT, 'destroy'], ['my-project-1234']);
    expect(code).toBe(0);
    const plans = programs.calls().filter((call) => /terraform plan/.test(call));
    // Only what is there: a whole apply could make again what an earlier try has deleted.
    expect(plans[0]?.match(/-target=\S+/g)?.sort()).toEqual([
      '-target=google_firestore_database.media',
      '-target=google_storage_bucket.media',
      '-target=google_storage_bucket.source',
    ]);
    expect(plans[1]).toContain('-destroy');
    expect(JSON.parse(programs.read('variables'))).toMatchObject({ deletion_protection: false });
    for (const command of [
      'gcloud projects delete my-project-1234',
      'gcloud storage rm --recursive gs://my-project-1234-terraform',
      'gcloud storage rm --recursive gs://gcf-v2-sources-123456789012-us-central1',
    ]) {
      expect(output).toContain(command);
    }
    expect(settings()).toEqual({
      ...{ project_id: 'my-project-1234', region: 'us-central1', domain: '' },
      analysis_model: 'vertexai/gemini-3.5-flash-lite',
      ...{
        upload_queue: 'media-upload-2',
        analyze_queue: 'media-analyze-2',
        adopt: ['identity_platform'],
      },
    });
    expect((await deploy([...PROJECT, 'destroy'])).output).toContain(
      'Nothing is left of what Terraform has made.',
    );
  });
});

describe('npm run deploy -- restore', () => {
  const RESTORE = [...PROJECT, 'restore'];
  const databases = 'projects/my-project-1234/databases';
  const backups = 'projects/my-project-1234/locations/us-central1/backups';
  const backup = (id: string, snapshotTime: string, state = 'READY') => ({
    ...{ name: `${backups}/${id}`, database: `${databases}/(default)`, state },
    ...{ snapshotTime, expireTime: '2026-12-02T04:00:00Z' },
  });
  const hasDatabases = (...names: string[]) =>
    programs.write(
      'databases',
      JSON.stringify(
        names.map((name) => ({
          name: `${databases}/${name}`,
          earliestVersionTime: '2025-11-19T08:14:20.123456Z',
        })),
      ),
    );
  /** What changes something, without the deployment that follows. */
  const changes = () =>
    programs
      .calls()
      .filter((call) => /pause|resume|delete|databases restore|state rm|apply/.test(call))
      .map((call) => call.replace(/ --?(project|quiet|format|location|lock-timeout)\b\S*/g, ''));

  beforeEach(async () => {
    await deploy([...PROJECT, '--yes']);
    hasDatabases('(default)');
    const all = [backup('b1', '2026-11-24T04:00:00Z'), backup('b2', '2026-11-25T04:00:00Z')];
    programs.write('backups', JSON.stringify([...all, backup('b3', '2026-11-26', 'CREATING')]));
    programs.plan('all', ['google_firestore_database.media', 'update']);
    programs.calls();
  });

  it('says which backups and minutes there are, and changes nothing', async () => {
    const { code, output } = await deploy(RESTORE);
    expect(code).toBe(0);
    expect(output).toMatch(
      /b3 .*CREATING: not yet\n.*b2 {3}2026-11-25 04:00 UTC, of \(default\), kept until 2026-12-02\n.*b1 /,
    );
    expect(output).toContain(
      'Each minute since 2025-11-19 08:15 UTC:\n    npm run deploy -- restore --project my-project-1234 --at 2025-11-19T08:15Z',
    );
    expect(changes()).toEqual([]);
    programs.write('backups', '[]');
    expect((await deploy(RESTORE)).output).toContain(
      'none yet: the first one is made within a day',
    );
  });

  it('makes a database of a backup, gives it to the units, and can go back', async () => {
    const args = [...RESTORE, '--backup', 'b2', '--to', 'media-2'];
    const { code, output, waits, asked } = await deploy(args, ['yes']);
    expect({ code, waits, asked }).toEqual({
      ...{ code: 0, waits: [30] },
      asked: ['Give the units the database media-2? (yes/no)'],
    });
    expect(output).toContain(
      'media-2 is made from the backup of (default), as it was at 2026-11-25 04:00 UTC.',
    );
    expect(output).toContain("restore --project my-project-1234 --use '(default)'");
    expect(changes()).toEqual([
      'gcloud tasks queues pause media-upload',
      'gcloud tasks queues pause media-analyze',
      'gcloud scheduler jobs pause media-sweep',
      `gcloud firestore databases restore --source-backup=${backups}/b2 --destination-database=media-2`,
      'gcloud firestore indexes composite delete CICAg --database=media-2',
      'gcloud firestore backups schedules delete --backup-schedule=daily1 --database=media-2',
      'terraform state rm google_firestore_database.media',
      expect.stringMatching(/^terraform apply /),
      'gcloud tasks queues resume media-upload',
      'gcloud tasks queues resume media-analyze',
      'gcloud scheduler jobs resume media-sweep',
    ]);
    expect(settings()).toMatchObject({ firestore_database: 'media-2', adopt: ['database'] });
    expect(JSON.parse(programs.read('variables'))).toEqual(settings());

    hasDatabases('(default)', 'media-2');
    programs.plan('all', ['google_firestore_database.media', 'update']);
    // Another command's work on it is waited for.
    programs.write('operations', '[{"name":"op1"}]');
    programs.remove('restored');
    expect(await deploy([...RESTORE, '--use', '(default)', '--yes'])).toMatchObject({
      ...{ code: 0, waits: [30] },
    });
    expect(changes().filter((call) => /databases restore/.test(call))).toEqual([]);
    expect(settings()).toMatchObject({ firestore_database: '(default)' });
  });

  it('makes a database of a minute', async () => {
    google.resources.merge('serviceusage/firestore', {});
    google.resources.replace(`firestore/${databases}/(default)`, { type: 'FIRESTORE_NATIVE' });
    const at = ['--at', '2025-11-25T04:00Z'];
    expect(await deploy([...RESTORE, ...at, '--to', 'media-3', '--yes'])).toMatchObject({
      code: 0,
    });
    expect(google.resources.get(`firestore/${databases}/media-3`)).toMatchObject({
      type: 'FIRESTORE_NATIVE',
    });
    expect(settings()).toMatchObject({ firestore_database: 'media-3' });
  });

  it.each([
    [['--backup', 'b9'], 'There is no backup b9.'],
    [['--backup', 'b3'], 'The backup b3 cannot be restored now: CREATING.'],
    [['--backup', 'b2', '--to', '(default)'], 'has a database (default) already.'],
    [['--use', 'nothing'], 'has no database nothing. It has: (default).'],
    [['--at', '2024-01-01T00:00Z'], 'only since 2025-11-19 08:15 UTC.'],
    [['--at', '2999-01-01T00:00Z'], 'cannot be read as it was at 2999-01-01 00:00 UTC'],
  ])('%j: says why not, and changes nothing', async (args, text) => {
    expect(await deploy([...RESTORE, ...args, '--yes'])).toMatchObject({
      code: 1,
      output: expect.stringContaining(text),
    });
    expect(changes()).toEqual([]);
  });

  it.each([
    [['--backup', 'b2', '--to', 'Media_2'], 'the name of a database has 4 to 63'],
    [['--backup', 'b2', '--at', '2025-11-25T04:00Z'], '--backup and --at: choose one of them.'],
    [['--at', 'yesterday'], '--at yesterday: write a minute in UTC'],
    [['--to', 'media-2'], '--to needs --backup or --at.'],
  ])('%j: is not understood', async (args, text) => {
    expect(await deploy([...RESTORE, ...args])).toMatchObject({
      code: 2,
      output: expect.stringContaining(text),
    });
    expect(await deploy([...PROJECT, ...args])).toMatchObject({ code: 2 });
  });

  it('without a yes, or where nothing is set up, changes nothing', async () => {
    const args = [...RESTORE, '--backup', 'b2', '--to', 'media-2'];
    expect((await deploy(args, ['no'])).output).toContain('Nothing was changed.');
    expect((await deploy(args)).output).toContain(
      'npm run deploy -- restore --project my-project-1234 --backup b2 --to media-2 --yes',
    );
    programs.remove('settings');
    expect((await deploy(args)).output).toContain(
      'This command has set nothing up in the project my-project-1234',
    );
    expect(changes()).toEqual([]);
  });

  it('without the rights, or if Google cannot make it, says what is paused and how to go on', async () => {
    const args = [...RESTORE, '--backup', 'b2', '--to', 'media-2', '--yes'];
    programs.fail(
      'rights',
      'gcloud firestore databases restore*',
      'ERROR: (gcloud.firestore.databases.restore) PERMISSION_DENIED: The caller does not have permission',
    );
    const refused = await deploy(args);
    expect(refused.code).toBe(1);
    expect(refused.output).toContain(
      'you@example.com may not do this in the project my-project-1234.',
    );
    expect(refused.output).toMatch(
      /The work is paused, and nothing is lost\. To go on:\n.*restore --project my-project-1234 --backup b2 --to media-2\n[\s\S]*gcloud tasks queues resume media-upload --location=us-central1 --project=my-project-1234\n/,
    );
    changes();
    programs.write(
      'restored',
      '{"name":"op1","done":true,"error":{"code":13,"message":"it broke"}}',
    );
    const broken = await deploy(args);
    expect(broken.output).toContain('The database media-2 could not be made: it broke');
    // It was paused before: a second pause of the job would be refused.
    expect(changes()).not.toContain('gcloud scheduler jobs pause media-sweep');
    expect(JSON.stringify(settings())).not.toContain('media-2');

    programs.fail('quota', 'terraform apply*', 'Error: Quota exceeded for total allowable CPU');
    const half = await deploy(args);
    expect(half.output).toContain("restore --project my-project-1234 --use 'media-2'");
    expect(settings()).toMatchObject({ firestore_database: 'media-2' });
    hasDatabases('(default)', 'media-2');
    changes();
    expect((await deploy([...RESTORE, '--use', 'media-2', '--yes'])).code).toBe(0);
    expect(changes()).toEqual([
      'gcloud tasks queues pause media-upload',
      'gcloud tasks queues pause media-analyze',
      expect.stringMatching(/^terraform apply /),
      'gcloud tasks queues resume media-upload',
      'gcloud tasks queues resume media-analyze',
      'gcloud scheduler jobs resume media-sweep',
    ]);
  });

  it('prints every command in a dry run, in the order of a real one', async () => {
    const args = [...RESTORE, '--backup', 'b2', '--to', 'media-2'];
    const plain = (call: string) => call.replace('-chdir=terraform ', '').split(' ', 4).join(' ');
    const isOfRestore = (call: string) =>
      /^(gcloud (firestore|tasks|scheduler)|terraform state rm)/.test(call);
    await deploy([...args, '--yes']);
    // The second look at the operation, which takes its time.
    const real = [...new Set(programs.calls().map(plain).filter(isOfRestore))];
    const { code, output } = await deploy([...args, '--dry-run'], undefined, { PATH: root });
    expect(code).toBe(0);
    const printed = [...output.matchAll(/^\$ (?:\w+=… )*(.*)$/gm)].map(([, text = '']) =>
      plain(text),
    );
    expect([...new Set(printed.filter(isOfRestore))]).toEqual(real);
  });
});

it('a dry run prints every command in the order of a real one, and runs none', async () => {
  const { code, output } = await deploy(
    [...PROJECT, '--dry-run', '--model', 'googleai/gemini-3.5-flash-lite'],
    undefined,
    { PATH: root },
  );
  expect(code).toBe(0);
  const printed = [
    ...output.matchAll(
      /^\$ (?:\w+=… )*((?:gcloud|terraform|npm) (?:-chdir=terraform )?(?:(?!-|'-)\S+ ?)*)/gm,
    ),
  ].map(([, text]) => text?.trim().replace('-chdir=terraform ', ''));
  await deploy(
    [...PROJECT, '--yes', '--model', 'googleai/gemini-3.5-flash-lite', '--user', 'you@example.com'],
    undefined,
    { GEMINI_API_KEY: 'KEY' },
  );
  const plain = (call: string) =>
    /^((?:gcloud|terraform|npm) (?:(?!-)\S+ ?)*)/.exec(call)?.[1]?.trim();
  const real = programs.calls().map(plain);
  expect(printed.filter((each) => !/^gcloud (auth|version)/.test(each ?? ''))).toEqual(real);
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain('npm run deploy -- --project');
  const down = await deploy([...PROJECT, '--dry-run', 'destroy'], undefined, { PATH: root });
  expect([down.code, down.output]).toEqual([0, expect.stringMatching(/terraform plan .*-destroy/)]);
});
