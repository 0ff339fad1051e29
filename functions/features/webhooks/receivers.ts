/**
 * Watches how quickly each receiver answers, so that no receiver waits for another one. All webhooks and `callback_url`s of one
 * host and port are one receiver.
 *
 * A receiver that takes long becomes slow: its messages go to a second queue, with more time for the answer. When it answers
 * quickly there, it comes back to the first queue. A receiver that does not answer at all is silent: it gets one message after
 * each pause, and everything else that is due in the meantime counts as tried.
 *
 * The state is in documents that all instances share. A receiver that was always quick has none, so it costs one read.
 */
import { createHash } from 'node:crypto';
import {
  type DocumentReference,
  type DocumentSnapshot,
  FieldValue,
  type Firestore,
  Timestamp,
} from '@google-cloud/firestore';
import {
  ABORTED,
  ALREADY_EXISTS,
  FAILED_PRECONDITION,
  hasCode,
  NOT_FOUND,
} from '../../process/grpc-status.ts';

const RECEIVERS_COLLECTION = 'webhook_receivers';

/** A receiver that needs longer is slow. */
const QUICK_MS = 1_000;
/** Time limits of a request in the first queue, and in the queue of slow receivers. */
const QUICK_TIMEOUT_MS = 2_000;
const SLOW_TIMEOUT_MS = 10_000;

/** A receiver stays slow at least this long, and twice as long each time. Otherwise it could be slow by turns. */
const SLOW_MS = 60_000;
const MAX_SLOW_MS = 3_600_000;

/** Pauses in seconds after each request without an answer. */
const PAUSES_S = [1, 5, 30, 120, 600];

/**
 * Nobody knows yet whether a new receiver is slow, so it may occupy the first queue for `QUICK_TIMEOUT_MS`. An owner may cause this
 * so often in an hour by naming new receivers. After that, all receivers of this owner use the second queue.
 */
const MAX_NEWLY_SLOW = 32;
const HOUR_MS = 3_600_000;

/** A process remembers the queue of this many receivers, for this time. */
const KNOWN_RECEIVERS = 200;
const FRESH_MS = 3_000;

/** Without news for a day, the state of a receiver is forgotten. */
const KEPT_MS = 24 * HOUR_MS;

interface ReceiverRecord {
  receiver: string;
  slow: boolean;
  /** Number of times that it became slow. */
  strikes: number;
  slow_until: Timestamp;
  /** Requests in a row without an answer. */
  silent: number;
  /** A silent receiver gets no message before this time. */
  ask_after: Timestamp;
  expires_at: Timestamp;
}

/** A receiver, and on whose behalf it gets messages. */
export interface Addressee {
  receiver: string;
  /** An owner; or a service key, if the webhook is for all owners. */
  registrant: string;
}

/** `last`: even a silent receiver gets it. `by_hand`: it does not wait for the end of a pause, but for whoever asks already. */
type Force = 'last' | 'by_hand';

type Turn =
  | { kind: 'send'; timeoutMs: number; seen: Seen }
  /** The receiver is slow, and the task is in the first queue. */
  | { kind: 'move' }
  | { kind: 'silent' };

/** The receiver's document when the request begins. */
interface Seen {
  record: ReceiverRecord | undefined;
  updateTime: Timestamp | undefined;
}

export class Receivers {
  readonly #firestore: Firestore;
  readonly #now: () => number;
  readonly #looks = new Map<string, { isSlow: boolean; atMs: number }>();

  constructor(firestore: Firestore, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#now = now;
  }

  /** A recent answer from memory is enough: `turn` corrects it later. */
  async isSlow(receiver: string): Promise<boolean> {
    const look = this.#looks.get(receiver);
    if (look && this.#now() - look.atMs < FRESH_MS) return look.isSlow;
    const isSlow = (await this.#ref(receiver).get()).get('slow') === true;
    if (this.#looks.size >= KNOWN_RECEIVERS) this.#looks.clear();
    this.#looks.set(receiver, { isSlow, atMs: this.#now() });
    return isSlow;
  }

  /**
   * @param isInSlowQueue True if the task of the message is in the second queue.
   * @param force Set if a silent receiver gets the message during a pause.
   */
  async turn(addressee: Addressee, isInSlowQueue: boolean, force?: Force): Promise<Turn> {
    const ref = this.#ref(addressee.receiver);
    const [found, owners] = await this.#firestore.getAll(ref, this.#ownersRef(addressee));
    const record = found?.data() as ReceiverRecord | undefined;
    const newlySlow = Number(owners?.get('newly_slow') ?? 0);
    const isSlow = record?.slow === true || newlySlow >= MAX_NEWLY_SLOW;
    if (isSlow && !isInSlowQueue) return { kind: 'move' };
    const timeoutMs = isInSlowQueue ? SLOW_TIMEOUT_MS : QUICK_TIMEOUT_MS;
    if (!found || !record?.silent || force === 'last') {
      return { kind: 'send', timeoutMs, seen: { record, updateTime: found?.updateTime } };
    }
    const updateTime = await this.#claim(found, record, force);
    return updateTime
      ? { kind: 'send', timeoutMs, seen: { record, updateTime } }
      : { kind: 'silent' };
  }

  /** Notes how long a request took. Writes only if the state of the receiver changes. */
  async note(
    addressee: Addressee,
    { record, updateTime }: Seen,
    { status, duration_ms }: { status: number | null; duration_ms: number },
  ): Promise<void> {
    const isQuick = duration_ms <= QUICK_MS;
    const isAnswered = isQuick || status !== null;
    const { slow = false, strikes = 0, silent = 0 } = record ?? {};
    const nowMs = this.#now();
    const becomesSlow = !isQuick && !slow;
    const becomesQuick =
      isQuick && slow && record !== undefined && isOver(record.slow_until, nowMs);
    const isStillSilent = !isAnswered || silent > 0;
    if (!becomesSlow && !becomesQuick && !isStillSilent) return;
    const slowMs = Math.min(SLOW_MS * 2 ** strikes, MAX_SLOW_MS);
    const next: ReceiverRecord = {
      receiver: addressee.receiver,
      slow: (slow || becomesSlow) && !becomesQuick,
      strikes: becomesSlow ? strikes + 1 : strikes,
      slow_until: becomesSlow
        ? Timestamp.fromMillis(nowMs + slowMs)
        : (record?.slow_until ?? Timestamp.fromMillis(nowMs)),
      silent: isAnswered ? 0 : silent + 1,
      ask_after: Timestamp.fromMillis(isAnswered ? nowMs : nowMs + pauseMs(silent)),
      expires_at: Timestamp.fromMillis(nowMs + KEPT_MS),
    };
    if (!(await this.#write(addressee.receiver, next, updateTime)) || record) return;
    await this.#ownersRef(addressee).set(
      {
        newly_slow: FieldValue.increment(1),
        expires_at: Timestamp.fromMillis(nowMs + 2 * HOUR_MS),
      },
      { merge: true },
    );
  }

  /** Only one request at a time tries a silent receiver. @returns undefined if another one does, or it is too early */
  async #claim(
    { ref, updateTime }: DocumentSnapshot,
    { silent, ask_after }: ReceiverRecord,
    force: Force | undefined,
  ): Promise<Timestamp | undefined> {
    const nowMs = this.#now();
    // A pause has this length. While a request is under way, `ask_after` is later than that.
    const skippedMs = force ? pauseMs(silent - 1) : 0;
    if (!isOver(ask_after, nowMs + skippedMs)) return undefined;
    const next = Timestamp.fromMillis(nowMs + SLOW_TIMEOUT_MS + pauseMs(silent));
    return unlessChanged(
      ref
        .update({ ask_after: next }, updateTime ? { lastUpdateTime: updateTime } : {})
        .then(({ writeTime }) => writeTime),
      undefined,
    );
  }

  /** @returns false if another request has changed the document. Its change stays. */
  #write(receiver: string, next: ReceiverRecord, lastUpdateTime?: Timestamp): Promise<boolean> {
    const ref = this.#ref(receiver);
    const written = lastUpdateTime
      ? ref.update({ ...next }, { lastUpdateTime })
      : ref.create({ ...next });
    return unlessChanged(
      written.then(() => true),
      false,
    );
  }

  #ref(receiver: string): DocumentReference {
    return this.#firestore.collection(RECEIVERS_COLLECTION).doc(hashOf(receiver));
  }

  #ownersRef({ registrant }: Addressee): DocumentReference {
    const hour = Math.floor(this.#now() / HOUR_MS);
    return this.#firestore.collection(RECEIVERS_COLLECTION).doc(`${hashOf(registrant)}-${hour}`);
  }
}

export const receiverAt = (url: string) => new URL(url).origin;

const isOver = (time: Timestamp, nowMs: number) => time.toMillis() <= nowMs;

const pauseMs = (silent: number) => (PAUSES_S[silent] ?? PAUSES_S.at(-1) ?? 0) * 1_000;

const hashOf = (name: string) => createHash('sha256').update(name).digest('base64url');

async function unlessChanged<T>(written: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await written;
  } catch (error) {
    if (hasCode(error, FAILED_PRECONDITION, ALREADY_EXISTS, NOT_FOUND, ABORTED)) return otherwise;
    throw error;
  }
}
