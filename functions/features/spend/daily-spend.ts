/**
 * Limits the spending of a day (UTC), for each owner and for the whole project. The highest price of a call is reserved before the
 * call, and its real cost is settled afterwards.
 *
 * Each limit has one document a day. Firestore bears about one write a second to a document, so a process takes a slice of the
 * limit in one transaction, and reserves from that slice in memory. It returns the rest of the slice when it has no open call, and
 * when it ends. A process that dies returns nothing: the day then ends a slice too early, never too late.
 *
 * Firestore's client repeats a commit whose answer was lost. So each slice has an id of its own in the document, and each write sets
 * its size instead of adding to it: writing it twice changes nothing.
 */
import { randomUUID } from 'node:crypto';
import { type DocumentReference, type Firestore, Timestamp } from '@google-cloud/firestore';
import type { WaitLimit } from '@media-analysis/shared/media';
import { ownerHash } from '../../core/media/owner-hash.ts';

export const DAILY_SPEND_COLLECTION = 'daily_spend';

const DAY_MS = 24 * 3600 * 1_000;
const MICRO = 1e6;
/** Names the limit for all owners. An owner's limit is named by the hash of the owner. */
const PROJECT = 'project';

/** A slice is the limit divided by this, or the highest price of one call if that is more. */
const SLICES = { owner: 20, project: 50 };

/** For a process that only searches. It needs a hundredth of a cent at a time, and there are many such processes. */
export const SEARCH_SLICES: typeof SLICES = { owner: 2_000, project: 5_000 };

/** A slice is at most this share of the rest. */
const LAST_SHARE = 0.1;

/** A slice without an open call is kept this long, so that each process writes to a document only a few times a minute. */
const KEEP_MS = 60_000;

/** If other processes have the missing money in their slices, the caller waits as long as the document did not change, within these limits. */
const RECHECK_MS = { min: 15_000, max: 20 * 60_000 };

/** After a refusal, a process does not read the document again before this time. */
const REFUSED_MS = 10_000;

/** The money of one process, in millionths of a US dollar. */
interface Slice {
  /** Reserved, spent but not reported, or left. */
  held: number;
  /** Spent and reported since the slice was taken. */
  spent: number;
}

const NO_SLICE: Slice = { held: 0, spent: 0 };

interface DailySpendRecord {
  /** The reported cost of calls, in millionths of a US dollar. */
  spent_micro_usd: number;
  /** Sum of `held` over all slices. */
  held_micro_usd: number;
  /** Slices that were not returned, by id. The fields above include them. Earlier versions wrote none. */
  slices?: Record<string, Slice>;
  changed_at: Timestamp;
  /** The TTL policy of the collection reads it. */
  expires_at: Timestamp;
}

/** US dollars; `Infinity` for no limit. */
export interface SpendLimits {
  ownerUsd: number;
  projectUsd: number;
}

type LimitOf = WaitLimit['of'];

export type Reservation =
  /** Call `settle` with the real cost in US dollars. Only its first call counts. */
  | { kind: 'reserved'; settle: (usd: number) => void }
  /** This limit of the day is reached. Try again at `untilMs` (epoch milliseconds). */
  | { kind: 'refused'; untilMs: number; limitUsd: number; of: LimitOf }
  /** One call can cost more than a whole day's limit, so waiting does not help. */
  | { kind: 'impossible'; limitUsd: number };

interface DailySpendOptions extends SpendLimits {
  logger: { warn(fields: object, message: string): void };
  slices?: typeof SLICES;
  now?: () => number;
}

/** This process's view of one limit on one day. All amounts are millionths of a US dollar. */
class Account {
  readonly ref: DocumentReference;
  readonly name: string;
  readonly limit: number;
  readonly slice: number;
  /** The end of the day. */
  readonly endsMs: number;
  readonly sliceId = randomUUID();
  /** The slice, as the document has it. */
  taken = 0;
  /** Spent, and in the document. */
  reported = 0;
  reserved = 0;
  /** Spent, and not in the document yet. */
  spent = 0;
  takenAtMs = 0;
  /** Calls that are about to reserve. */
  waiting = 0;
  refusal: { atMs: number; untilMs: number } | undefined;

  constructor(ref: DocumentReference, name: string, limit: number, slice: number, endsMs: number) {
    this.ref = ref;
    this.name = name;
    this.limit = limit;
    this.slice = slice;
    this.endsMs = endsMs;
  }

  get free(): number {
    return this.taken - this.reserved - this.spent;
  }

  get of(): LimitOf {
    return this.name === PROJECT ? 'project' : 'owner';
  }

  /** Call it after `slice` was written to the document. */
  adopt({ held, spent }: Slice): void {
    this.taken = held;
    this.spent -= spent - this.reported;
    this.reported = spent;
  }
}

/**
 * @example
 * const reservation = await spend.reserve('alice', 0.04);
 * if (reservation.kind === 'reserved') reservation.settle(0.0004);
 */
export class DailySpend {
  readonly #firestore: Firestore;
  readonly #limits: SpendLimits;
  readonly #logger: DailySpendOptions['logger'];
  readonly #slices: typeof SLICES;
  readonly #now: () => number;
  readonly #accounts = new Map<string, Account>();
  /** Transactions run one after another: otherwise ten calls at once would take ten slices. */
  #tail: Promise<unknown> = Promise.resolve();

  constructor(
    firestore: Firestore,
    { logger, slices = SLICES, now = Date.now, ...limits }: DailySpendOptions,
  ) {
    this.#firestore = firestore;
    this.#limits = limits;
    this.#logger = logger;
    this.#slices = slices;
    this.#now = now;
  }

  /** @param usd The highest price of the call, in US dollars. @throws {RangeError} if it is no price */
  async reserve(ownerId: string, usd: number): Promise<Reservation> {
    // NaN is below no limit, and above none.
    if (!isPrice(usd)) throw new RangeError(`A call cannot cost ${usd} US dollars.`);
    const amount = Math.ceil(usd * MICRO);
    const accounts = this.#accountsOf(ownerId);
    const tooSmall = accounts.find(({ limit }) => limit < amount);
    if (tooSmall) return { kind: 'impossible', limitUsd: tooSmall.limit / MICRO };
    for (const account of accounts) account.waiting++;
    try {
      for (;;) {
        const short = accounts.filter(({ free }) => free < amount);
        if (short.length === 0) return this.#reserved(accounts, amount);
        const refused = short.find(({ refusal }) => this.#isFresh(refusal));
        if (refused?.refusal) {
          const { refusal, limit, of } = refused;
          return { kind: 'refused', untilMs: refusal.untilMs, limitUsd: limit / MICRO, of };
        }
        await this.#inTurn(async () => {
          const stillShort = accounts.filter(({ free }) => free < amount);
          const isRefused = stillShort.some(({ refusal }) => this.#isFresh(refusal));
          if (stillShort.length > 0 && !isRefused) await this.#take(stillShort, amount);
        });
      }
    } finally {
      for (const account of accounts) account.waiting--;
    }
  }

  /** Returns everything that is not reserved. Call it at the end of the process. */
  async giveBack(): Promise<void> {
    for (const [id, account] of this.#accounts) this.#giveBack(id, account);
    await this.#tail;
  }

  #reserved(accounts: Account[], amount: number): Reservation {
    for (const account of accounts) account.reserved += amount;
    let isOpen = true;
    const settle = (usd: number) => {
      if (!isOpen) return;
      isOpen = false;
      const spent = isPrice(usd) ? Math.ceil(usd * MICRO) : amount;
      for (const account of accounts) {
        account.reserved -= amount;
        account.spent += spent;
      }
      for (const [id, account] of this.#accounts) {
        const isIdle = account.reserved === 0 && account.waiting === 0;
        if (isIdle && this.#now() - account.takenAtMs >= KEEP_MS) this.#giveBack(id, account);
      }
    };
    return { kind: 'reserved', settle };
  }

  #isFresh(refusal: Account['refusal']): boolean {
    if (!refusal) return false;
    const now = this.#now();
    return now < refusal.untilMs && now < refusal.atMs + REFUSED_MS;
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work);
    this.#tail = done.catch(() => undefined);
    return done;
  }

  /** Takes a slice for all of these accounts, or for none. */
  async #take(accounts: Account[], amount: number): Promise<void> {
    const now = this.#now();
    await this.#firestore
      .runTransaction(async (transaction) => {
        const snapshots = await transaction.getAll(...accounts.map(({ ref }) => ref));
        const slices = accounts.map((account, n) => {
          const record = snapshots[n]?.data() as DailySpendRecord | undefined;
          const others = withoutSlice(record, account.sliceId);
          const spent = others.spent_micro_usd + account.reported;
          const needed = amount - account.free;
          const left = account.limit - spent - others.held_micro_usd - account.taken;
          if (left < needed) {
            // A call may cost less than its reservation, so a part of the other slices may come back.
            const isSpent = account.limit - spent - account.spent < amount;
            if (isSpent && !account.refusal) this.#reportSpent(account);
            const changedMs = isSpent ? undefined : record?.changed_at.toMillis();
            account.refusal = { atMs: now, untilMs: untilMs(account, changedMs, now) };
            throw new RefusedError();
          }
          // Slices get smaller towards the end of the limit, so that little stays unused in other processes.
          const wanted = Math.min(account.slice, Math.floor(left * LAST_SHARE));
          const size = Math.max(needed, wanted);
          const slice = {
            held: account.taken + size - account.spent,
            spent: account.reported + account.spent,
          };
          return { account, others, slice };
        });
        for (const { account, others, slice } of slices) {
          transaction.set(account.ref, {
            ...withSlice(others, account.sliceId, slice),
            ...this.#times(account),
          });
        }
        return slices;
      })
      .then(
        (slices) => {
          for (const { account, slice } of slices) {
            account.adopt(slice);
            account.takenAtMs = now;
            account.refusal = undefined;
          }
        },
        (error: unknown) => {
          if (!(error instanceof RefusedError)) throw error;
        },
      );
  }

  /** The log does not name the owner. */
  #reportSpent({ limit, of }: Account): void {
    const fields = { of: of === 'project' ? 'all owners' : 'one owner', limit_usd: limit / MICRO };
    this.#logger.warn(fields, 'the spending limit of the day is reached');
  }

  #giveBack(id: string, account: Account): void {
    // A later call makes a new account, with a slice of its own.
    this.#accounts.delete(id);
    this.#inTurn(() => this.#returnSlice(account)).catch((error: unknown) => {
      this.#logger.warn({ error }, 'not given back: the day ends a slice too early');
    });
  }

  /** Only the reserved part of the slice stays in the document. */
  async #returnSlice(account: Account): Promise<void> {
    const { ref, sliceId, reserved } = account;
    if (account.taken === reserved) return;
    const slice = { held: reserved, spent: account.reported + account.spent };
    await this.#firestore.runTransaction(async (transaction) => {
      const record = (await transaction.get(ref)).data() as DailySpendRecord | undefined;
      // An earlier run of this transaction returned it, and the answer was lost.
      if (!record?.slices?.[sliceId]) return;
      const others = withoutSlice(record, sliceId);
      const { slices, ...sums } = withSlice(others, sliceId, slice);
      const left = reserved > 0 ? slices : others.slices;
      transaction.set(ref, { ...sums, slices: left, ...this.#times(account) });
    });
    account.adopt(slice);
  }

  #times({ endsMs }: Account) {
    return {
      changed_at: Timestamp.fromMillis(this.#now()),
      expires_at: Timestamp.fromMillis(endsMs + DAY_MS),
    };
  }

  #accountsOf(ownerId: string): Account[] {
    const { ownerUsd, projectUsd } = this.#limits;
    const owner = ownerHash(ownerId);
    return [
      ...this.#account(owner, ownerUsd, this.#slices.owner),
      ...this.#account(PROJECT, projectUsd, this.#slices.project),
    ];
  }

  #account(name: string, limitUsd: number, slices: number): Account[] {
    if (limitUsd === Number.POSITIVE_INFINITY) return [];
    const startsMs = Math.floor(this.#now() / DAY_MS) * DAY_MS;
    const id = `${new Date(startsMs).toISOString().slice(0, 10)}-${name}`;
    const limit = Math.floor(limitUsd * MICRO);
    const known = this.#accounts.get(id);
    if (known) return [known];
    const ref = this.#firestore.collection(DAILY_SPEND_COLLECTION).doc(id);
    const account = new Account(ref, name, limit, Math.ceil(limit / slices), startsMs + DAY_MS);
    this.#accounts.set(id, account);
    return [account];
  }
}

type Sums = Required<Pick<DailySpendRecord, 'spent_micro_usd' | 'held_micro_usd' | 'slices'>>;

/** The sums of the document without one slice. */
function withoutSlice(record: DailySpendRecord | undefined, id: string): Sums {
  const { spent_micro_usd = 0, held_micro_usd = 0, slices = {} } = record ?? {};
  const { [id]: own = NO_SLICE, ...others } = slices;
  return {
    spent_micro_usd: spent_micro_usd - own.spent,
    held_micro_usd: held_micro_usd - own.held,
    slices: others,
  };
}

function withSlice({ spent_micro_usd, held_micro_usd, slices }: Sums, id: string, slice: Slice) {
  return {
    spent_micro_usd: spent_micro_usd + slice.spent,
    held_micro_usd: held_micro_usd + slice.held,
    slices: { ...slices, [id]: slice },
  };
}

const isPrice = (usd: number) => Number.isFinite(usd) && usd >= 0;

/** Ends a transaction without a write. */
class RefusedError extends Error {
  override readonly name = 'RefusedError';
}

/** @param changedMs The last change of the document, if money may come back; otherwise undefined. */
function untilMs({ endsMs }: Account, changedMs: number | undefined, now: number): number {
  if (changedMs === undefined || now - changedMs > RECHECK_MS.max) return endsMs;
  return Math.min(endsMs, now + Math.max(RECHECK_MS.min, now - changedMs));
}
