/**
 * The moments in the life of one media at which a feature takes part. The core calls them and knows no feature. A unit composes
 * its list once; the core calls the features in the order of that list. docs/decisions/0056-core-and-features.md says what
 * cannot hang on the core, and why.
 */
import type {
  DocumentReference,
  Firestore,
  Transaction,
  WriteBatch,
} from '@google-cloud/firestore';
import type { Analytics } from '@media-analysis/shared/analytics';
import type { EditMedia } from '@media-analysis/shared/edits';
import type { Media, Phase } from '@media-analysis/shared/media';
import type { Pay } from '../../analysis/call.ts';
import type { Logger } from '../../process/log.ts';
import { startTimeLimit, untilAborted } from '../../process/time-limit.ts';
import type { Change, MediaRecord } from './record.ts';

/** Adds writes of other documents to a commit: all of it is written, or nothing. */
export type AlsoWrite = (batch: WriteBatch) => void;

/** A request that brings new files. */
export interface NewFiles {
  ownerId: string;
  /** The service key with which a backend sends it. */
  keyId: string | undefined;
  /** The fields of the form, or of the announcement. */
  fields: Readonly<Record<string, unknown>>;
  /** What an announcement says of each file, in their order. A form or an import has an empty object for each. */
  files: readonly Readonly<Record<string, unknown>>[];
}

export interface Accepting {
  /** Part of the request's fingerprint, so that a repeated request is known by it. */
  fingerprint: readonly unknown[];
  /**
   * Written into the new record of a file. It may not be called for a request that is repeated.
   * @param index The position of the file in the request, from 0.
   * @throws {AppError} to refuse the request; then nothing is left behind
   */
  change: (index: number) => Change;
}

/** How the next attempt of a media begins. */
export interface NextAttempt {
  /** `retry`: a failed media is tried again. `question`: an analysis was asked for. `return`: it comes back from the bin. */
  by: 'retry' | 'question' | 'return';
  /** The analysis that was asked for. */
  analysis?: string;
  /** A feature may write, but not read: the core has written already. */
  transaction: Transaction;
  nowMs: number;
}

/** The delivery that works on a media. */
export interface Delivery {
  /** The document after the last write. */
  readonly record: MediaRecord;
  /** The document before the delivery claimed it. */
  readonly before: MediaRecord;
  write(change: Partial<MediaRecord>): Promise<void>;
  addToLastWrite(change: Partial<MediaRecord>): void;
}

/** One analysis that is about to be made. */
export interface NextAnalysis {
  name: string;
  /** It is the first analysis of its delivery. */
  isFirst: boolean;
}

export interface Asking {
  /**
   * Called before each call to a model that costs money. Throws if the call may not be made, or not now. If several features
   * have one, only that of the first is called.
   */
  pay?: Pay;
  /** The calls for this analysis that were made before the delivery, in the same attempt. */
  callsBefore?: number;
  /**
   * Called with a description before it is written. If it throws, the description is not written, and the delivery is repeated,
   * as after any other fault of the work.
   */
  answered?: (analytics: Analytics, signal: AbortSignal) => Promise<void>;
  /** Added to the commit that writes the answer. */
  write?: AlsoWrite;
}

interface Changing {
  change?: Change;
  write?: AlsoWrite;
}

/** Added to a commit of the core, which may be a batch or a transaction. */
export interface Addition {
  change: Change;
  write(to: { set(ref: DocumentReference, document: object): unknown }): void;
  /** After the commit. Never fails: what is left undone a sweep has to do. */
  after(): Promise<void>;
}

/**
 * Runs a transaction, and then what was added to it.
 * @param run `add` writes an addition, and returns what it changes.
 */
export async function transact<R>(
  firestore: Firestore,
  run: (transaction: Transaction, add: (addition: Addition) => Change) => Promise<R>,
): Promise<R> {
  let added: Addition[] = [];
  const result = await firestore.runTransaction((transaction) => {
    added = [];
    return run(transaction, (addition) => {
      addition.write(transaction);
      added.push(addition);
      return addition.change;
    });
  });
  await Promise.all(added.map(({ after }) => after()));
  return result;
}

/** `binned`: it moves to the bin. `erased`: it goes for good, from the library or from the bin. `owner`: all of its owner goes. */
export type Removal = 'binned' | 'erased' | 'erased_from_bin' | 'owner';

/** `accepted`: it is new. `restored`: it comes back from the bin. */
export type Move = 'accepted' | 'restored' | Removal;

export type Rendition = 'original' | 'preview' | 'frames';

/** Records about an owner that a feature keeps beside the media. They go when the owner goes. */
export interface OwnedRecords {
  collection: string;
  /** The field that has the owner's id, or its hash; or how they are named: `<day>-<hash>`, `<month>-<hash>`, `<hash>`. */
  by: 'owner_id' | 'owner_hash' | 'day' | 'month' | 'name';
  /** New media come by them, or media are asked about: they go before the media. */
  isWork?: boolean;
  /** As the owner gets them. Without it they are not exported. */
  show?: (document: object) => object;
}

/** Media that are in no list, such as those in the bin. */
export interface SetAside {
  /** Where they are, such as `bin`. */
  place: string;
  /** @returns those that the owner still gets, and what else is told of each */
  list(ownerId: string): Promise<{ record: MediaRecord; told: object }[]>;
  /** @param most Counts no further. */
  count(ownerId: string, most: number): Promise<number>;
  /** Erases some of them for good. @returns how many; 0 when none are left */
  erase(ownerId: string): Promise<number>;
}

/** The data that a feature keeps about an owner. */
export interface OwnerData {
  records?: readonly OwnedRecords[];
  setAside?: SetAside;
  /** Told of a media besides, in an export. */
  ofMedia?(record: MediaRecord): Promise<object>;
}

export interface Sweep {
  /** Runs after all parts that are not late, one by one, and never fails a sweep. */
  isLate?: boolean;
  /** @returns how many tasks were created */
  run(): Promise<number>;
}

export interface Feature {
  readonly name: string;

  /** Reads the feature's fields of a request that brings new files, before a document is created. */
  accepting?(files: NewFiles): Accepting | undefined;

  /** Fields that the claim of a delivery writes too, without a write of their own. A claim that did no work takes them back. */
  claiming?(record: MediaRecord, phase: Phase): Change | undefined;

  /** Reads the feature's fields of an edit by the owner. Pure. @throws {AppError} to refuse it */
  editing?(record: MediaRecord, wanted: EditMedia): Change | undefined;

  /** In the transaction that begins the next attempt. @throws {AppError} to refuse it */
  again?(record: MediaRecord, next: NextAttempt): Change | undefined;

  /** Before a model is asked, and so before anything is paid for: a fault here costs nothing. */
  asking?(delivery: Delivery, next: NextAnalysis): Promise<Asking | undefined>;

  /**
   * Fields that follow from others. They are made anew by `create`, in the write that begins an attempt, and in each write of a
   * delivery, if it changes one of `from`; and left out in the bin. A feature that writes a media by itself calls `derive`.
   */
  derived?: {
    from: readonly (keyof MediaRecord)[];
    fields: readonly (keyof MediaRecord)[];
    /** Pure. */
    make(after: MediaRecord): Change;
  };

  /**
   * Adds to the commit of each write of a delivery: all is written, or nothing. It may be called again for the same write, when
   * Firestore has not answered. While it does not return, the write waits, until the time of the delivery is over; then the
   * write fails.
   */
  changing?(
    before: MediaRecord,
    after: MediaRecord,
    delivery: Delivery,
  ): Promise<Changing | undefined>;

  /**
   * After the last write of a delivery, also of one that failed. It cannot fail the delivery, nor keep it longer than
   * `ENDED_MS`: what is left undone a sweep has to do.
   * @param signal Aborted when the instance shuts down: what waits for a slow service ends then.
   */
  ended?(delivery: Delivery, signal: AbortSignal): Promise<void>;

  /**
   * Before a description that was replaced becomes the present one again, without a model.
   * @returns looks at the media as it is in the transaction, and throws to refuse it
   */
  restoring?(record: MediaRecord, analytics: Analytics): Promise<(present: MediaRecord) => void>;

  /** Changes what the owner sees of a media. Pure. */
  shown?(record: MediaRecord, media: Media): Media;

  /** Before bytes are handed out. @throws {AppError} to refuse it */
  serving?(record: MediaRecord, which: Rendition): void;

  /**
   * In the transaction that removes the document. A feature reads here, and writes in what it returns: Firestore wants all reads
   * of a transaction before its writes. The returned change is for the document in the bin.
   */
  removing?(
    record: MediaRecord,
    transaction: Transaction,
    how: Removal,
  ): Promise<() => Change | undefined>;

  /**
   * In the commit by which a media comes to the library of its owner, or leaves it. One that was announced comes when its bytes
   * are there: until then it is not accepted. It may be called again for the same commit. Nothing is read in a transaction here.
   */
  moving?(record: MediaRecord, how: Move): Promise<Addition | undefined>;

  /** In the commit that ends work over many media, such as an import. `job`: as its owner sees it. */
  jobEnding?(kind: string, ownerId: string, job: { id: string }): Promise<Addition | undefined>;

  /** Where else the document of a media may be. While it is there, the objects of the media are kept. */
  keptAt?(id: string): DocumentReference;

  sweeping?: readonly Sweep[];

  /** For the commands that export and erase an owner. */
  owner?: OwnerData;
}

/** How long `ended` may take. */
export const ENDED_MS = 30_000;

/** The features of one unit. */
export class Moments {
  readonly #features: readonly Feature[];
  readonly #logger: Pick<Logger, 'error'> | undefined;

  constructor(features: readonly Feature[], logger?: Pick<Logger, 'error'>) {
    this.#features = features;
    this.#logger = logger;
  }

  accepting(files: NewFiles): Accepting {
    const all = this.#features.flatMap((feature) => feature.accepting?.(files) ?? []);
    return {
      fingerprint: all.flatMap(({ fingerprint }) => fingerprint),
      change: (index) => merged(all.map(({ change }) => change(index))),
    };
  }

  editing(record: MediaRecord, wanted: EditMedia): Change {
    return merged(this.#features.map((feature) => feature.editing?.(record, wanted)));
  }

  claiming(record: MediaRecord, phase: Phase): Change {
    return merged(this.#features.map((feature) => feature.claiming?.(record, phase)));
  }

  again(record: MediaRecord, next: NextAttempt): Change {
    return merged(this.#features.map((feature) => feature.again?.(record, next)));
  }

  async asking(
    delivery: Delivery,
    next: NextAnalysis,
  ): Promise<Required<Omit<Asking, 'pay'>> & Pick<Asking, 'pay'>> {
    const found = await Promise.all(
      this.#features.map((feature) => feature.asking?.(delivery, next)),
    );
    const all = found.filter((each) => each !== undefined);
    const pay = all.find((each) => each.pay)?.pay;
    return {
      ...(pay && { pay }),
      callsBefore: Math.max(0, ...all.map(({ callsBefore = 0 }) => callsBefore)),
      answered: async (analytics, signal) => {
        for (const each of all) await each.answered?.(analytics, signal);
      },
      write: (batch) => {
        for (const each of all) each.write?.(batch);
      },
    };
  }

  /** @param changed The fields that were changed. Without it all derived fields are made. */
  derive(after: MediaRecord, changed?: readonly string[]): Change {
    return merged(
      this.#features.map(({ derived }) => {
        const isDue =
          derived && (!changed || derived.from.some((field) => changed.includes(field)));
        return isDue ? derived.make(after) : undefined;
      }),
    );
  }

  withoutDerived(record: MediaRecord): MediaRecord {
    const fields = this.#features.flatMap(({ derived }) => derived?.fields ?? []);
    const kept = Object.entries(record).filter(([name]) => !fields.some((field) => field === name));
    return Object.fromEntries(kept) as unknown as MediaRecord;
  }

  async changing(
    before: MediaRecord,
    after: MediaRecord,
    delivery: Delivery,
  ): Promise<{ change: Change; writes: AlsoWrite[] }> {
    const found = await Promise.all(
      this.#features.map((feature) => feature.changing?.(before, after, delivery)),
    );
    return {
      change: merged(found.map((each) => each?.change)),
      writes: found.flatMap((each) => each?.write ?? []),
    };
  }

  async ended(delivery: Delivery, signal: AbortSignal): Promise<void> {
    await Promise.all(
      this.#features.map(async (feature) => {
        if (!feature.ended) return;
        const limit = startTimeLimit(ENDED_MS);
        try {
          await untilAborted(feature.ended(delivery, signal), limit.signal);
        } catch (error) {
          this.#logger?.error({ feature: feature.name, error }, 'left to the sweep');
        } finally {
          limit.clear();
        }
      }),
    );
  }

  async restoring(
    record: MediaRecord,
    analytics: Analytics,
  ): Promise<(present: MediaRecord) => void> {
    const checks = await Promise.all(
      this.#features.map((feature) => feature.restoring?.(record, analytics)),
    );
    return (present) => {
      for (const check of checks) check?.(present);
    };
  }

  shown(record: MediaRecord, media: Media): Media {
    return this.#features.reduce((seen, each) => each.shown?.(record, seen) ?? seen, media);
  }

  serving(record: MediaRecord, which: Rendition): void {
    for (const feature of this.#features) feature.serving?.(record, which);
  }

  /** @returns writes what the features have prepared */
  async removing(
    record: MediaRecord,
    transaction: Transaction,
    how: Removal,
  ): Promise<() => Change> {
    const writes = await Promise.all(
      this.#features.map((feature) => feature.removing?.(record, transaction, how)),
    );
    return () => merged(writes.map((write) => write?.()));
  }

  async moving(record: MediaRecord, how: Move): Promise<Addition> {
    return added(this.#features.map((feature) => feature.moving?.(record, how)));
  }

  async jobEnding(...job: Parameters<NonNullable<Feature['jobEnding']>>): Promise<Addition> {
    return added(this.#features.map((feature) => feature.jobEnding?.(...job)));
  }

  keptAt(id: string): DocumentReference[] {
    return this.#features.flatMap((feature) => feature.keptAt?.(id) ?? []);
  }

  get ownerData(): readonly OwnerData[] {
    return this.#features.flatMap(({ owner }) => owner ?? []);
  }

  get sweeps(): readonly Sweep[] {
    return this.#features.flatMap(({ sweeping }) => sweeping ?? []);
  }
}

/** Nothing hangs on the core. */
export const NO_FEATURES = new Moments([]);

async function added(found: (Promise<Addition | undefined> | undefined)[]): Promise<Addition> {
  const all = (await Promise.all(found)).filter((each) => each !== undefined);
  return {
    change: merged(all.map(({ change }) => change)),
    write: (to) => {
      for (const each of all) each.write(to);
    },
    after: async () => {
      await Promise.all(all.map((each) => each.after()));
    },
  };
}

function merged(changes: readonly (Change | undefined)[]): Change {
  return Object.assign({}, ...changes);
}
