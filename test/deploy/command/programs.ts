/**
 * Programs called `gcloud`, `terraform` and `npm` that answer as the real ones do, from files of a folder, and write down how
 * they were called. Their words are those of gcloud 528 and Terraform 1.11, which `npm run test:deploy` runs, and of Google's
 * documentation.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/** A deployment calls some forty programs: one that starts no others takes half the time. */
const BASH = existsSync('/bin/bash') ? '/bin/bash' : '/usr/bin/env bash';
const CAT = `
cat() {
  [ $# = 1 ] || { command cat "$@"; return; }
  [ -f "$1" ] || return 1
  IFS= read -rd '' text < "$1"
  printf %s "$text"
}`;

/** The error in `fail/NAME` that fits; a first line with `once` is for one call. It may bring another token. */
const FAIL = `
for file in "$ANSWERS"/fail/*; do
  [ -f "$file" ] || continue
  { read -r often; read -r pattern; } < "$file"
  [[ "$call" == $pattern ]] || continue
  sed 1,2d "$file" >&2
  cat "$ANSWERS/said" 2>/dev/null
  [ ! -f "$ANSWERS/next-token" ] || mv "$ANSWERS/next-token" "$ANSWERS/token"
  [ "$often" != once ] || rm "$file"
  exit 1
done`;

/** Ends a moment after so many signals, and writes down which it gets. */
const HANG = `
if [ -f "$ANSWERS/hang" ] && read -r count pattern < "$ANSWERS/hang" && [[ "$call" == $pattern ]]; then
  for signal in INT TERM HUP; do trap "echo $signal >> '$ANSWERS/signals'; : \\$((count--))" $signal; done
  echo "it runs" > "$ANSWERS/signals"
  until [ "$count" -le 0 ]; do echo 'Still creating...' | tee -a "$ANSWERS/shown"; sleep 0.02; done
  sleep 0.2
  exit 1
fi`;

const PROGRAMS = {
  gcloud: `
case $1 in version|auth|config) ;; *) [ -z "$call" ] || echo "$call" >> "$ANSWERS/calls" ;; esac
${FAIL}
missing() { echo "ERROR: (gcloud.storage) $1" >&2; exit 1; }
case "$*" in
  "version "*) echo '{"Google Cloud SDK":"528.0.0"}' ;;
  "auth list"*) cat "$ANSWERS/account" ;;
  "config config-helper"*) cat "$ANSWERS/token" ;;
  "projects describe"*) echo '{"projectNumber":"123456789012","lifecycleState":"ACTIVE"}' ;;
  "billing projects describe"*) cat "$ANSWERS/billing" ;;
  "billing accounts list"*) echo '[{"name":"billingAccounts/012345-6789AB-CDEF01"}]' ;;
  "services list"*) cat "$ANSWERS/services" ;;
  "services enable"*) shift 2; for each; do echo "$each"; done >> "$ANSWERS/services" ;;
  "storage buckets describe"*) cat "$ANSWERS/bucket" 2>/dev/null || missing "gs://my-project-1234-terraform not found: 404." ;;
  "storage buckets create"*) echo '{"projectNumber":"123456789012","location":"US-CENTRAL1"}' > "$ANSWERS/bucket" ;;
  "storage buckets update"*) echo '{"projectNumber":"123456789012","location":"US-CENTRAL1","versioning":{"enabled":true}}' > "$ANSWERS/bucket" ;;
  "storage buckets list"*) echo '[{"name":"my-project-1234-terraform"},{"name":"gcf-v2-sources-123456789012-us-central1"},{"name":"of-somebody-else"}]' ;;
  "storage objects describe"*)
    [ -f "$ANSWERS/settings" ] || missing "$4 not found: 404."
    cat "$ANSWERS/generation" ;;
  "storage cat"*)
    [ "\${3##*#}" = "$(cat "$ANSWERS/generation" 2>/dev/null)" ] || missing "The following URLs matched no objects or files: $3"
    cat "$ANSWERS/settings" ;;
  "storage cp - "*)
    there=0; [ ! -f "$ANSWERS/settings" ] || there=$(cat "$ANSWERS/generation")
    case "$*" in *"--if-generation-match=$there "*) ;; *)
      echo "ERROR: (gcloud.storage.cp) HTTPError 412: At least one of the pre-conditions you specified did not hold." >&2; exit 1 ;; esac
    cat > "$ANSWERS/settings"; echo $((there + 1)) > "$ANSWERS/generation" ;;
  "artifacts docker images describe"*) cat "$ANSWERS/image" 2>/dev/null || missing "Image not found." ;;
  "builds submit"*)
    echo sha256:$(printf 'a%.0s' {1..64}) > "$ANSWERS/image"
    echo '{"id":"00000000-0000-4000-8000-000000000001","results":{"images":[{"digest":"'$(cat "$ANSWERS/image")'"}]}}' ;;
  "secrets versions list"*) [ ! -f "$ANSWERS/key" ] || echo 1 ;;
  "secrets versions add"*) cat > "$ANSWERS/key" ;;
  "run services update"*|"tasks queues pause"*|"tasks queues resume"*) ;;
  "scheduler jobs describe"*) cat "$ANSWERS/sweep" ;;
  "scheduler jobs pause"*) echo PAUSED > "$ANSWERS/sweep" ;;
  "scheduler jobs resume"*) echo ENABLED > "$ANSWERS/sweep" ;;
  "firestore databases list"*) cat "$ANSWERS/databases" ;;
  "firestore backups list"*) cat "$ANSWERS/backups" ;;
  "firestore databases restore"*) echo '{"name":"projects/my-project-1234/databases/media-2/operations/op1","metadata":{"operationState":"PROCESSING"}}' ;;
  "firestore operations describe"*)
    [ -f "$ANSWERS/restored" ] && cat "$ANSWERS/restored" || echo '{"name":"op1"}'
    echo '{"name":"op1","done":true,"response":{}}' > "$ANSWERS/restored" ;;
  "firestore operations list"*) cat "$ANSWERS/operations" 2>/dev/null || echo '[]' ;;
  "artifacts repositories list"*) cat "$ANSWERS/repositories" ;;
  "iam roles list"*) cat "$ANSWERS/roles" ;;
  "firestore indexes composite list"*) cat "$ANSWERS/indexes" 2>/dev/null || echo '[{"name":"projects/my-project-1234/databases/media-2/collectionGroups/media/indexes/CICAg"}]' ;;
  "firestore backups schedules list"*) cat "$ANSWERS/schedules" 2>/dev/null || echo '[{"name":"projects/my-project-1234/databases/media-2/backupSchedules/daily1"}]' ;;
  "firestore indexes composite delete"*|"firestore backups schedules delete"*) ;;
  *) echo "gcloud $* is not known here" >&2; exit 1 ;;
esac`,
  terraform: `
if [ "$1" = -chdir=terraform ]; then shift; fi
call="terraform $*"
echo "$call" >> "$ANSWERS/calls"
${HANG}
${FAIL}
first='["google_artifact_registry_repository.media","google_secret_manager_secret.gemini_api_key","google_storage_bucket.source","time_sleep.build_may_build"]'
case "$*" in
  "version -json") cat "$ANSWERS/terraform" ;;
  init*) ;;
  "state list") cat "$ANSWERS/state" 2>/dev/null || { echo 'No state file was found!' >&2; exit 1; } ;;
  plan*)
    for each; do case $each in -var-file=*) cp "\${each#-var-file=}" "$ANSWERS/variables" ;; esac; done
    case "$*" in *-target=*) echo first ;; *-destroy*) echo destroy ;; *) echo all ;; esac > "$ANSWERS/planned" ;;
  "show -json") cat "$ANSWERS/resources" ;;
  "show -json"*) cat "$ANSWERS/plans/$(cat "$ANSWERS/planned")" ;;
  apply*)
    case $(cat "$ANSWERS/planned") in
      first) printf '%s\\n' $(echo "$first" | tr -d '[]"' | tr , ' ') > "$ANSWERS/state" ;;
      all) printf '%s\\n' google_firestore_database.media google_storage_bucket.media >> "$ANSWERS/state"; echo '{}' > "$ANSWERS/plans/all" ;;
      destroy) rm "$ANSWERS/state" ;;
    esac ;;
  "output -json"*) cat "$ANSWERS/outputs" ;;
  "state rm"*) grep -v '^google_firestore_' "$ANSWERS/state" > "$ANSWERS/rest"; mv "$ANSWERS/rest" "$ANSWERS/state" ;;
  untaint*) mv "$ANSWERS/plans/untainted" "$ANSWERS/plans/all" ;;
  import*|force-unlock*|"state push"*) ;;
  *) echo "terraform $* is not known here" >&2; exit 1 ;;
esac`,
  npm: `
echo "$call" >> "$ANSWERS/calls"
${HANG}
case "$*" in
  *smoke*) echo "$SMOKE_TOKEN" > "$ANSWERS/smoke-token" ;;
  *"user -- add"*) echo "Give its owner this link, which works for an hour, to choose a password: $PAGE_URL/choose" ;;
esac
${FAIL}`,
};

const change = (address: string, ...actions: string[]) => ({
  address,
  mode: 'managed',
  type: address.split('.')[0],
  change: { actions, after: { name: address.split('.')[1], location: 'us-central1' } },
});

/** `untainted`: all, after a thing was taken as it is. */
type PlanKind = 'first' | 'all' | 'destroy' | 'untainted';

export class Programs {
  readonly #bin = mkdtempSync(join(tmpdir(), 'media-analysis-programs-'));
  readonly #folder = mkdtempSync(join(tmpdir(), 'media-analysis-answers-'));

  /** @param names Those that are not the real ones. */
  constructor(names: (keyof typeof PROGRAMS)[] = ['gcloud', 'terraform', 'npm']) {
    for (const name of names) {
      const path = join(this.#bin, name);
      writeFileSync(path, `#!${BASH}\ncall="${name} $*"\n${CAT}\n${PROGRAMS[name]}\n`);
      chmodSync(path, 0o755);
    }
    this.reset();
  }

  /** Nothing is set up, nobody has called. */
  reset(): void {
    for (const name of readdirSync(this.#folder)) {
      rmSync(join(this.#folder, name), { recursive: true });
    }
    for (const name of ['fail', 'plans']) mkdirSync(join(this.#folder, name));
    this.write('account', 'you@example.com\n');
    this.write('token', 'TOKEN\n');
    this.write(
      'billing',
      '{"billingEnabled":true,"billingAccountName":"billingAccounts/012345-6789AB-CDEF01"}',
    );
    this.write('services', '');
    this.write('terraform', '{"terraform_version":"1.11.4"}');
    this.write('sweep', 'ENABLED\n');
    for (const name of ['databases', 'backups', 'repositories', 'roles']) this.write(name, '[]');
    this.plan('first', ['google_artifact_registry_repository.media', 'create']);
    this.plan(
      'all',
      ['google_firestore_database.media', 'create'],
      ['google_storage_bucket.media', 'create'],
    );
    this.plan('destroy', ['google_firestore_database.media', 'delete']);
    const value = (text: string) => ({ value: text });
    this.write(
      'outputs',
      JSON.stringify({
        // The local accounts believe a page of this machine only, as a key does that is restricted to a site.
        url: value('http://localhost:8080'),
        api_url: value('https://media-api-123456789012.us-central1.run.app/api/'),
        sign_in_api_key: value('local-api-key'),
        dashboard_url: value('https://console.cloud.google.com/monitoring'),
      }),
    );
  }

  /** What a test's process needs to find them. */
  get env(): Record<string, string> {
    return {
      ANSWERS: this.#folder,
      PATH: `${this.#bin}${delimiter}${process.env.PATH}`,
    };
  }

  /** The labels that a thing in the state has. */
  label(address: string, labels: Record<string, string>): void {
    const resources = [{ address, values: { effective_labels: labels } }];
    this.write('resources', JSON.stringify({ values: { root_module: { resources } } }));
  }

  /** What the next plan of that kind changes. */
  plan(kind: PlanKind, ...changes: [string, ...string[]][]): void {
    const resource_changes = changes.map(([address, ...actions]) => change(address, ...actions));
    this.write(`plans/${kind}`, JSON.stringify({ resource_changes }));
  }

  /** The next plan makes a thing again that was not seen to the end of its making, until that is taken as it is. */
  taint(address: string): void {
    const made = change(address, 'create', 'delete');
    const resource_changes = [{ ...made, action_reason: 'replace_because_tainted' }];
    this.write('plans/all', JSON.stringify({ resource_changes }));
    this.plan('untainted', ['google_cloud_run_v2_service.stream', 'update']);
  }

  /** Calls that fit the pattern of bash say this, and end with an error. */
  fail(name: string, pattern: string, text: string, often: 'once' | 'always' = 'once'): void {
    this.write(`fail/${name}`, `${often}\n${pattern.replaceAll(' ', '\\ ')}\n${text}\n`);
  }

  /** Calls that fit the pattern of bash end only after so many signals. @returns those that the call has got so far. */
  hang(pattern: string, signals = 1): () => string[] {
    this.write('hang', `${signals} ${pattern.replaceAll(' ', '\\ ')}\n`);
    this.remove('signals');
    return () => this.read('signals').trim().split('\n').slice(1);
  }

  /** Whether a call hangs. */
  get hangs(): boolean {
    return this.read('signals') !== '';
  }

  mend(name: string): void {
    rmSync(join(this.#folder, 'fail', name));
  }

  remove(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.#folder, name), text);
  }

  read(name: string): string {
    const path = join(this.#folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** Calls since the last time. */
  calls(): string[] {
    const calls = this.read('calls').trim().split('\n');
    this.write('calls', '');
    return calls;
  }

  /** @returns what sets everything up as it is now. */
  keep(): () => void {
    const names = readdirSync(this.#folder, { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => statSync(join(this.#folder, name)).isFile());
    const kept = files.map((name) => [name, this.read(name)] as const);
    return () => {
      this.reset();
      for (const [name, text] of kept) this.write(name, text);
    };
  }

  close(): void {
    for (const folder of [this.#bin, this.#folder]) rmSync(folder, { recursive: true });
  }
}
