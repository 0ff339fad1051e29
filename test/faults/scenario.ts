/** One run: users upload, everything fails that can, and in the end all must be as it should. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudTasksClient } from '@google-cloud/tasks';
import { credentials } from '@grpc/grpc-js';
import { isTerminal } from '@media-analysis/shared/status';
import { EXAMPLE_GEMINI } from '../../functions/analysis/catalog/model-name.ts';
import type { MediaRecord } from '../../functions/core/media/record.ts';
import { EXEMPT_HEADER, FaultPlan } from '../../local-cloud/faults/plan.ts';
import { createRandom, type Random } from '../../local-cloud/faults/random.ts';
import { startGemini } from '../support/gemini-server.ts';
import { HANG_LIMIT_MS } from '../support/hang-limit.ts';
import { eventually, type Stack, startStack, tokenOf } from '../support/stack.ts';
import { type ChaosOptions, FlakyModel, startChaos } from './chaos.ts';
import { findViolations } from './invariants.ts';
import { type Observer, observe } from './observer.ts';
import { type AcceptedFile, makePicture, User } from './user.ts';

export interface ScenarioOptions extends ChaosOptions {
  items: number;
  seed: number;
  /** Share of calls that meet a fault, 0 to 1. */
  rate: number;
  /** The longest delay of a call, in milliseconds. */
  maxDelayMs: number;
  /** Further settings of the units. */
  environment: Record<string, string>;
  sweepIntervalMs: number;
  /** Share of the items that their owner deletes at some moment. */
  deleteRate: number;
  /** How long it may take until everything has come to an end, in milliseconds; as long as a test waits, if unsaid. */
  patienceMs?: number;
  onProgress?: (line: string) => void;
}

export interface Report {
  seed: number;
  /** What must not be, one line each. */
  violations: string[];
  /** What happened, by what it is called. */
  counts: Record<string, number>;
}

const BATCH = 10;
const UPLOADS_AT_A_TIME = 3;

export async function runScenario(options: ScenarioOptions): Promise<Report> {
  const { seed, rate, maxDelayMs, environment, sweepIntervalMs } = options;
  const started = performance.now();
  const model = new FlakyModel(seed);
  const gemini = await startGemini({ respond: model.respond });
  const plan = new FaultPlan({ seed, maxDelayMs });
  const stack = await startStack({
    faults: plan,
    sweepIntervalMs,
    environment: {
      ANALYSIS_MODEL: `googleai/${EXAMPLE_GEMINI}`,
      GEMINI_API_KEY: 'test',
      GEMINI_BASE_URL: gemini.url,
      ...environment,
    },
  });
  const observer = observe(stack.environment);
  try {
    const users = await Promise.all(
      ['alice', 'bob'].map(async (name) => new User(stack, name, await tokenOf(stack, name))),
    );
    const mallory = new User(stack, 'mallory', await tokenOf(stack, 'mallory'));
    plan.rate = rate;
    model.rate = rate;
    const chaos = startChaos(stack, plan, model, options);
    const run = new Run(options, users, mallory, observer);
    await run.untilAllIsOver(chaos.outagesOver);
    await chaos.stop();
    plan.rate = 0;
    model.rate = 0;
    await finishRemovals(stack);
    await run.watched();
    const [media, staging] = await Promise.all([
      listObjects(stack, 'MEDIA_BUCKET'),
      listObjects(stack, 'STAGING_BUCKET'),
    ]);
    const { accepted } = run;
    const { records } = observer;
    const nowMs = Date.now();
    const violations = [
      ...observer.violations,
      ...[...users, mallory].flatMap((user) => user.violations),
      ...findViolations({ accepted, records, media, staging, nowMs }),
      ...run.unfinished(),
    ];
    const counts = {
      ...run.counts(),
      'model calls': gemini.requests.length,
      'document changes seen': observer.changes(),
      'left in staging': staging.size,
      ...Object.fromEntries(
        Object.entries(chaos.kills).map(([name, n]) => [`kills of ${name}`, n]),
      ),
      ...Object.fromEntries([...plan.counts].sort()),
      seconds: Math.round((performance.now() - started) / 1_000),
    };
    return { seed, violations, counts };
  } finally {
    await observer.close();
    await stack.close();
    await gemini.close();
  }
}

/** What the users do. */
class Run {
  readonly accepted: AcceptedFile[] = [];
  readonly #options: ScenarioOptions;
  readonly #users: readonly User[];
  readonly #mallory: User;
  readonly #observer: Observer;
  readonly #random: Random;
  readonly #watching: Promise<void>[] = [];
  #retries = 0;

  constructor(options: ScenarioOptions, users: readonly User[], mallory: User, observer: Observer) {
    this.#options = options;
    this.#users = users;
    this.#mallory = mallory;
    this.#observer = observer;
    this.#random = createRandom(options.seed, 'users');
  }

  async untilAllIsOver(outagesOver: Promise<void>): Promise<void> {
    const { items, patienceMs, onProgress = () => undefined } = this.#options;
    const reporting = setInterval(() => onProgress(this.#progress()), 10_000);
    try {
      await this.#uploadAll(items);
      await outagesOver;
      await eventually(() => this.#isAllOver(), patienceMs).catch(() => undefined);
    } finally {
      clearInterval(reporting);
    }
  }

  /** Resolves once every stream has said that it is done. */
  async watched(): Promise<void> {
    const late = sleep(HANG_LIMIT_MS, undefined, { ref: false }).then(() => {
      throw new Error('A stream was not done, long after all was over.');
    });
    await Promise.race([Promise.all(this.#watching), late]);
  }

  /** Recoverable: each picture here is good, so none may stay failed once its owner has retried. */
  unfinished(): string[] {
    return [...this.#observer.records.values()]
      .filter(({ status }) => status === 'failed')
      .map(({ id, error_code, attempts }) => `${id} failed: ${error_code}, attempt ${attempts}`);
  }

  counts(): Record<string, number> {
    const records = [...this.#observer.records.values()];
    const by = (test: (record: MediaRecord) => boolean) => records.filter(test).length;
    return {
      accepted: this.accepted.length,
      'deleted by their owner': this.accepted.filter(({ isDeleted }) => isDeleted).length,
      completed: by(({ status }) => status === 'completed'),
      failed: by(({ status }) => status === 'failed'),
      'retried by their owner': this.#retries,
      'recorded, though the sender was not told': by(
        ({ id }) => !this.accepted.some((file) => file.id === id),
      ),
    };
  }

  async #uploadAll(items: number): Promise<void> {
    const numbers = Array.from({ length: items }, (_, number) => number);
    const batches: number[][] = [];
    while (numbers.length > 0) batches.push(numbers.splice(0, BATCH));
    const uploading = Array.from({ length: UPLOADS_AT_A_TIME }, async (_, lane) => {
      const user = this.#users[lane % this.#users.length] as User;
      for (let batch = batches.shift(); batch; batch = batches.shift()) {
        await this.#uploadBatch(user, batch);
      }
    });
    await Promise.all(uploading);
  }

  async #uploadBatch(user: User, numbers: number[]): Promise<void> {
    const { seed, deleteRate } = this.#options;
    const pictures = await Promise.all(numbers.map((number) => makePicture(seed, number)));
    const files = await user.upload(pictures);
    this.accepted.push(...files);
    this.#watching.push(user.watch(files.map(({ id }) => id)));
    for (const file of files) {
      if (this.#random.next() >= deleteRate) continue;
      const later = Math.round(this.#random.next() * 3_000);
      file.isDeleted = true;
      this.#watching.push(sleep(later).then(() => user.delete(file.id)));
    }
    if (files[0]) this.#watching.push(this.#mallory.spy(files[0].id));
  }

  /** Presses the retry button of what failed for reasons of ours. */
  async #isAllOver(): Promise<true | undefined> {
    const { records } = this.#observer;
    const failed = [...records.values()].filter(({ status }) => status === 'failed');
    for (const { id, owner_id } of failed) {
      await this.#users.find(({ name }) => name === owner_id)?.retry(id);
      this.#retries++;
    }
    if (failed.length > 0) return undefined;
    const isOver = this.accepted.every(({ id, isDeleted }) => {
      const record = records.get(id);
      return record ? !isDeleted && isTerminal(record.status) : isDeleted;
    });
    const others = [...records.values()].every(({ status }) => isTerminal(status));
    return isOver && others ? true : undefined;
  }

  #progress(): string {
    const { accepted, ...rest } = this.counts();
    return `${accepted} accepted, ${JSON.stringify(rest)}`;
  }
}

/** Has the tasks that look after deleted media dispatched now and not in a minute. */
async function finishRemovals({ environment }: Stack): Promise<void> {
  const { CLOUD_TASKS_EMULATOR_HOST = '', GOOGLE_CLOUD_PROJECT = '' } = environment;
  const { TASKS_LOCATION = '', UPLOAD_QUEUE = '' } = environment;
  const [apiEndpoint = '', port] = CLOUD_TASKS_EMULATOR_HOST.split(':');
  const client = new CloudTasksClient({
    projectId: GOOGLE_CLOUD_PROJECT,
    apiEndpoint,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
    universeDomain: 'googleapis.com',
  });
  const parent = client.queuePath(GOOGLE_CLOUD_PROJECT, TASKS_LOCATION, UPLOAD_QUEUE);
  try {
    await eventually(async () => {
      const [tasks] = await client.listTasks({ parent });
      const removals = tasks.filter(({ name }) => name?.endsWith('-removed'));
      for (const { name } of removals)
        await client.runTask({ name: name ?? null }).catch(() => undefined);
      return removals.length === 0 ? true : undefined;
    });
  } finally {
    await client.close();
  }
}

async function listObjects({ environment }: Stack, bucket: string): Promise<Set<string>> {
  const names = new Set<string>();
  let pageToken = '';
  do {
    const url = `${environment.STORAGE_EMULATOR_HOST}/storage/v1/b/${environment[bucket]}/o?pageToken=${pageToken}`;
    const response = await fetch(url, { headers: { [EXEMPT_HEADER]: 'observer' } });
    const page = (await response.json()) as { items?: { name: string }[]; nextPageToken?: string };
    for (const { name } of page.items ?? []) names.add(name);
    pageToken = page.nextPageToken ?? '';
  } while (pageToken !== '');
  return names;
}
