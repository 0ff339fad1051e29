/** What a stream of a library reads and listens to, in memory: a test says when a listener hears of a change, and when it dies. */
import { Timestamp } from '@google-cloud/firestore';
import type { MediaRecord } from '../../functions/core/media/record.ts';
import type { ListenSnapshot } from '../../functions/core/stream/hub.ts';
import type { BinRecord } from '../../functions/features/bin/bin.ts';
import {
  type Collection,
  changeOf,
  type LibrarySource,
} from '../../functions/features/library/listener.ts';
import { mediaRecord } from './media.ts';

interface Listener {
  of: Collection;
  fromMs: number;
  show: () => void;
  die: () => void;
}

export class FakeLibrary implements LibrarySource {
  readonly media = new Map<string, MediaRecord>();
  readonly bin = new Map<string, BinRecord>();
  readonly listeners = new Set<Listener>();
  /** Listeners of these hear of nothing until `catchUp`. */
  readonly late = new Set<Collection>();
  /** Thrown by each read. */
  fault: unknown;
  /** Reads wait for it. */
  gate: Promise<void> = Promise.resolve();
  /** How many documents were read. */
  reads = 0;

  write(patch: Partial<MediaRecord>, atMs: number): MediaRecord {
    const record = mediaRecord({ ...patch, updated_at: Timestamp.fromMillis(atMs) });
    this.media.set(record.id, record);
    this.#show();
    return record;
  }

  /** Moves a media to the bin, as `Bin.put` does. */
  remove(id: string, atMs: number): void {
    const record = this.media.get(id);
    if (!record) throw new Error(`There is no ${id}.`);
    const binned_at = Timestamp.fromMillis(atMs);
    this.bin.set(id, { ...record, binned_at, erase_at: binned_at });
    this.media.delete(id);
    this.#show();
  }

  restore(id: string, atMs: number): void {
    const { binned_at, erase_at, ...record } = this.bin.get(id) as BinRecord;
    this.bin.delete(id);
    this.write({ ...record, revision: record.revision + 1 }, atMs);
  }

  /** Leaves nothing of it. */
  erase(id: string): void {
    this.media.delete(id);
    this.bin.delete(id);
    this.#show();
  }

  catchUp(): void {
    this.late.clear();
    this.#show();
  }

  die(of: Collection): void {
    for (const listener of [...this.listeners]) if (listener.of === of) listener.die();
  }

  async *read(of: Collection, ownerId: string, fromMs: number, limit: number) {
    await this.gate;
    if (this.fault) throw this.fault;
    for (const record of this.#query(of, ownerId, fromMs).slice(0, limit)) {
      this.reads++;
      yield record;
    }
  }

  listen(
    of: Collection,
    ownerId: string,
    fromMs: number,
    onSnapshot: (snapshot: ListenSnapshot) => void,
    onError: (error: Error) => void,
  ): () => void {
    let held = new Map<string, MediaRecord>();
    const doc = (record: MediaRecord) => ({ id: record.id, data: () => record });
    const listener: Listener = {
      of,
      fromMs,
      show: () => {
        if (this.late.has(of) || !this.listeners.has(listener)) return;
        const now = new Map(this.#query(of, ownerId, fromMs).map((each) => [each.id, each]));
        const gone = [...held.values()].filter(({ id }) => !now.has(id));
        const news = [...now.values()].filter((record) => held.get(record.id) !== record);
        const changes = [
          // As of the real listener: no more than the id.
          ...gone.map(({ id }) => ({ type: 'removed', doc: { id, data: () => ({}) } })),
          ...news.map((record) => ({
            type: held.has(record.id) ? 'modified' : 'added',
            doc: doc(record),
          })),
        ];
        held = now;
        const docs = [...now.values()].map(({ id }) => ({ id }));
        onSnapshot({ docs, docChanges: () => changes } as unknown as ListenSnapshot);
      },
      die: () => {
        this.listeners.delete(listener);
        onError(new Error('14 UNAVAILABLE'));
      },
    };
    this.listeners.add(listener);
    queueMicrotask(listener.show);
    return () => this.listeners.delete(listener);
  }

  #query(of: Collection, ownerId: string, fromMs: number): MediaRecord[] {
    const at = (record: MediaRecord) => changeOf(of, record).atMs ?? 0;
    return [...this[of].values()]
      .filter((record) => record.owner_id === ownerId && at(record) >= fromMs)
      .sort((a, b) => at(a) - at(b));
  }

  #show(): void {
    for (const listener of [...this.listeners]) listener.show();
  }
}
