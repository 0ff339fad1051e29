/** One outage of one service, in virtual time, over the code that is deployed: two owners, two instances of the worker. */
import type { Firestore } from '@google-cloud/firestore';
import { isTerminal } from '@media-analysis/shared/status';
import pino from 'pino';
import { EXAMPLE_GEMINI } from '../../../functions/analysis/catalog/model-name.ts';
import {
  type Analyzer,
  createAnalyzer,
  ServiceWaitError,
} from '../../../functions/analysis/index.ts';
import { Moments } from '../../../functions/core/media/moments.ts';
import { Places } from '../../../functions/core/media/places.ts';
import {
  type MediaRecord,
  type NewMedia,
  newMediaRecord,
} from '../../../functions/core/media/record.ts';
import { createAnalyzeMedia } from '../../../functions/core/work/analyze-media.ts';
import { deliver } from '../../../functions/core/work/delivery.ts';
import { withStorageBreaker } from '../../../functions/core/work/storage-breaker.ts';
import { sweep } from '../../../functions/core/work/sweep.ts';
import { createUploadMedia } from '../../../functions/core/work/upload-media.ts';
import type { WorkerDeps } from '../../../functions/core/work/work.ts';
import { searchMoments } from '../../../functions/features/search/moments.ts';
import { createRandom } from '../../../local-cloud/faults/random.ts';
import { startFirestore } from '../../../local-cloud/firestore/server.ts';
import { type Reply, replies, startGemini } from '../../support/gemini-server.ts';
import { inProcess } from '../../support/inspector.ts';
import { findViolations } from '../invariants.ts';
import type { MemoryTask } from '../memory-services.ts';
import { observe } from '../observer.ts';
import { type AcceptedFile, makePicture } from '../user.ts';
import { VirtualClock } from './clock.ts';
import { FlakyObjects, FlakyStore, VirtualQueue } from './services.ts';

/** `cap`: what may be spent is used up, and the time at which that ends is known. */
export const OUTAGES = [
  'model 503',
  'model 429',
  'cap',
  'storage',
  'storage 403',
  'firestore',
  'tasks',
] as const;
export type Outage = (typeof OUTAGES)[number];

export interface OutageOptions {
  outage: Outage;
  items: number;
  /** How long the service is away, in virtual milliseconds. */
  lengthMs: number;
  /** The share of calls that fail, 0 to 1. Absent: all of them. */
  share?: number;
  seed?: number;
}

export interface OutageReport {
  /** What must not be, one line each. */
  violations: string[];
  /** Calls to the model that came while the service was away, of all instances. */
  callsInOutage: number;
  /** Calls of Cloud Storage that were refused. */
  refusedByStorage: number;
  /** From the end of the outage to the last result, in virtual milliseconds. */
  recoveryMs: number;
  /** Media that were accepted a minute before the end of the outage or earlier, and not stored at its end. */
  unstored: number;
  /** The most deliveries that a media had used up when it was made to wait. */
  deliveries: number;
  /** Media that were accepted half an hour before the end of the outage or earlier, and not completed at its end. */
  starved: number;
  /** The reasons for which media waited. */
  waitCodes: string[];
  /** The longest wait that was written to a record, in virtual milliseconds. */
  longestWaitMs: number;
}

/** Of the test server's good answer. */
const TOKENS_OF_ANSWER = 400;

export const INSTANCES = 2;
export const AT_A_TIME = 5;
/** Of an owner in the queues, as deployed. */
const PLACES = 10;
const OWNERS = ['alice', 'bob'];
const START = Date.parse('2026-11-25T12:00:00Z');
const MINUTE = 60_000;
/** Half of the items come before the outage, the others while it lasts. */
const OUTAGE_STARTS = START + MINUTE;
const SWEEP_MS = 5 * MINUTE;
/** What a delivery takes besides its calls to the model. */
const DELIVERY_MS = 1_000;
/** What a model takes to answer: Firestore may be away before the result is written. */
const MODEL_MS = 4_000;
/** For how long a delivery may work. It repeats its last write until then. */
const BUDGET_MS = 4 * MINUTE;
const logger = pino({ level: 'silent' });

/** How a model is away: Vertex AI says no more than this. */
const AWAY: Partial<Record<Outage, () => Reply>> = {
  'model 503': replies.unavailable,
  'model 429': () => ({
    status: 429,
    body: {
      error: {
        code: 429,
        message: 'Resource exhausted. Please try again later.',
        status: 'RESOURCE_EXHAUSTED',
      },
    },
  }),
};

export async function runOutage(options: OutageOptions): Promise<OutageReport> {
  const gemini = await startGemini({ respond: () => run.answer() });
  const server = await startFirestore();
  const environment = {
    FIRESTORE_EMULATOR_HOST: `127.0.0.1:${server.port}`,
    GOOGLE_CLOUD_PROJECT: 'outages',
  };
  const observer = observe(environment);
  const run = new Run(options, observer.firestore, gemini.url);
  try {
    await run.acceptAll();
    await run.untilOver();
    return await run.report(observer.violations);
  } finally {
    await observer.close();
    await server.close();
    await gemini.close();
  }
}

class Run {
  readonly #options: OutageOptions;
  readonly #firestore: Firestore;
  readonly #clock = new VirtualClock(START);
  readonly #queue: VirtualQueue;
  readonly #places: Places;
  readonly #objects: FlakyObjects;
  readonly #staged = new Map<string, Buffer>();
  readonly #stored = new Map<string, Buffer>();
  readonly #files: AcceptedFile[] = [];
  readonly #analyzers: Analyzer[];
  readonly #work;
  readonly #deps: WorkerDeps;
  readonly #waitCodes = new Set<string>();
  readonly #chance: () => number;
  #usedUp = 0;
  #starved = 0;
  #longestWaitMs = 0;
  #unstored = 0;
  #deliveries = 0;
  /** Media that have ended. A task that is delivered once more finds them so. */
  readonly #ended = new Set<string>();
  #callsInOutage = 0;
  #paid = 0;
  #lastResult = 0;

  constructor(options: OutageOptions, firestore: Firestore, geminiUrl: string) {
    this.#options = options;
    this.#firestore = firestore;
    const { now, sleep } = this.#clock;
    const random = createRandom(options.seed ?? 1, 'outages').next;
    this.#queue = new VirtualQueue(this.#clock, () => this.#isAway('tasks'), AT_A_TIME);
    this.#chance = createRandom(options.seed ?? 1, 'share').next;
    this.#objects = new FlakyObjects(
      this.#staged,
      this.#stored,
      () => this.#isAway('storage') || this.#isAway('storage 403'),
      options.outage === 'storage 403' ? 403 : 503,
    );
    this.#places = new Places({ firestore, queue: this.#queue, logger, max: PLACES, now });
    this.#deps = {
      moments: new Moments([searchMoments]),
      media: new FlakyStore(firestore, now, () => this.#isAway('firestore')),
      objects: this.#objects,
      inspector: inProcess,
      queue: this.#queue,
      places: this.#places,
      logger,
      leaseMs: 30_000,
      maxDeliveries: 8,
      budgetMs: BUDGET_MS,
      now,
      random,
      sleep,
    };
    const model = `googleai/${EXAMPLE_GEMINI}`;
    this.#analyzers = Array.from({ length: INSTANCES }, () => {
      const analyzer = createAnalyzer({ model, geminiApiKey: 'test', baseUrl: geminiUrl });
      const inVirtualTime: Analyzer = {
        ...analyzer,
        asking: () => inVirtualTime,
        analyze: async (input, rest) => {
          if (this.#isAway('cap')) throw new ServiceWaitError('analysis_spend_cap', this.#ends);
          const analysis = await analyzer.analyze(input, { ...rest, now, sleep, random });
          await sleep(MODEL_MS);
          return analysis;
        },
      };
      return inVirtualTime;
    });
    this.#work = this.#analyzers.map((analyzer) =>
      withStorageBreaker(
        {
          upload: createUploadMedia(
            this.#deps,
            { previewMaxSide: 16, captureLocation: false },
            analyzer,
          ),
          analyze: createAnalyzeMedia(this.#deps, analyzer),
        },
        now,
      ),
    );
    this.#queue.deliver = (task, isFirst) => this.#deliver(task, isFirst);
  }

  get #ends(): number {
    return OUTAGE_STARTS + this.#options.lengthMs;
  }

  #isAway(outage: Outage): boolean {
    const now = this.#clock.now();
    const { share = 1, outage: present } = this.#options;
    const isOutage = outage === present && now >= OUTAGE_STARTS && now < this.#ends;
    return isOutage && (share === 1 || this.#chance() < share);
  }

  answer(): Reply {
    const now = this.#clock.now();
    if (now >= OUTAGE_STARTS && now < this.#ends) this.#callsInOutage++;
    const away = AWAY[this.#options.outage];
    if (away && this.#isAway(this.#options.outage)) return away();
    this.#paid++;
    return replies.good();
  }

  async acceptAll(): Promise<void> {
    const { items, lengthMs } = this.#options;
    for (let n = 0; n < items; n++) {
      const id = `m${n}`;
      const { file, sha256 } = await makePicture(1, n);
      const owner_id = OWNERS[n % OWNERS.length] as string;
      const { name: file_name, type: content_type, size } = file;
      this.#staged.set(id, Buffer.from(await file.arrayBuffer()));
      const media = { id, file_name, content_type, size, owner_id, analyze: true, language: 'en' };
      const isEarly = n < items / 2;
      const at = isEarly
        ? OUTAGE_STARTS - Math.min(MINUTE, (items / 2 - n) * 1_000)
        : OUTAGE_STARTS + ((n - items / 2) / (items / 2)) * lengthMs;
      // The api writes the record and enqueues. Where that fails, it is the sender who tries again.
      this.#clock.at(at, () =>
        this.#clock.work(() => this.#accept({ ...media, staging_object: id })),
      );
      this.#files.push({ id, owner: owner_id, file_name, sha256, isDeleted: false });
    }
    for (let at = START + SWEEP_MS; at < this.#ends + 60 * MINUTE; at += SWEEP_MS) {
      this.#clock.at(at, () => this.#clock.work(() => this.#sweep()));
    }
    this.#clock.at(this.#ends - 1, () => this.#clock.work(() => this.#countUnstored()));
    this.#clock.at(this.#ends, () => this.#queue.resume());
  }

  async #accept(media: Omit<NewMedia, 'queue_state'>): Promise<void> {
    const now = this.#clock.now();
    const ref = this.#firestore.doc(`media/${media.id}`);
    if (this.#isAway('firestore')) {
      this.#clock.at(this.#ends, () => this.#clock.work(() => this.#accept(media)));
      return;
    }
    const queue_state = await this.#places.nextState(media.owner_id);
    const record = newMediaRecord({ ...media, queue_state }, now);
    await ref.create(record);
    await this.#places.settle(media.owner_id, [record]);
  }

  async #deliver({ phase, payload }: MemoryTask, isFirst: boolean) {
    const work = this.#work[this.#deliveries++ % INSTANCES]?.[phase];
    if (!work) throw new Error('There is no such instance.');
    const { signal } = new AbortController();
    await this.#clock.sleep(DELIVERY_MS);
    const answer = await deliver({ phase, payload, work, signal, isFirst }, this.#deps);
    await this.#look(payload.media_id);
    return answer;
  }

  async #countUnstored(): Promise<void> {
    const { docs } = await this.#firestore.collection('media').get();
    const early = docs
      .map((doc) => doc.data() as MediaRecord)
      .filter(({ created_at }) => {
        return created_at.toMillis() <= this.#ends - MINUTE;
      });
    this.#unstored = early.filter(({ object }) => object === null).length;
    this.#starved = early.filter(({ created_at, status }) => {
      return created_at.toMillis() <= this.#ends - 30 * MINUTE && status !== 'completed';
    }).length;
  }

  /** What the owner sees after a delivery. */
  async #look(id: string): Promise<void> {
    const record = (await this.#firestore.doc(`media/${id}`).get()).data() as MediaRecord;
    if (isTerminal(record.status)) {
      if (!this.#ended.has(id)) this.#lastResult = this.#clock.now();
      this.#ended.add(id);
    }
    if (!record.retry_at) return;
    this.#waitCodes.add(`${record.wait_code}`);
    this.#usedUp = Math.max(this.#usedUp, record.deliveries);
    const waitMs = record.retry_at.toMillis() - this.#clock.now();
    this.#longestWaitMs = Math.max(this.#longestWaitMs, waitMs);
  }

  async #sweep(): Promise<void> {
    if (this.#isAway('firestore')) return;
    const { now } = this.#clock;
    const services = { objects: this.#objects, queue: this.#queue, places: this.#places };
    const deps = { firestore: this.#firestore, moments: new Moments([searchMoments]), ...services };
    await sweep({ ...deps, logger, quietMs: 2 * MINUTE, now }).catch(() => undefined);
  }

  async untilOver(): Promise<void> {
    const { items } = this.#options;
    await this.#clock.runUntil(this.#ends + 60 * MINUTE, () => this.#ended.size >= items);
  }

  async report(seen: readonly string[]): Promise<OutageReport> {
    const { docs } = await this.#firestore.collection('media').get();
    const records = new Map(docs.map((doc) => [doc.id, doc.data() as MediaRecord]));
    const states = [...records.values()];
    const failed = states.filter(({ status }) => status === 'failed');
    const violations = [
      ...findViolations({
        accepted: this.#files,
        records,
        media: new Set(this.#stored.keys()),
        staging: new Set(this.#staged.keys()),
        nowMs: this.#clock.now(),
      }),
      ...failed.map(({ id, error_code }) => `${id} failed: ${error_code}`),
      ...seen,
    ];
    const { outage, lengthMs } = this.#options;
    // What was answered just before Firestore went away for longer than a delivery lives cannot be written.
    const isTooLong = outage === 'firestore' && lengthMs > BUDGET_MS - MINUTE;
    const mayBeLost = isTooLong ? AT_A_TIME : 0;
    const twice = this.#paid - states.length;
    if (twice < 0 || twice > mayBeLost) violations.push(`${twice} answers were paid for twice`);
    const tokens = states.reduce((sum, { usage }) => sum + (usage?.input_tokens ?? 0), 0);
    const unknown = this.#paid - tokens / TOKENS_OF_ANSWER;
    if (unknown > mayBeLost) violations.push(`${unknown} answers are on no receipt`);
    return {
      violations,
      callsInOutage: this.#callsInOutage,
      refusedByStorage: this.#objects.refused,
      recoveryMs: this.#lastResult - this.#ends,
      unstored: this.#unstored,
      deliveries: this.#usedUp,
      starved: this.#starved,
      waitCodes: [...this.#waitCodes].sort(),
      longestWaitMs: this.#longestWaitMs,
    };
  }
}
