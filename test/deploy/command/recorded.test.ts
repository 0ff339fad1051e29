/** `npm run deploy` with programs that answer as gcloud and Terraform do: set up, taken down, restored; more is in `recorded.long.test.ts`. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect } from '@jest/globals';
import { eventually } from '../../support/eventually.ts';
import { inLongRun } from '../../support/long-test.ts';
import { needing } from '../../support/needing.ts';
import { startHttpProxy } from './http-proxy.ts';
import { BACKUPS, DATABASES, PROJECT, RESTORE, RecordedProject, ROOT } from './recorded.ts';

const it = needing('bash');
const longIt = inLongRun(it);

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
    expect(first.output).toMatch(/alert_emails=.* adds alerts .* for \$4\.75 a month/);
    expect(first.output).toContain('The model costs at most $20 a day and $620 a month');
    expect(first.output).toContain('\nhttp://localhost:8080\n');
    expect(first.output).toContain(
      'Let somebody else in: GOOGLE_CLOUD_PROJECT=my-project-1234 npm run user -- add EMAIL, then send them http://localhost:8080\n',
    );
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
      project_id: 'my-project-1234',
      region: 'us-central1',
      domain: '',
      monthly_budget: 80,
      analysis_model: 'vertexai/gemini-3.5-flash-lite',
      // A budget without an account would be no budget.
      billing_account: '012345-6789AB-CDEF01',
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

describe('two people at once', () => {
  it('the one who is overtaken stops before the apply, and takes nothing from the other', async () => {
    await project.deploy([...PROJECT, '--yes']);
    project.programs.plan('all', ['google_cloud_run_v2_service.stream', 'update']);
    project.programs.calls();
    project.whileAsking = async () => {
      project.whileAsking = async () => undefined;
      const other = [...PROJECT, '--yes', '--var', 'max_files=80'];
      expect(await project.deploy(other)).toMatchObject({ code: 0 });
    };
    const late = await project.deploy([...PROJECT, '--var', 'log_level=debug'], ['yes']);
    expect(late).toMatchObject({ code: 1, asked: ['Apply this plan? (yes/no)'] });
    expect(late.output).toMatch(
      /Another run has changed the settings since this one has read them\. The two differ in (?:log_level, max_files|max_files, log_level)\./,
    );
    expect(project.settings()).toMatchObject({ max_files: 80 });
    expect(project.settings()).not.toHaveProperty('log_level');
    expect(project.programs.calls().filter((call) => /terraform apply/.test(call))).toHaveLength(1);

    project.programs.plan('all', ['google_cloud_run_v2_service.stream', 'update']);
    const again = [...PROJECT, '--yes', '--var', 'log_level=debug'];
    expect(await project.deploy(again)).toMatchObject({ code: 0 });
    expect(project.settings()).toMatchObject({ max_files: 80, log_level: 'debug' });
  });

  it('from one folder one runs at a time: they would share what is built, and the name of the bucket of the state', async () => {
    const path = join(project.root, 'terraform/.deploying');
    writeFileSync(path, String(process.ppid));
    project.programs.calls();
    expect(await project.deploy([...PROJECT, '--yes'])).toMatchObject({
      code: 1,
      output: expect.stringContaining(`runs from this folder (process ${process.ppid})`),
    });
    expect(project.programs.calls()).toEqual(['']);
    expect((await project.deploy([...PROJECT, '--dry-run'])).code).toBe(0);
    rmSync(path);
    expect((await project.deploy([...PROJECT, '--yes'])).code).toBe(0);
  });

  longIt('a write that has succeeded, and whose answer was lost, is no other run', async () => {
    await project.deploy([...PROJECT, '--yes']);
    project.programs.plan('all', ['google_cloud_run_v2_service.stream', 'update']);
    project.programs.fail(
      'lost',
      'gcloud storage cp - *',
      'ERROR: (gcloud.storage.cp) HTTPError 412: At least one of the pre-conditions you specified did not hold.',
    );
    expect(await project.deploy([...PROJECT, '--yes'])).toMatchObject({ code: 0 });
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
    project.programs.write('terraform', '{"terraform_version":"1.5.7"}');
    expect((await project.deploy(PROJECT)).output).toMatch(
      /Terraform 1\.5\.7 is too old.*\n.*Cloud Shell:\n {2}curl .*releases\.hashicorp\.com/,
    );
    project.programs.write('terraform', '{"terraform_version":"1.11.4"}');
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

  it('a warning in the JSON of a program is named with its command', async () => {
    project.programs.write('billing', 'WARNING: Python is old\n{"billingEnabled":true}');
    const { code, output } = await project.deploy([...PROJECT, '--yes']);
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(
        /"gcloud billing projects describe my-project-1234 --format=json" has not .*JSON.*WARNING/,
      ),
    ]);
    expect(made().filter((call) => !/services enable/.test(call))).toEqual([]);
  });

  longIt('the right to make a budget, which belongs to the billing account', async () => {
    const budget = [...PROJECT, '--yes', '--var', 'billing_account=012345-6789AB-CDEF01'];
    project.google.resources.replace('denied', { permissions: ['billing.budgets.create'] });
    const refused = await project.deploy(budget);
    expect(refused).toMatchObject({ code: 1, waits: [] });
    expect(refused.output).toMatch(
      /you@example\.com lacks rights on the billing account 012345-6789AB-CDEF01.*: billing\.budgets\.create\.\n.*gcloud billing accounts add-iam-policy-binding 012345-6789AB-CDEF01 --member=user:you@example\.com --role=roles\/billing\.costsManager\n {2}npm run deploy -- --project my-project-1234 --var billing_account= /,
    );
    expect(made()).toEqual([expect.stringContaining('services enable')]);
    // Without a budget nobody asks for it.
    expect((await project.deploy([...PROJECT, '--yes'])).code).toBe(0);
    project.google.resources.forget('denied');
    project.google.refusals.push({
      code: 403,
      status: 'PERMISSION_DENIED',
      times: 1,
      call: /^POST \/cloudbilling\/billingAccounts\/.*:testIamPermissions$/,
      message: 'The caller does not have permission',
    });
    expect((await project.deploy(budget)).output).toContain('lacks rights on the billing account');
    expect((await project.deploy(budget)).code).toBe(0);
    // Somebody without that right may deploy, and leave the budget as it is.
    project.google.resources.replace('denied', { permissions: ['billing.budgets.create'] });
    expect((await project.deploy([...PROJECT, '--yes'])).code).toBe(0);
    expect((await project.deploy([...PROJECT, '--yes', '--var', 'monthly_budget=9'])).code).toBe(1);
  });

  it('a budget whose billing account is not known', async () => {
    project.programs.write('billing', '{"billingEnabled":true}');
    const { code, output } = await project.deploy([...PROJECT, '--var', 'monthly_budget=80']);
    expect([code, output]).toEqual([
      1,
      expect.stringContaining('monthly_budget needs billing_account'),
    ]);
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

  it.each([
    [['--model', 'gpt-4'], '--model: Use for example googleai/'],
    [['--model', ''], '--model: Use for example googleai/'],
    [['--model', 'local/vision'], 'local/vision cannot be deployed.'],
    [
      ['--domain', 'https://media.example.com/'],
      '  npm run deploy -- --project my-project-1234 --domain media.example.com\n',
    ],
    [['--domain', 'Media.Example.com.'], ' --domain media.example.com\n'],
    [
      ['--domain', 'photos'],
      '--domain photos: this is no host name such as media.example.com. It has a dot',
    ],
    [['--domain', 'a_b.example'], '--domain a_b.example: this is no host name'],
    [['--region', 'us-centrall1'], 'The region us-centrall1 does not have'],
    [['--region', ''], '--region needs a value'],
    [['--var', 'max_usd_per_day=abc'], '--var max_usd_per_day: max_usd_per_day must be a number'],
    [['--var', 'alert_emails=you@example.com'], `--var alert_emails: write a list, as '["`],
    [['--var', 'allow_sign_up=maybe'], '--var allow_sign_up: write true or false.'],
    [['--var', 'monthly_budget=much'], '--var monthly_budget: write a number.'],
    [['--var', 'api_capacity=5'], '--var api_capacity: write an object'],
    [['--var', 'monthly_bugdet=80'], 'terraform/ has no variable "monthly_bugdet".'],
  ])('%j is refused before anything is asked of Google, also by a dry run', async (args, text) => {
    for (const more of [['--yes'], ['--dry-run']]) {
      const { code, output } = await project.deploy([...PROJECT, ...args, ...more]);
      expect(code).toBeGreaterThan(0);
      expect(output).toContain(text);
      expect(output).not.toContain('$ gcloud');
      expect(project.programs.calls()).toEqual(['']);
    }
  });

  it('values as Terraform takes them are not refused', async () => {
    const good = ['max_usd_per_day=off', 'max_files="50"', 'allow_sign_up=true', 'adopt=database'];
    const args = [...good, 'alert_emails=["you@example.com"]'].flatMap((each) => ['--var', each]);
    const domain = ['--domain', 'media.example.com'];
    expect(await project.deploy([...PROJECT, ...args, ...domain, '--dry-run'])).toMatchObject({
      code: 0,
    });
  });

  it('an option that npm has kept is not without effect: nothing is done', async () => {
    const env = { npm_config_dry_run: 'true', npm_config_yes: 'true', npm_config_project: 'true' };
    expect(await project.deploy(['my-project-1234'], undefined, env)).toMatchObject({
      code: 2,
      output: expect.stringContaining(
        'npm has kept --project, --yes, --dry-run for itself, so nothing was done.',
      ),
    });
    expect(project.programs.calls()).toEqual(['']);
  });

  it.each([
    ['destroy', ['--var', 'log_level=debug'], '--var'],
    ['destroy', ['--domain', 'media.example.com'], '--domain'],
    ['destroy', ['--user', 'you@example.com'], '--user'],
    ['restore', ['--model', 'local/facts'], '--model'],
    ['restore', ['--use', 'media-2', '--var', 'log_level='], '--var'],
    ['restore', ['--region', 'us-central1'], '--region'],
  ])('%s %j: an option without effect is refused', async (action, args, flag) => {
    expect(await project.deploy([...PROJECT, action, '--yes', ...args])).toMatchObject({
      code: 2,
      output: expect.stringContaining(
        `${flag} is not for ${action}, which takes the settings of the last run.`,
      ),
    });
    expect(project.programs.calls()).toEqual(['']);
  });

  it('its options, by --help', async () => {
    const { code, output } = await project.deploy(['--help']);
    expect(code).toBe(0);
    for (const option of ['--project', '--user', '--region', '--domain', '--model', '--dry-run'])
      expect(output).toContain(option);
  });

  it('a command line that is not understood', async () => {
    for (const args of [
      ['--project', 'My_Project'],
      [...PROJECT, 'build'],
      [...PROJECT, '--var', 'region=x'],
      [...PROJECT, '--colour'],
      [...PROJECT, '--user', 'me'],
    ]) {
      const { code, output } = await project.deploy(args);
      expect([code, output]).toEqual([
        2,
        expect.stringContaining('npm run deploy -- --project PROJECT'),
      ]);
      // The reason is not above the screen: only the way to the help is below it.
      expect(output.split('\n').slice(-3)).toEqual([
        expect.stringContaining((args.at(-1) ?? '').split('=', 1)[0] ?? ''),
        expect.stringContaining('npm run deploy -- --help'),
        '',
      ]);
    }
  });
});

describe('a proxy', () => {
  longIt('gets our own requests, but none to this machine or to what NO_PROXY names', async () => {
    const { port } = new URL(String(project.google.gcloudEnv.CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN));
    const proxy = await startHttpProxy(Number(port));
    const name = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER';
    const env = { [name]: 'http://google.test/cloudresourcemanager/', HTTP_PROXY: proxy.url };
    try {
      expect(await project.deploy([...PROJECT, '--yes'], undefined, env)).toMatchObject({
        code: 0,
      });
      expect(new Set(proxy.asked)).toEqual(new Set(['google.test']));
      for (const NO_PROXY of ['google.test', '*']) {
        const direct = { ...env, NO_PROXY };
        expect((await project.deploy([...PROJECT, '--yes'], undefined, direct)).output).toContain(
          'google.test/cloudresourcemanager/v1/projects/my-project-1234:testIamPermissions cannot be reached',
        );
      }
      const wrong = { HTTPS_PROXY: 'socks5://me:secret@127.0.0.1:1' };
      const refused = await project.deploy(PROJECT, undefined, wrong);
      expect(refused).toMatchObject({ code: 1 });
      expect(refused.output).toContain('HTTPS_PROXY is no address of a proxy');
      expect(refused.output).not.toContain('secret');
    } finally {
      proxy.close();
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
  it.each([
    'google_cloud_tasks_queue_iam_member.api_enqueues["upload"]',
    'google_storage_bucket.media',
  ])('%s was made and not read: it is taken as it is', async (address) => {
    await project.deploy([...PROJECT, '--yes']);
    project.programs.taint(address);
    project.programs.calls();
    const { code, output } = await project.deploy([...PROJECT, '--yes']);
    expect(output).toContain(`${address} was made when the last run broke off`);
    expect(code).toBe(0);
    const calls = project.programs.calls().filter((call) => /terraform (?!show)/.test(call));
    expect(calls).toContain(`terraform untaint -lock-timeout=60s ${address}`);
    expect(calls.filter((call) => / apply /.test(call))).toHaveLength(1);
  });

  it('a signal lets what runs come to its end, and nothing more is started', async () => {
    const signals = project.programs.hang('npm *');
    const ended = project.deploy([...PROJECT, '--yes']);
    await eventually(async () => project.programs.hangs || undefined);
    process.emit('SIGTERM', 'SIGTERM');
    expect(await ended).toMatchObject({
      code: 130,
      output: expect.stringContaining('Run the same command again'),
    });
    expect(signals()).toEqual(['TERM']);
    expect(project.programs.calls().at(-1)).toBe('npm run --silent build');

    project.programs.remove('hang');
    // A wait may be four minutes long: it ends at once.
    const stopped: boolean[] = [];
    project.whileWaiting = (stopping) => {
      process.emit('SIGINT', 'SIGINT');
      stopped.push(stopping.aborted);
      stopping.throwIfAborted();
    };
    project.programs.fail(
      'away',
      'gcloud builds submit*',
      'ERROR: (gcloud.builds.submit) UNAVAILABLE',
    );
    expect(await project.deploy([...PROJECT, '--yes'])).toMatchObject({ code: 130, waits: [10] });
    expect(stopped).toEqual([true]);
    expect(project.programs.calls().filter((call) => /builds submit/.test(call))).toHaveLength(1);
  });

  longIt('a number of an error in a name is none: what cannot be read is not missing', async () => {
    project.programs.fail(
      'forbidden',
      'gcloud storage objects describe*',
      "ERROR: (gcloud.storage.objects.describe) HTTPError 403: you@example.com does not have storage.objects.get access to the Google Cloud Storage object. Permission 'storage.objects.get' denied on resource gs://photos-404-409/media-analysis/settings.tfvars.json (or it may not exist).",
    );
    project.programs.write('bucket', '{"projectNumber":"123456789012","location":"US-CENTRAL1"}');
    const bucket = ['--state-bucket', 'photos-404-409'];
    const { code, output } = await project.deploy([...PROJECT, ...bucket, '--yes', 'destroy']);
    expect([code, output]).toEqual([1, expect.stringContaining('may not do this in the project')]);
    project.programs.remove('bucket');
    project.programs.fail(
      'broken',
      'gcloud storage buckets describe*',
      'ERROR: (gcloud.storage.buckets.describe) gs://photos-403-404: broken pipe',
    );
    const broken = await project.deploy([...PROJECT, '--state-bucket', 'photos-403-404', '--yes']);
    expect([broken.code, broken.output]).toEqual([1, expect.stringContaining('broken pipe')]);
    expect(broken.output).not.toContain('another project');
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
      'sweep_schedule=77 * * * *',
      '--yes',
    ]);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('must have five'),
    });
    expect(
      project.programs.calls().filter((call) => /terraform apply|builds submit/.test(call)),
    ).toEqual([]);
    // Nor is it kept: the next run does not meet it again.
    expect(project.programs.read('settings')).toBe('');
    project.programs.mend('settings');
    expect((await project.deploy([...PROJECT, '--yes'])).code).toBe(0);
    expect(project.settings()).not.toHaveProperty('sweep_schedule');
  });

  it('what Terraform plans is not taken for what it says of an error', async () => {
    // Of the alert on deliveries that the worker refuses (terraform/metrics.tf).
    project.programs.write(
      'said',
      '+ filter = "metric.labels.response_code!=\\"resource_exhausted\\" AND metric.labels.response_code!=\\"unavailable\\""',
    );
    project.programs.fail('cpu', 'terraform plan*', 'Error: Resource precondition failed: cpu');
    const { code, output, waits } = await project.deploy([...PROJECT, '--yes']);
    expect({ code, output, waits }).toEqual({
      code: 1,
      waits: [],
      output: expect.stringContaining('with the exit code 1, for a reason that is not known here'),
    });
    expect(output).toContain('Resource precondition failed: cpu');
    expect(output).not.toContain('resource_exhausted');
  });

  it('a Terraform that fails without a word is told with its exit code, and what to do', async () => {
    project.programs.fail('silent', 'terraform plan*', '');
    const { code, output } = await project.deploy([...PROJECT, '--yes']);
    expect(code).toBe(1);
    expect(output).toContain('This command ended with the exit code 1, without a word:');
    expect(output).toContain('TF_LOG=debug');
    expect(output).not.toContain('not known here');
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

  it('a database that is taken over stays where it is, and the setting for that is named', async () => {
    await project.deploy(PROJECT);
    const address = 'google_firestore_database.media';
    const change = {
      actions: ['delete', 'create'],
      before: { name: '(default)', location_id: 'nam5' },
      after: { name: '(default)', location_id: 'us-central1' },
    };
    const resource_changes = [
      { address, mode: 'managed', type: 'google_firestore_database', change },
    ];
    project.programs.write('plans/all', JSON.stringify({ resource_changes }));
    const { code, output } = await project.deploy([...PROJECT, '--var', 'adopt=database', '--yes']);
    expect({ code, output }).toEqual({
      code: 1,
      output: expect.stringContaining('The database (default) is in nam5, and not in us-central1.'),
    });
    expect(output).toContain(
      `npm run deploy -- --project my-project-1234 --var adopt=database --var firestore_location=nam5 --var 'adopt=["database"]'`,
    );
  });
});

describe('npm run deploy -- destroy', () => {
  longIt(
    'takes everything down after the project was named, keeps the settings for another time, and names what stays',
    async () => {
      await project.deploy([...PROJECT, '--yes', '--var', 'adopt=["database","rules"]']);
      // A new secret begins with version 1: what named the second one of the old secret would fail.
      await project.deploy([...PROJECT, '--yes', '--var', 'gemini_key_version=2']);
      expect(project.settings().gemini_key_version).toBe(2);
      const state = project.programs.read('state');
      project.programs.write('state', `${state}google_identity_platform_config.media[0]\n`);
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
      expect(output).not.toContain('of-somebody-else');
      for (const command of [
        'gcloud projects delete my-project-1234',
        'gcloud storage rm --recursive gs://my-project-1234-terraform',
        'gcloud storage rm --recursive gs://gcf-v2-sources-123456789012-us-central1',
      ]) {
        expect(output).toContain(command);
      }
      expect(project.settings()).toEqual({
        project_id: 'my-project-1234',
        region: 'us-central1',
        domain: '',
        analysis_model: 'vertexai/gemini-3.5-flash-lite',
        upload_queue: 'media-upload-2',
        analyze_queue: 'media-analyze-2',
        flex_queue: 'media-flex-2',
        webhook_queue: 'media-webhooks-2',
        slow_webhook_queue: 'media-slow-webhooks-2',
        adopt: ['identity_platform'],
      });
      expect((await project.deploy([...PROJECT, 'destroy'])).output).toContain(
        'Nothing is left of what Terraform has made.',
      );
    },
  );

  longIt('has nothing taken over later that was never made', async () => {
    await project.deploy([...PROJECT, '--yes']);
    expect((await project.deploy([...PROJECT, '--yes', 'destroy'])).code).toBe(0);
    expect(project.settings().adopt).toEqual([]);
  });

  longIt('names what stays as the project has it, and says so if Google does not', async () => {
    await project.deploy([...PROJECT, '--yes', '--var', 'soft_delete_days=0']);
    const protectedOne = 'DELETE_PROTECTION_ENABLED';
    project.programs.write(
      'databases',
      JSON.stringify([
        { name: `${DATABASES}/(default)`, deleteProtectionState: protectedOne },
        { name: `${DATABASES}/media-2`, deleteProtectionState: 'DELETE_PROTECTION_DISABLED' },
      ]),
    );
    project.programs.write(
      'backups',
      JSON.stringify([
        {
          name: `${BACKUPS}/b1`,
          database: `${DATABASES}/media-2`,
          state: 'READY',
          snapshotTime: '2026-11-24T04:00:00Z',
          expireTime: '2026-12-01T04:00:00Z',
        },
      ]),
    );
    const parent = 'projects/my-project-1234';
    const repository = `${parent}/locations/us-central1/repositories/gcf-artifacts`;
    project.programs.write('repositories', JSON.stringify([{ name: repository }]));
    const roles = [
      { name: `${parent}/roles/mediaObjectKeeper`, deleted: true },
      { name: `${parent}/roles/theirs`, deleted: true },
      { name: `${parent}/roles/mediaObjectRemover` },
    ];
    project.programs.write('roles', JSON.stringify(roles));
    const { code, output } = await project.deploy([...PROJECT, '--yes', 'destroy']);
    expect(code).toBe(0);
    const stays = output.slice(output.indexOf('\nWhat stays\n'));
    for (const text of [
      "The database (default), protected against deletion, which Terraform does not know\n      gcloud firestore databases update --no-delete-protection --database='(default)' --project=my-project-1234\n      gcloud firestore databases delete --database='(default)' --project=my-project-1234\n",
      "The database media-2, which Terraform does not know\n      gcloud firestore databases delete --database='media-2' --project=my-project-1234\n",
      'A backup of media-2 of 2026-11-24 04:00 UTC, charged until 2026-12-01\n      gcloud firestore backups delete --backup=b1 --location=us-central1 --project=my-project-1234\n',
      'gcloud artifacts repositories delete gcf-artifacts --location=us-central1',
      'The deleted role mediaObjectKeeper\n',
      'The role mediaObjectRemover, of a stopped run or of another deployment\n      gcloud iam roles delete mediaObjectRemover --project=my-project-1234\n',
    ]) {
      expect(stays).toContain(text);
    }
    expect(stays).not.toMatch(/theirs|Deleted photos/);

    project.programs.fail(
      'rights',
      'gcloud firestore backups list*',
      'ERROR: (gcloud.firestore.backups.list) PERMISSION_DENIED',
    );
    project.programs.write('roles', '{"not":"a list"}');
    project.programs.fail(
      'api',
      'gcloud firestore databases list*',
      'ERROR: (gcloud.firestore.databases.list) PERMISSION_DENIED: … reason: SERVICE_DISABLED',
    );
    const again = await project.deploy([...PROJECT, '--yes', 'destroy']);
    expect(again).toMatchObject({ code: 0, waits: [] });
    expect(again.output).toContain(
      'Backups: not known, because Google did not say\n      gcloud firestore backups list --project=my-project-1234\n',
    );
    expect(again.output).toContain('Roles: not known');
    expect(again.output).not.toContain('Databases: not known');
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

  longIt('makes a database of a backup, gives it to the units, and can go back', async () => {
    const args = [...RESTORE, '--backup', 'b2', '--to', 'media-2'];
    const { code, output, waits, asked } = await project.deploy(args, ['yes']);
    expect({ code, waits, asked }).toEqual({
      code: 0,
      waits: [30],
      asked: ['Give the units the database media-2? (yes/no)'],
    });
    expect(output).toContain(
      'media-2 is made from the backup of (default), as it was at 2026-11-25 04:00 UTC.',
    );
    expect(output).toContain("restore --project my-project-1234 --use '(default)'");
    expect(project.changes()).toEqual([
      'gcloud tasks queues pause media-upload',
      'gcloud tasks queues pause media-analyze',
      'gcloud tasks queues pause media-flex',
      'gcloud tasks queues pause media-webhooks',
      'gcloud tasks queues pause media-slow-webhooks',
      'gcloud scheduler jobs pause media-sweep',
      `gcloud firestore databases restore --source-backup=${BACKUPS}/b2 --destination-database=media-2`,
      'gcloud firestore indexes composite delete CICAg --database=media-2',
      'gcloud firestore backups schedules delete --backup-schedule=daily1 --database=media-2',
      'terraform state rm google_firestore_database.media',
      expect.stringMatching(/^terraform apply /),
      'gcloud tasks queues resume media-upload',
      'gcloud tasks queues resume media-analyze',
      'gcloud tasks queues resume media-flex',
      'gcloud tasks queues resume media-webhooks',
      'gcloud tasks queues resume media-slow-webhooks',
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
      code: 0,
      waits: [30],
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
    [
      ...[...PROJECT, '--dry-run', '--model', 'googleai/gemini-3.5-flash-lite'],
      ...['--user', 'you@example.com'],
    ],
    undefined,
    { PATH: project.root },
  );
  expect(code).toBe(0);
  // Any other command gives a token that may end in the middle of an apply.
  expect(output).toContain('$ gcloud config config-helper --min-expiry=55m');
  expect(output).not.toContain('print-access-token');
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
  expect(printed.filter((each) => !/^gcloud (auth|config|version)/.test(each ?? ''))).toEqual(real);
  expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain('npm run deploy -- --project');
  const down = await project.deploy([...PROJECT, '--dry-run', 'destroy'], undefined, {
    PATH: project.root,
  });
  expect([down.code, down.output]).toEqual([0, expect.stringMatching(/terraform plan .*-destroy/)]);
  expect(down.output).toContain("(Here it asks: Write the project's id, my-project-1234,");
  expect(down.output).not.toContain('0 things');
});

longIt('a dry run says what it is where a real one asks, and nothing not given', async () => {
  const dry = async (...args: string[]) => {
    const all = [...PROJECT, '--dry-run', ...args];
    return (await project.deploy(all, undefined, { PATH: project.root })).output;
  };
  const unnamed = await project.deploy(['--dry-run'], undefined, { GOOGLE_CLOUD_PROJECT: '' });
  expect(unnamed.output).toContain('No project was named, so the commands name "my-project".');
  const plain = await dry('--region', 'europe-west1');
  expect(plain).not.toContain('No project was named');
  expect(plain.match(/^This is a dry run: nothing is done/gm)).toHaveLength(2);
  expect(plain).toContain('(Here it asks: Apply this plan? (yes/no))');
  expect(plain).toMatch(/accounts:batchGet[\s\S]*accounts:signInWithPassword/);
  expect(plain).not.toMatch(/you@example\.com[^"]*$|npm run --silent user/m);
  expect(plain).toMatch(/^https:\/\/media-stream-\d+\.europe-west1\.run\.app$/m);
  expect(await dry('--domain', 'media.example.com')).toMatch(
    /the A record of media\.example\.com is 203\.0\.113\.7[\s\S]*^https:\/\/media\.example\.com$/m,
  );
  const restore = await dry('restore');
  expect(restore).toContain('The database and the backup are examples.');
  expect(restore).not.toContain('projects/my-project/');
});
