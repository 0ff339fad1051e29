/**
 * What `pipeline.test.ts` and `pipeline.long.test.ts` share: the scripts of the pipeline, run as Cloud Build runs them, one step after
 * the other in one folder. What they call (gcloud, terraform, npm, curl) are stand-ins that write down how they were called.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const stepSchema = z.object({
  id: z.string(),
  args: z.array(z.string()).optional(),
  script: z.string().default(''),
  env: z.array(z.string()).default([]),
  allowFailure: z.boolean().default(false),
  waitFor: z.array(z.string()).optional(),
});
type Step = z.infer<typeof stepSchema>;

export function stepsOf(name: string): Step[] {
  const text = readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
  return z.object({ steps: z.array(stepSchema) }).parse(parse(text)).steps;
}

/** What each tool does; `$BUCKETS` has a folder for each bucket, `$CALLS` is where it is written down. */
const TOOLS = {
  gcloud: `
    to="\${4/gs:\\//$BUCKETS}"
    mkdir -p "$(dirname "$to")"
    "$2" "\${3/gs:\\//$BUCKETS}" "$to"`,
  terraform: `
    case $PWD in */last/terraform) where=back ;; *) where=forth ;; esac
    case $1 in
      show) echo '{}' ;;
      plan) echo "$where: plan with $(cat terraform.tfvars.json)" >> "$CALLS" ;;
      apply)
        echo "$where: $*" >> "$CALLS"
        [ $where = forth ] || exit "$BACK_CODE"
        [ -z "$APPLY_ERROR" ] || { echo "$APPLY_ERROR" >&2; exit 1; } ;;
    esac`,
  // A gate, the smoke test, or what reads curl's answer.
  node: `case $1 in
    dist/plan-gate.mjs) exit "$GATE_CODE" ;;
    last/dist/plan-gate.mjs) exit "$GATE_BACK_CODE" ;;
    dist/smoke.mjs) echo "smoke: $2, token $SMOKE_TOKEN" >> "$CALLS"; exit "$SMOKE_CODE" ;;
    *) exec ${JSON.stringify(process.execPath)} "$@" ;;
  esac`,
  // The API key is restricted to the site: without its address, Identity Platform answers 403, which `-f` makes an error.
  curl: `case " $* " in
    *" -e https://media.example.com/ "*) echo '{"idToken":"T"}' ;;
    *) exit 22 ;;
  esac`,
};

const STORE = 'buckets/p-media-releases';
/** The file that names the last release that worked. */
export const CURRENT = `${STORE}/current`;

/** The folders of one run. */
export function openPipeline(): string {
  const folder = mkdtempSync(join(tmpdir(), 'media-analysis-pipeline-'));
  for (const name of [
    'bin',
    'workspace',
    STORE,
    'buckets/state/media-analysis',
    'release/terraform',
  ]) {
    mkdirSync(join(folder, name), { recursive: true });
  }
  for (const [name, script] of Object.entries(TOOLS)) {
    writeFileSync(join(folder, 'bin', name), `#!/usr/bin/env bash\n${script}\n`);
    chmodSync(join(folder, 'bin', name), 0o755);
  }
  writeFileSync(join(folder, 'release/terraform/terraform.tfvars.json'), 'old settings');
  writeFileSync(
    join(folder, 'buckets/state/media-analysis/settings.tfvars.json'),
    "today's settings",
  );
  const release = (id: string) => join(folder, STORE, `${id}.tar.gz`);
  execFileSync('tar', ['-czf', release('old'), '-C', join(folder, 'release'), '.']);
  copyFileSync(release('old'), release('new'));
  writeFileSync(join(folder, CURRENT), 'old\n');
  writeFileSync(join(folder, 'calls'), '');
  return folder;
}

interface Outcome {
  ok: boolean;
  says: string;
  calls: string[];
  current: string | undefined;
}

export function runStep(
  folder: string,
  { args, script, env }: Step,
  settings: Record<string, string>,
) {
  const substitutions: Record<string, string> = {
    PROJECT_ID: 'p',
    _RELEASE: 'new',
    _PLAN: 'saved',
    _STATE_BUCKET: 'state',
    _URL: 'https://media.example.com',
    _SIGN_IN_KEY: 'key',
    _SMOKE_USER: 'smoke@example.com',
    ...settings,
  };
  const fill = (text: string) =>
    text.replace(/\$\{(\w+)\}/g, (_, name) => substitutions[name] ?? '');
  const [command = '', ...rest] = args?.map(fill) ?? ['bash', '-c', script];
  const { status, stdout } = spawnSync(command, rest, {
    cwd: join(folder, 'workspace'),
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}${delimiter}${process.env.PATH}`,
      BUCKETS: join(folder, 'buckets'),
      CALLS: join(folder, 'calls'),
      APPLY_ERROR: '',
      GATE_CODE: '0',
      GATE_BACK_CODE: '0',
      BACK_CODE: '0',
      SMOKE_CODE: '0',
      SMOKE_PASSWORD: 'pass "word"',
      ...settings,
      ...Object.fromEntries(env.map((line) => fill(line).split('=', 2))),
    },
  });
  return { ok: status === 0, says: stdout.trim() };
}

/** @param settings Substitutions, and what the stand-ins are to do. */
export function deploy(folder: string, settings: Record<string, string> = {}): Outcome {
  let [ok, says] = [true, ''];
  for (const step of stepsOf('cloudbuild.deploy.yaml')) {
    const result = runStep(folder, step, settings);
    says = result.says;
    ok = result.ok || step.allowFailure;
    if (!ok) break;
  }
  const current = join(folder, CURRENT);
  return {
    ok,
    says,
    calls: readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n'),
    current: existsSync(current) ? readFileSync(current, 'utf8').trim() : undefined,
  };
}
