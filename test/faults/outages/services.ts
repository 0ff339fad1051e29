/** The services of an outage run: each can be away, and a queue dispatches in virtual time. */
import type { DocumentReference, Firestore } from '@google-cloud/firestore';
import type { Phase, TaskPayload } from '@media-analysis/shared/media';
import { MediaStore } from '../../../functions/core/media/store.ts';
import type { Answer } from '../../../functions/core/work/work.ts';
import { MemoryObjects, MemoryQueue, type MemoryTask } from '../memory-services.ts';
import type { VirtualClock } from './clock.ts';

const GRPC_UNAVAILABLE = 14;

function refusal(code: number): Error {
  return Object.assign(new Error('The service is away.'), { code });
}

/** Firestore's own client repeats for a minute of real time; here it has done so. */
export class FlakyStore extends MediaStore {
  readonly #isAway: () => boolean;

  constructor(firestore: Firestore, now: () => number, isAway: () => boolean) {
    super(firestore, now);
    this.#isAway = isAway;
  }

  override ref(id: string): DocumentReference {
    const isAway = this.#isAway;
    return new Proxy(super.ref(id), {
      get(target, name) {
        if (name === 'get' || name === 'update') {
          const call = target[name].bind(target) as (...args: unknown[]) => Promise<unknown>;
          return async (...args: unknown[]) => {
            if (isAway()) throw refusal(GRPC_UNAVAILABLE);
            return call(...args);
          };
        }
        if (name === 'parent' && isAway()) throw refusal(GRPC_UNAVAILABLE);
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }
}

export class FlakyObjects extends MemoryObjects {
  /** Calls that were refused. */
  refused = 0;

  constructor(
    staged: Map<string, Buffer>,
    stored: Map<string, Buffer>,
    isAway: () => boolean,
    status: number,
  ) {
    super(staged, stored, async () => {
      if (!isAway()) return;
      this.refused++;
      throw refusal(status);
    });
  }
}

/** As Cloud Tasks does: so many at a time for each phase, and again after a failure, later each time. */
export class VirtualQueue extends MemoryQueue {
  deliver: (task: MemoryTask, isFirst: boolean) => Promise<Answer> = async () => ({ done: true });
  readonly #clock: VirtualClock;
  readonly #isAway: () => boolean;
  readonly #atATime: number;
  readonly #ready: Record<Phase, { task: MemoryTask; tries: number }[]> = {
    upload: [],
    analyze: [],
  };
  readonly #running: Record<Phase, number> = { upload: 0, analyze: 0 };

  constructor(clock: VirtualClock, isAway: () => boolean, atATime: number) {
    super();
    this.#clock = clock;
    this.#isAway = isAway;
    this.#atATime = atATime;
  }

  override async enqueue(
    phase: Phase,
    payload: TaskPayload,
    suffix = '',
    { delayMs = 0 } = {},
  ): Promise<boolean> {
    if (this.#isAway()) throw refusal(GRPC_UNAVAILABLE);
    const isNew = await super.enqueue(phase, payload, suffix);
    if (isNew) this.#schedule({ phase, payload }, 0, delayMs);
    return isNew;
  }

  /** Call this after Cloud Tasks has come back. */
  resume(): void {
    this.#dispatch('upload');
    this.#dispatch('analyze');
  }

  #schedule(task: MemoryTask, tries: number, delayMs: number): void {
    this.#clock.at(this.#clock.now() + delayMs, () => {
      this.#ready[task.phase].push({ task, tries });
      this.#dispatch(task.phase);
    });
  }

  #dispatch(phase: Phase): void {
    while (this.#running[phase] < this.#atATime && !this.#isAway()) {
      const next = this.#ready[phase].shift();
      if (!next) return;
      this.#running[phase]++;
      this.#clock.work(() => this.#push(next));
    }
  }

  async #push({ task, tries }: { task: MemoryTask; tries: number }): Promise<void> {
    const answer = await this.deliver(task, tries === 0).catch(
      // The worker answers an error of its own with 500.
      (): Answer => ({ done: false, status: 503, retryAfterMs: 0 }),
    );
    this.#running[task.phase]--;
    if (!answer.done) {
      const backoffMs = Math.min(10_000, 1_000 * 2 ** Math.min(tries, 4));
      this.#schedule(task, tries + 1, Math.max(backoffMs, answer.retryAfterMs));
    }
    this.#dispatch(task.phase);
  }
}
