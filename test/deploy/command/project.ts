/** A project on loopback, and `npm run deploy` in it with the real gcloud and the real Terraform. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../../../deploy/deploy.ts';
import { type GoogleApis, startGoogleApis } from '../google/server.ts';
import { WAITS } from '../terraform/apply.ts';
import { Workspace } from '../terraform/workspace.ts';
import type { People } from './people.ts';
import type { Programs } from './programs.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface Ended {
  code: number;
  output: string;
  /** Seconds that would have been waited. */
  waits: number[];
}

export interface TestProject {
  google: GoogleApis;
  /** The project's folder: a copy of `terraform/`, and stand-ins for what is built. */
  workspace: Workspace;
  /** Answers the next question; without it nobody is there to be asked. */
  answer?: (() => Promise<string>) | undefined;
  programs?: Programs | undefined;
  /** No wait takes time. */
  deploy(...args: string[]): Promise<Ended>;
  /** Kills it, with all that it has started, when that call has been made so often. */
  deployUntil(call: RegExp, times: number, ...args: string[]): Promise<void>;
  /** The terminal is closed when that call is made. */
  closeTerminalAt(call: RegExp, ...args: string[]): Promise<void>;
  /** When so many such calls have had their effect, the token ends that everybody has, and gcloud has a new one. */
  endTokenAt(call: RegExp, times?: number): void;
  close(): Promise<void>;
}

export interface ProjectOptions {
  /** Of Google's provider for Terraform. */
  major: string;
  /** Where the photo of the smoke test goes: `npm start`, as it were. */
  page: string;
  /** Who may sign in there. */
  people: People;
  /** Programs that take the place of the real ones. */
  programs?: Programs | undefined;
}

export async function openProject({
  major,
  page,
  people,
  programs,
}: ProjectOptions): Promise<TestProject> {
  const google = await startGoogleApis();
  const config = mkdtempSync(join(tmpdir(), 'media-analysis-gcloud-'));
  const token = join(config, 'token');
  const next = await people.newToken();
  writeFileSync(token, people.token);
  const env = {
    ...process.env,
    ...google.env,
    ...google.gcloudEnv,
    ...people.env,
    ...programs?.env,
    // Of its own: nothing of the person's who runs the tests.
    CLOUDSDK_CONFIG: config,
    CLOUDSDK_AUTH_ACCESS_TOKEN_FILE: token,
    GOOGLE_OAUTH_ACCESS_TOKEN: '',
    GEMINI_API_KEY: 'a-key',
    TEST_PAGE: page,
  };
  const workspace = new Workspace(major, {}, 'gcs');
  workspace.waitForNothing(WAITS);
  workspace.write('cloudbuild.stream.yaml');
  const scripts = {
    build: 'node --version',
    user: `node ${here('../../../deploy/user.ts')}`,
    smoke: `node ${here('smoke-here.ts')}`,
  };
  workspace.write('package.json', JSON.stringify({ scripts }));
  mkdirSync(join(workspace.root, 'web/public'), { recursive: true });

  let watch: NodeJS.Timeout | undefined;
  const whenCalled = (call: RegExp, times: number, then: () => void) => {
    const seen = () => google.calls.filter((each) => call.test(each)).length;
    const before = seen();
    watch = setInterval(() => {
      if (seen() < before + times) return;
      clearInterval(watch);
      then();
    }, 5);
  };
  /** @returns The exit code, or the signal. */
  const endedBy = async (
    end: (pid: number) => void,
    call: RegExp,
    times: number,
    args: string[],
  ) => {
    const command = [here('start-here.ts'), workspace.root, ...args];
    const child = spawn(process.execPath, [...command, '--project', 'my-project-1234'], {
      env,
      detached: true,
      stdio: 'ignore',
    });
    whenCalled(call, times, () => {
      if (child.pid !== undefined) end(child.pid);
    });
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
    clearInterval(watch);
    return code ?? signal;
  };
  const project: TestProject = {
    google,
    workspace,
    programs,
    deploy: async (...args) => {
      const ended: Ended = { code: 0, output: '', waits: [] };
      const add = (text: string) => {
        ended.output += text;
      };
      ended.code = await main([...args, '--project', 'my-project-1234'], {
        env,
        root: workspace.root,
        terminal: {
          isInteractive: project.answer !== undefined,
          say: (line) => add(`${line}\n`),
          show: add,
          ask: () => {
            const { answer } = project;
            project.answer = undefined;
            return answer ? answer() : Promise.reject(new Error('Nobody is there.'));
          },
          askSecret: () => Promise.reject(new Error('Nobody is there.')),
        },
        sleep: async (ms) => {
          ended.waits.push(ms / 1_000);
        },
      });
      return ended;
    },
    deployUntil: async (call, times, ...args) => {
      const ended = await endedBy(killAll, call, times, args);
      if (ended !== 'SIGKILL')
        throw new Error(`The run ended before ${call} was called ${times} times.`);
    },
    closeTerminalAt: async (call, ...args) => {
      const ended = await endedBy((pid) => process.kill(-pid, 'SIGHUP'), call, 1, args);
      if (ended !== 130) throw new Error(`The run ended with ${ended}.`);
    },
    endTokenAt: (call, times = 1) => {
      const ended = readFileSync(token, 'utf8');
      google.whenDone(call, times, () => {
        writeFileSync(token, next);
        google.refusals.push({
          call: /./,
          token: ended,
          code: 401,
          status: 'UNAUTHENTICATED',
          message:
            'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.',
        });
      });
    },
    close: async () => {
      clearInterval(watch);
      workspace.remove();
      rmSync(config, { recursive: true });
      await google.close();
    },
  };
  return project;
}

/** With all that it has started: npm, gcloud, Terraform and its providers too. */
function killAll(pid: number): void {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = listed
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const all = [pid];
  // Those that were started by one that was found before.
  for (const parent of all) {
    for (const [child, of] of rows) if (child !== undefined && of === parent) all.push(child);
  }
  // One of them may have ended by now.
  spawnSync('kill', ['-KILL', ...all.map(String)]);
}
