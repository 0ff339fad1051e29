/** A queue and two buckets in memory, whose every step a test can hold up, or never let end. */
import type { Storage } from '@google-cloud/storage';
import type { Phase, TaskPayload } from '@media-analysis/shared/media';
import { type EnqueueOptions, TaskQueue } from '../../functions/core/media/task-queue.ts';
import { ObjectStore } from '../../functions/storage/objects.ts';

/** Called before a step; the step goes on when it resolves. */
export type Gate = () => Promise<void>;

const OPEN: Gate = async () => undefined;

const NO_QUEUE = {
  GOOGLE_CLOUD_PROJECT: '',
  TASKS_LOCATION: '',
  UPLOAD_QUEUE: '',
  ANALYZE_QUEUE: '',
  FLEX_QUEUE: '',
  WEBHOOK_QUEUE: '',
  SLOW_WEBHOOK_QUEUE: '',
  DELIVERY_TIMEOUT_S: 300,
  FLEX_TIMEOUT_S: 1_080,
  WORKER_URL: '',
  TASKS_SERVICE_ACCOUNT: '',
};

export interface MemoryTask {
  phase: Phase;
  payload: TaskPayload;
}

/** Remembers every name for ever. */
export class MemoryQueue extends TaskQueue {
  readonly tasks = new Map<string, MemoryTask>();
  refuse: (name: string) => boolean = () => false;
  readonly #gone = new Set<string>();
  readonly #gate: Gate;

  constructor(tasks = new Map<string, MemoryTask>(), gate = OPEN) {
    super(() => Promise.reject(new Error('there is no server')), NO_QUEUE);
    this.tasks = tasks;
    this.#gate = gate;
  }

  get names(): string[] {
    return [...this.tasks.keys()];
  }

  /** Takes all tasks away. Their names stay taken. */
  purge(): void {
    for (const name of this.tasks.keys()) this.#gone.add(name);
  }

  override async enqueue(
    phase: Phase,
    payload: TaskPayload,
    suffix = '',
    { ifGone }: EnqueueOptions = {},
  ): Promise<boolean> {
    await this.#gate();
    const name = `${payload.media_id}-${phase}-${payload.attempt}${suffix}`;
    if (this.refuse(name)) throw new Error('UNAVAILABLE');
    if (this.#gone.has(name) && ifGone !== undefined) {
      return this.enqueue(phase, payload, `${suffix}${ifGone}`);
    }
    const isNew = !this.tasks.has(name);
    if (isNew) this.tasks.set(name, { phase, payload });
    await this.#gate();
    return isNew;
  }

  override async cancel(): Promise<void> {
    // What is on its way already cannot be taken back, and any task may be.
  }
}

export class MemoryObjects extends ObjectStore {
  readonly staged: Map<string, Buffer>;
  readonly stored: Map<string, Buffer>;
  /** Names of the staged objects that are to be kept. */
  readonly kept: string[] = [];
  readonly #gate: Gate;

  constructor(
    staged = new Map<string, Buffer>(),
    stored = new Map<string, Buffer>(),
    gate: Gate = OPEN,
  ) {
    super({} as Storage, { STAGING_BUCKET: '', MEDIA_BUCKET: '' });
    this.staged = staged;
    this.stored = stored;
    this.#gate = gate;
  }

  override async stagedSize(name: string): Promise<number | undefined> {
    return this.staged.get(name)?.length;
  }

  override async keepStaged(name: string): Promise<void> {
    this.kept.push(name);
  }

  override async readStaged(name: string, range: { start: number; end: number }) {
    await this.#gate();
    const bytes = this.staged.get(name);
    return bytes && { bytes: bytes.subarray(range.start, range.end), size: bytes.length };
  }

  override async readMedia(name: string): Promise<Buffer | undefined> {
    await this.#gate();
    return this.stored.get(name);
  }

  override async promote(from: string, name: string): Promise<void> {
    await this.#gate();
    const bytes = this.staged.get(from);
    if (!bytes) throw Object.assign(new Error('No such object'), { code: 404 });
    if (!this.stored.has(name)) this.stored.set(name, bytes);
    await this.#gate();
  }

  override async savePreview(name: string, bytes: Buffer): Promise<void> {
    if (!this.stored.has(name)) this.stored.set(name, bytes);
  }

  override async unstage(name: string): Promise<void> {
    await this.#gate();
    this.staged.delete(name);
  }

  override async removeAll(id: string): Promise<void> {
    await this.#gate();
    this.staged.delete(id);
    for (const name of ['original', 'preview', 'small', 'bare'])
      this.stored.delete(`${id}/${name}`);
  }
}
