/** Writes revisions, and records when another process saw each of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectionReference } from '@google-cloud/firestore';

/** Milliseconds since the epoch with a fraction, like the local Firestore's commit times. */
const now = () => performance.timeOrigin + performance.now();

const TIMEOUT_MS = 20_000;

/** A new writer's revisions are above those of all earlier writers. */
const REVISIONS_A_WRITER = 10_000;
let writers = 0;

export class Commits {
  readonly #media: CollectionReference;
  readonly #base: number;
  readonly #written = new Map<string, number>();
  readonly #seenUpTo = new Map<string, number>();
  readonly #committedAt = new Map<string, number>();
  readonly #seenAt = new Map<string, number>();
  readonly #writes: Promise<void>[] = [];

  constructor(media: CollectionReference) {
    this.#media = media;
    this.#base = ++writers * REVISIONS_A_WRITER;
  }

  /** Starts the write of the next revision. `latencies` waits for it. */
  write(id: string): void {
    const revision = (this.#written.get(id) ?? this.#base) + 1;
    this.#written.set(id, revision);
    const progress = 0.5 + (revision % 50) / 100;
    this.#writes.push(
      this.#media
        .doc(id)
        .update({ revision, progress })
        .then(({ writeTime: { seconds, nanoseconds } }) => {
          this.#committedAt.set(`${id} ${revision}`, seconds * 1_000 + nanoseconds / 1e6);
        }),
    );
  }

  /** Records a revision and all revisions before it as seen. */
  seen(id: string, revision: number): void {
    const at = now();
    for (let each = this.#seenUpTo.get(id) ?? this.#base; each < revision; each++) {
      this.#seenAt.set(`${id} ${each + 1}`, at);
    }
    this.#seenUpTo.set(id, Math.max(revision, this.#seenUpTo.get(id) ?? this.#base));
  }

  /** Leaves the writes until now out of the result. */
  async forget(): Promise<void> {
    await this.latencies();
    this.#committedAt.clear();
  }

  /**
   * Milliseconds from each commit until it was seen. @throws {Error} If a commit was not seen in time.
   */
  async latencies(): Promise<number[]> {
    await Promise.all(this.#writes);
    const deadline = now() + TIMEOUT_MS;
    const keys = [...this.#committedAt.keys()];
    while (!keys.every((key) => this.#seenAt.has(key))) {
      if (now() > deadline) throw new Error('Not every commit was seen.');
      await sleep(50);
    }
    return keys.map((key) => (this.#seenAt.get(key) ?? 0) - (this.#committedAt.get(key) ?? 0));
  }
}
