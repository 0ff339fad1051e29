/** A small world with three media, in which a test says who does the next step. */

import { Firestore, Timestamp } from '@google-cloud/firestore';
import type { Usage } from '@media-analysis/shared/analytics';
import { AppError } from '@media-analysis/shared/errors';
import type { TaskPayload } from '@media-analysis/shared/media';
import { isTerminal } from '@media-analysis/shared/status';
import pino from 'pino';
import { type Analysis, type Analyzer, RetryLaterError } from '../../functions/analysis/index.ts';
import { Moments } from '../../functions/core/media/moments.ts';
import { Places } from '../../functions/core/media/places.ts';
import {
  type MediaRecord,
  newMediaRecord,
  nextPhase,
  type QueueState,
} from '../../functions/core/media/record.ts';
import { MediaStore } from '../../functions/core/media/store.ts';
import { createAnalyzeMedia } from '../../functions/core/work/analyze-media.ts';
import { deliver } from '../../functions/core/work/delivery.ts';
import { sweep } from '../../functions/core/work/sweep.ts';
import { createUploadMedia } from '../../functions/core/work/upload-media.ts';
import { eraseBinned } from '../../functions/features/bin/erase.ts';
import { eraseExpired } from '../../functions/features/bin/erase-expired.ts';
import { editsAfter } from '../../functions/features/results/edits.ts';
import { searchInWorker } from '../../functions/features/search/moments.ts';
import type { FaultCode, FaultPlan } from '../../local-cloud/faults/plan.ts';
import { eventually } from '../support/eventually.ts';
import { openMedia } from '../support/features.ts';
import { inProcess } from '../support/inspector.ts';
import { Actor } from './actor.ts';
import { findViolations } from './invariants.ts';
import { MemoryObjects, MemoryQueue, type MemoryTask } from './memory-services.ts';
import type { Observer } from './observer.ts';
import { type AcceptedFile, makePicture } from './user.ts';

/** `later`: so soon that a media keeps its place; `tomorrow`: so late that it rests. */
type ModelMood = 'good' | 'busy' | 'refuses' | 'later' | 'tomorrow';

export type Command =
  | { kind: 'deliver'; task: number; skewMs: number; model: ModelMood; isFirst: boolean }
  | { kind: 'step'; actor: number }
  | { kind: 'crash'; actor: number }
  | { kind: 'fault'; fault: 'refuse' | 'lose'; code: FaultCode }
  | { kind: 'pass'; ms: number }
  | {
      kind: 'retry' | 'delete' | 'bin' | 'erase' | 'restore';
      media: number;
      diesAfterwards: boolean;
    }
  | { kind: 'edit'; media: number; isTakenBack: boolean }
  | { kind: 'sweep' };

const OWNER = 'alice';
const STRANGER = 'mallory';
const LEASE_MS = 30_000;
const QUIET_MS = 120_000;
const MAX_DELIVERIES = 4;
/** One less than the media of a world. */
const PLACES = 2;
const logger = pino({ level: 'silent' });

let worlds = 0;

export class World {
  static readonly PROJECT = 'interleavings';
  readonly #firestore: Firestore;
  readonly #undisturbed: Firestore;
  readonly #plan: FaultPlan;
  readonly #observer: Observer;
  readonly #media: MediaStore;
  readonly #library: ReturnType<typeof openMedia>;
  readonly #files: AcceptedFile[] = [];
  readonly #tasks = new Map<string, MemoryTask>();
  readonly #staged = new Map<string, Buffer>();
  readonly #stored = new Map<string, Buffer>();
  #actors: Actor[] = [];
  #clock = 1_700_000_000_000;

  private constructor(port: number, plan: FaultPlan, observer: Observer) {
    const settings = { projectId: World.PROJECT, host: `127.0.0.1:${port}`, ssl: false };
    this.#firestore = new Firestore(settings);
    this.#undisturbed = observer.firestore;
    this.#plan = plan;
    this.#observer = observer;
    this.#library = openMedia(this.#firestore, () => this.#clock);
    this.#media = this.#library.media;
  }

  /** With two media to analyse, copies, which have the owner's places, and one only to store, which waits for one. */
  static async create(port: number, plan: FaultPlan, observer: Observer): Promise<World> {
    const world = new World(port, plan, observer);
    const number = worlds++;
    await world.#accept(`w${number}-analyze`, true, 'queued');
    await world.#accept(`w${number}-copy`, true, 'queued');
    await world.#accept(`w${number}-store`, false, 'waiting');
    return world;
  }

  async carryOut(command: Command): Promise<void> {
    switch (command.kind) {
      case 'deliver': {
        const task = pick([...this.#tasks.values()], command.task);
        const { skewMs, model, isFirst } = command;
        if (task) await this.#startDelivery(task, skewMs, model, isFirst);
        break;
      }
      case 'step':
        await pick(this.#actors, command.actor)?.step();
        break;
      case 'crash': {
        const victim = pick(this.#actors, command.actor);
        this.#actors = this.#actors.filter((actor) => actor !== victim);
        break;
      }
      case 'fault':
        this.#plan.script('firestore', 'Commit', { kind: command.fault, code: command.code });
        break;
      case 'pass':
        this.#clock += command.ms;
        break;
      case 'retry':
        await this.#retry(this.#file(command.media), command.diesAfterwards);
        break;
      case 'delete':
        await this.#delete(this.#file(command.media), command.diesAfterwards);
        break;
      case 'bin':
      case 'erase':
        await this.#bin(
          this.#file(command.media),
          command.kind === 'erase',
          command.diesAfterwards,
        );
        break;
      case 'restore':
        await this.#restore(this.#file(command.media), command.diesAfterwards);
        break;
      case 'edit': {
        const { id, owner } = this.#file(command.media);
        const title = command.isTakenBack ? null : `${this.#clock}`;
        await this.#library.media
          .change(id, owner, ({ edits }) => ({ edits: editsAfter(edits, { title }) }))
          .catch(ignoreRefusal);
        break;
      }
      case 'sweep':
        await this.#sweep();
    }
    this.#actors = this.#actors.filter((actor) => !actor.isOver);
  }

  /** Nothing fails any more: who is left finishes, and the sweeper and the queue do the rest. */
  async comeToRest(): Promise<void> {
    this.#plan.clearScript();
    for (const actor of this.#actors) await actor.finish();
    for (const file of this.#files) await this.#restore(file, false);
    for (let round = 0; round < 4 * MAX_DELIVERIES; round++) {
      this.#clock += LEASE_MS + QUIET_MS + 60_000;
      await this.#sweep();
      for (const task of [...this.#tasks.values()]) {
        const actor = await this.#startDelivery(task, 0, 'good', false);
        await actor.finish();
      }
      const records = await this.#records();
      if (records.every(({ status }) => isTerminal(status))) return;
    }
  }

  async violations(): Promise<string[]> {
    const records = new Map((await this.#records()).map((record) => [record.id, record]));
    await eventually(async () => {
      const isSeen = this.#files.every(({ id }) => {
        return this.#observer.records.get(id)?.revision === records.get(id)?.revision;
      });
      return isSeen ? true : undefined;
    });
    const media = new Set(this.#stored.keys());
    const staging = new Set(this.#staged.keys());
    const accepted = this.#files;
    const nowMs = this.#clock;
    const binned = await Promise.all(
      this.#files.map(({ id }) => this.#undisturbed.doc(`bin/${id}`).get()),
    );
    const seen = await new MediaStore(this.#undisturbed).getMany([...records.keys()], STRANGER);
    return [
      ...seen.map(({ id }) => `${id} is seen by a stranger`),
      ...binned.flatMap(({ id, exists }) => (exists ? [`${id} is still in the bin`] : [])),
      ...findViolations({ accepted, records, media, staging, nowMs }),
      ...this.#observer.violations.splice(0),
    ];
  }

  async close(): Promise<void> {
    this.#plan.clearScript();
    await this.#firestore.terminate();
  }

  async #accept(id: string, analyze: boolean, queue_state: QueueState): Promise<void> {
    const { file, sha256 } = await makePicture(1, 1);
    const bytes = Buffer.from(await file.arrayBuffer());
    const { name: file_name, type: content_type, size } = file;
    const owner = { owner_id: OWNER, language: 'en', staging_object: id };
    const media = { ...owner, id, analyze, file_name, content_type, size, queue_state };
    this.#staged.set(id, bytes);
    const { media: store } = openMedia(this.#undisturbed);
    await store.create([newMediaRecord(media, this.#clock)], store.batch());
    if (queue_state === 'queued') {
      await this.#queue().enqueue('upload', { media_id: id, attempt: 1 });
    }
    this.#files.push({ id, owner: OWNER, file_name, sha256, isDeleted: false });
  }

  #queue(actor?: Actor): MemoryQueue {
    return new MemoryQueue(this.#tasks, actor?.gate);
  }

  #objects(actor?: Actor): MemoryObjects {
    return new MemoryObjects(this.#staged, this.#stored, actor?.gate);
  }

  async #startDelivery(
    { phase, payload }: MemoryTask,
    skewMs: number,
    mood: ModelMood,
    isFirst: boolean,
  ): Promise<Actor> {
    const now = () => this.#clock + skewMs;
    const actor = new Actor();
    const queue = this.#queue(actor);
    const deps = {
      ...openMedia(this.#firestore, now),
      objects: this.#objects(actor),
      inspector: inProcess,
      queue,
      places: new Places({ firestore: this.#firestore, queue, logger, max: PLACES, now }),
      logger,
      leaseMs: LEASE_MS,
      maxDeliveries: MAX_DELIVERIES,
      // A delivery that a world has lost must not wake up when the test is over.
      budgetMs: 24 * 3_600_000,
      now,
      random: () => 0,
    };
    const analyzer = analyzerIn(mood, actor, now);
    const work = {
      upload: createUploadMedia(deps, { previewMaxSide: 16, captureLocation: false }, analyzer),
      analyze: createAnalyzeMedia(deps, analyzer),
    };
    const { signal } = new AbortController();
    actor.start(() => deliver({ phase, payload, work: work[phase], signal, isFirst }, deps));
    await actor.settled();
    this.#actors.push(actor);
    return actor;
  }

  async #retry({ id }: AcceptedFile, diesAfterwards: boolean): Promise<void> {
    const record = await this.#media.retry(id, OWNER).catch(ignoreRefusal);
    if (!record || diesAfterwards) return;
    await this.#queue().enqueue(nextPhase(record), { media_id: id, attempt: record.attempts });
  }

  /** As the API does it. */
  async #delete(file: AcceptedFile, diesAfterwards: boolean): Promise<void> {
    const record = await this.#media.get(file.id, OWNER).catch(ignoreRefusal);
    if (!record) return;
    const task: TaskPayload = { media_id: file.id, attempt: record.attempts };
    const check = { ...task, removing_since: this.#clock };
    await this.#queue().enqueue('upload', check, '-removed');
    const removed = await this.#media.remove(file.id, OWNER).catch(ignoreRefusal);
    if (!removed) return;
    file.isDeleted = true;
    if (!diesAfterwards) await this.#objects().removeAll(file.id);
  }

  /** As the API does it. */
  async #bin(file: AcceptedFile, permanently: boolean, diesAfterwards: boolean): Promise<void> {
    const { id, owner } = file;
    const [put] =
      (await this.#library.bin.put([id], owner, { permanently }).catch(ignoreRefusal)) ?? [];
    if (!put || !('record' in put)) {
      // The answer to the commit may have been lost.
      if (permanently && !(put && 'error' in put)) await this.#noteErasure(file);
      return;
    }
    if (permanently) file.isDeleted = true;
    if (!permanently || diesAfterwards) return;
    const services = { objects: this.#objects(), queue: this.#queue(), logger };
    const deps = { ...this.#library, ...services };
    await eraseBinned(put.record, { ...deps, now: () => this.#clock }).catch(ignoreRefusal);
  }

  async #noteErasure(file: AcceptedFile): Promise<void> {
    const binned = (await this.#undisturbed.doc(`bin/${file.id}`).get()).data();
    if (binned && binned.erase_at.toMillis() === 0) file.isDeleted = true;
  }

  async #restore({ id, owner }: AcceptedFile, diesAfterwards: boolean): Promise<void> {
    const moved = await this.#library.bin.restore([id], owner).catch(ignoreRefusal);
    if (!moved || diesAfterwards) return;
    const now = () => this.#clock;
    const [firestore, queue] = [this.#firestore, this.#queue()];
    await new Places({ firestore, queue, logger, max: PLACES, now }).refill(owner);
  }

  async #sweep(): Promise<void> {
    const now = () => this.#clock;
    const firestore = this.#undisturbed;
    const queue = this.#queue();
    const places = new Places({ firestore, queue, logger, max: PLACES, now });
    const objects = this.#objects();
    const { media, bin } = openMedia(firestore, now);
    const erase = () => eraseExpired({ bin, media, objects, queue, logger, now });
    const moments = new Moments([
      { name: 'bin', sweeping: [{ isLate: true, run: erase }] },
      searchInWorker({ firestore, logger }),
    ]);
    const services = { firestore, objects, queue, places, logger };
    await sweep({ ...services, moments, quietMs: QUIET_MS, now });
  }

  async #records(): Promise<MediaRecord[]> {
    const refs = this.#files.map(({ id }) => this.#undisturbed.doc(`media/${id}`));
    const snapshots = await this.#undisturbed.getAll(...refs);
    return snapshots.flatMap((snapshot) =>
      snapshot.exists ? [snapshot.data() as MediaRecord] : [],
    );
  }

  #file(number: number): AcceptedFile {
    return this.#files[number % this.#files.length] as AcceptedFile;
  }
}

function analyzerIn(mood: ModelMood, actor: Actor, now: () => number): Analyzer {
  const analyzer: Analyzer = {
    asking: () => analyzer,
    model: 'test',
    promptVersion: '1',
    isCurrent: () => true,
    isCurrentResult: () => true,
    reuseAnswer: () => undefined,
    answer: () => Promise.reject(new Error('Nobody asks for that here.')),
    reuse: (_subject, analytics) => ({ analytics, usage: null as unknown as Usage }),
    analyze: async (_input, { onProgress }) => {
      onProgress?.(0.1);
      await actor.gate();
      onProgress?.(0.9);
      if (mood === 'busy') throw new AppError('analysis_unavailable', 'Busy.');
      if (mood === 'refuses') throw new AppError('analysis_rejected', 'No.');
      if (mood === 'later') throw new RetryLaterError('analysis_quota', now() + 20_000);
      if (mood === 'tomorrow') throw new RetryLaterError('analysis_quota', now() + 100_000);
      return {
        analytics: { seen: Timestamp.now().toMillis() },
        usage: null,
      } as unknown as Analysis;
    },
  };
  return analyzer;
}

function pick<T>(values: readonly T[], number: number): T | undefined {
  return values[number % Math.max(1, values.length)];
}

/** What the API answers with a 4xx, and what it answers with a 5xx: the user may try again. */
function ignoreRefusal(): undefined {
  return undefined;
}
