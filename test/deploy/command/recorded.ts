/**
 * What `recorded.test.ts` and `recorded.long.test.ts` share: `npm run deploy` with programs that answer as gcloud and Terraform do,
 * and a Google on loopback for what it asks itself. The real programs are in `npm run test:deploy`.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../../../deploy/deploy.ts';
import { type GoogleApis, startGoogleApis } from '../google/server.ts';
import { type People, startPeople } from './people.ts';
import { Programs } from './programs.ts';

export const PROJECT = ['--project', 'my-project-1234'];
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** What `npm run deploy -- restore` works on. */
export const RESTORE = [...PROJECT, 'restore'];
export const DATABASES = 'projects/my-project-1234/databases';
export const BACKUPS = 'projects/my-project-1234/locations/us-central1/backups';

export interface Ended {
  code: number;
  output: string;
  /** Seconds that were waited, without waiting. */
  waits: number[];
  asked: string[];
}

/** The project of a test file: for each test, nothing is set up in it. */
export class RecordedProject {
  readonly google: GoogleApis;
  /** A copy of what `npm run deploy` reads, and what was built. */
  readonly root: string;
  readonly #people: People;
  readonly programs = new Programs();
  /** Called at each wait, with what ends it. */
  whileWaiting: (stopping: AbortSignal) => void = () => undefined;
  /** Called at each question, before its answer, with what ends it. */
  whileAsking: (stopping?: AbortSignal) => Promise<void> = async () => undefined;

  private constructor(google: GoogleApis, people: People, root: string) {
    this.google = google;
    this.#people = people;
    this.root = root;
  }

  static async open(): Promise<RecordedProject> {
    const [google, people] = await Promise.all([startGoogleApis(), startPeople()]);
    const root = mkdtempSync(join(tmpdir(), 'media-analysis-deploy-test-'));
    cpSync(join(ROOT, 'terraform'), join(root, 'terraform'), { recursive: true });
    for (const name of ['dist/api', 'dist/stream'])
      mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, 'dist/stream/index.js'), 'built');
    const project = new RecordedProject(google, people, root);
    project.reset();
    return project;
  }

  reset(): void {
    this.whileWaiting = () => undefined;
    this.whileAsking = async () => undefined;
    this.programs.reset();
    this.programs.write('token', this.#people.token);
    this.google.resources.forget('denied');
  }

  settings(): Record<string, unknown> {
    return JSON.parse(this.programs.read('settings'));
  }

  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      ...this.google.gcloudEnv,
      ...this.#people.env,
      ...this.programs.env,
      GEMINI_API_KEY: '',
    };
  }

  /** @param answers What the person says, one after the other; absent: there is no terminal. */
  async deploy(args: string[], answers?: string[], env = {}): Promise<Ended> {
    const ended: Ended = { code: 0, output: '', waits: [], asked: [] };
    const answer = async (question: string, stopping?: AbortSignal) => {
      ended.asked.push(question.trim());
      await this.whileAsking(stopping);
      return answers?.shift() ?? '';
    };

    ended.code = await main(args, {
      env: { ...this.env, ...env },
      root: this.root,
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
      sleep: async (ms, stopping) => {
        ended.waits.push(ms / 1_000);
        this.whileWaiting(stopping);
      },
    });
    return ended;
  }

  /** Sets the project up, with backups. @returns what sets it up again as it is then, without a run. */
  async setUpWithBackups(): Promise<() => void> {
    this.reset();
    await this.deploy([...PROJECT, '--yes']);
    this.hasDatabases('(default)');
    const backup = (id: string, snapshotTime: string, state = 'READY') => ({
      name: `${BACKUPS}/${id}`,
      database: `${DATABASES}/(default)`,
      state,
      snapshotTime,
      expireTime: '2026-12-02T04:00:00Z',
    });
    const all = [backup('b1', '2026-11-24T04:00:00Z'), backup('b2', '2026-11-25T04:00:00Z')];
    this.programs.write(
      'backups',
      JSON.stringify([...all, backup('b3', '2026-11-26', 'CREATING')]),
    );
    this.programs.plan('all', ['google_firestore_database.media', 'update']);
    this.programs.calls();
    return this.programs.keep();
  }

  hasDatabases(...names: string[]): void {
    const earliestVersionTime = '2025-11-19T08:14:20.123456Z';
    const databases = names.map((name) => ({ name: `${DATABASES}/${name}`, earliestVersionTime }));
    this.programs.write('databases', JSON.stringify(databases));
  }

  /** The calls of a restore since the last time that change something, without the deployment that follows. */
  changes(): string[] {
    return this.programs
      .calls()
      .filter((call) => /pause|resume|delete|databases restore|state rm|apply/.test(call))
      .map((call) => call.replace(/ --?(project|quiet|format|location|lock-timeout)\b\S*/g, ''));
  }

  async close(): Promise<void> {
    this.programs.close();
    rmSync(this.root, { recursive: true });
    await Promise.all([this.google.close(), this.#people.close()]);
  }
}
