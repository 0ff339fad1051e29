/**
 * Watches every document of the media collection from outside, and notes whatever must never happen:
 * a revision or a progress that went back, an illegal change of status, two results for one attempt.
 */
import { Firestore } from '@google-cloud/firestore';
import { canTransition, isTerminal } from '@media-analysis/shared/status';
import type { MediaRecord } from '../../functions/core/media/record.ts';
import { EXEMPT_HEADER } from '../../local-cloud/faults/plan.ts';

export interface Observer {
  firestore: Firestore;
  /** What is in the collection now, by id. */
  records: ReadonlyMap<string, MediaRecord>;
  /** What was seen and must not have been, one line each. */
  violations: string[];
  /** Changes that were seen. */
  changes(): number;
  close(): Promise<void>;
}

/**
 * @param environment Of the stack: where its Firestore is. No fault meets the observer itself.
 * @param options.hasBin Whether owners bring media back from the bin, and write words of their own.
 */
export function observe(environment: Record<string, string>, { hasBin = false } = {}): Observer {
  const { FIRESTORE_EMULATOR_HOST: host = '', GOOGLE_CLOUD_PROJECT: projectId = '' } = environment;
  const customHeaders = { [EXEMPT_HEADER]: 'observer' };
  const firestore = new Firestore({ projectId, host, ssl: false, customHeaders });
  const records = new Map<string, MediaRecord>();
  const history = new History(hasBin);
  let changes = 0;
  const stop = firestore.collection('media').onSnapshot(
    (snapshot) => {
      for (const { type, doc } of snapshot.docChanges()) {
        changes++;
        const record = doc.data() as MediaRecord;
        if (type === 'removed') history.removed(doc.id);
        else history.seen(record);
        if (type === 'removed') records.delete(doc.id);
        else records.set(doc.id, record);
      }
    },
    (error) => history.violations.push(`the observer's listener died: ${error.message}`),
  );
  return {
    firestore,
    records,
    violations: history.violations,
    changes: () => changes,
    close: async () => {
      stop();
      await firestore.terminate();
    },
  };
}

/** The states of each media in the order in which they were seen. */
export class History {
  readonly violations: string[] = [];
  readonly #last = new Map<string, MediaRecord>();
  readonly #gone = new Set<string>();
  /** `id/attempt` → how often it came to an end. */
  readonly #ends = new Map<string, number>();
  readonly #hasBin: boolean;

  constructor(hasBin = false) {
    this.#hasBin = hasBin;
  }

  seen(record: MediaRecord): void {
    const { id, status, attempts } = record;
    const before = this.#last.get(id);
    this.#last.set(id, record);
    if (this.#gone.has(id) && !this.#hasBin)
      this.#blame(record, 'came back to life after it was deleted');
    if (before) this.#compare(before, record);
    if (!isTerminal(status) || before?.status === status) return;
    const key = `${id}/${attempts}`;
    const ends = (this.#ends.get(key) ?? 0) + 1;
    this.#ends.set(key, ends);
    if (ends > 1) this.#blame(record, `attempt ${attempts} came to an end ${ends} times`);
  }

  removed(id: string): void {
    this.#gone.add(id);
  }

  #compare(before: MediaRecord, after: MediaRecord): void {
    // Words that come while a delivery works leave the revision to its next write.
    const isBetween = this.#hasBin && after.lease !== null && after.revision === before.revision;
    if (after.revision <= before.revision && !isBetween) {
      this.#blame(after, `revision went from ${before.revision} to ${after.revision}`);
    }
    if (after.attempts < before.attempts) this.#blame(after, 'an attempt was taken back');
    if (after.attempts > before.attempts) return;
    if (after.progress < before.progress) {
      this.#blame(after, `progress fell from ${before.progress} to ${after.progress}`);
    }
    // A listener may leave out states in between, never their order.
    const isNext = after.revision === before.revision + 1;
    const isSame = this.#hasBin && after.status === before.status;
    if (isNext && !isSame && !canTransition(before.status, after.status)) {
      this.#blame(after, `went from ${before.status} to ${after.status}`);
    }
    if (isTerminal(before.status) && !isSame)
      this.#blame(after, `was written after it was ${before.status}`);
  }

  #blame({ id, revision }: MediaRecord, what: string): void {
    this.violations.push(`${id} at revision ${revision}: ${what}`);
  }
}
