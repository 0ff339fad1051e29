/**
 * The service keys of a deployment. Only their hashes are kept: who reads the database cannot use them.
 *
 * Each process reads all of them at once and keeps them for half a minute. So a call costs no read, a flood of guesses costs
 * no more than one, and a key that was revoked is refused within a minute.
 */
import { type Firestore, Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import { SharedAnswers } from '../process/shared-answers.ts';
import {
  hashOfKey,
  isServiceKey,
  newServiceKey,
  newSigningSecret,
  type Scope,
  type ServiceKey,
} from './service-key.ts';

const SERVICE_KEYS_COLLECTION = 'service_keys';

/** All that can be used are read at once. */
const MAX_KEYS = 100;

const FRESH_MS = 30_000;
/** A key that is not known may have just been made, or be a guess: so many reads for such keys, and one more every 5 s. */
const SPARE_READS = 5;
const SPARE_READ_MS = 5_000;
/** If the database does not answer, what was read before still counts for this long. */
const LAST_RESORT_MS = 55_000;

/** The document, named by the hash of the key. */
export interface ServiceKeyRecord {
  id: string;
  /** The operator's text about its purpose. */
  name: string;
  /** The first characters of the key. */
  prefix: string;
  scopes: Scope[];
  created_at: Timestamp;
  /** Null: it has no end. */
  ends_at: Timestamp | null;
  revoked_at: Timestamp | null;
  /** Signs what is sent to the `callback_url` of a request with the key. */
  callback_secret: string;
}

interface Read {
  keys: ReadonlyMap<string, ServiceKey>;
  /** When the read began: what was revoked before is not in it. */
  atMs: number;
}

export class ServiceKeys {
  readonly #firestore: () => Promise<Firestore>;
  readonly #now: () => number;
  readonly #reads = new SharedAnswers<Read>();
  #last: Read | undefined;
  /** When as many reads as may be spare will be there again. */
  #allSpareMs = 0;

  constructor(firestore: () => Promise<Firestore>, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#now = now;
  }

  /**
   * @returns undefined if there is no such key, or it has ended or was revoked
   * @throws {AppError} `unavailable` if the keys cannot be read
   */
  async find(text: string): Promise<ServiceKey | undefined> {
    if (!isServiceKey(text)) return undefined;
    const hash = hashOfKey(text);
    const beganMs = this.#now();
    const known = (await this.#known(FRESH_MS)).get(hash);
    const isRead = this.#last !== undefined && this.#last.atMs >= beganMs;
    if (known || isRead || !this.#takeSpareRead()) return this.#usable(known);
    return this.#usable((await this.#known(-1)).get(hash));
  }

  /** Whether a key that was found before can still be used. */
  async isUsable(id: string): Promise<boolean> {
    const keys = [...(await this.#known(FRESH_MS)).values()];
    return this.#usable(keys.find((key) => key.id === id)) !== undefined;
  }

  /** @returns what signs the messages that were asked for with a key; undefined if the key cannot be used any more */
  async callbackSecret(id: string): Promise<string | undefined> {
    const found = (await this.#collection()).where('id', '==', id).limit(1);
    const record = (await found.get()).docs[0]?.data() as ServiceKeyRecord | undefined;
    const hasEnded = record?.ends_at != null && record.ends_at.toMillis() <= this.#now();
    return record?.revoked_at || hasEnded ? undefined : record?.callback_secret;
  }

  /**
   * @param endsAtMs Null: it has no end.
   * @returns the key, which cannot be shown again, and its record
   * @throws {AppError} `rate_limited` if there are too many
   */
  async add(
    name: string,
    scopes: readonly Scope[],
    endsAtMs: number | null = null,
  ): Promise<{ key: string; record: ServiceKeyRecord }> {
    const keys = await this.#collection();
    const present = (await keys.where('revoked_at', '==', null).count().get()).data().count;
    if (present >= MAX_KEYS) {
      throw new AppError('rate_limited', `There are ${present} keys already. Revoke one first.`);
    }
    const { text, hash, id, prefix } = newServiceKey();
    const record: ServiceKeyRecord = {
      id,
      name,
      prefix,
      scopes: [...scopes],
      revoked_at: null,
      callback_secret: newSigningSecret(),
      created_at: Timestamp.fromMillis(this.#now()),
      ends_at: endsAtMs === null ? null : Timestamp.fromMillis(endsAtMs),
    };
    await keys.doc(hash).create(record);
    return { key: text, record };
  }

  /** All that were ever made, the last one first. */
  async list(): Promise<ServiceKeyRecord[]> {
    const { docs } = await (await this.#collection()).orderBy('created_at', 'desc').get();
    return docs.map((doc) => doc.data() as ServiceKeyRecord);
  }

  /** May be repeated. @throws {AppError} `not_found` */
  async revoke(id: string): Promise<ServiceKeyRecord> {
    const [doc] = (await (await this.#collection()).where('id', '==', id).limit(1).get()).docs;
    if (!doc) throw new AppError('not_found', `There is no key "${id}".`);
    const record = doc.data() as ServiceKeyRecord;
    if (record.revoked_at) return record;
    const revoked_at = Timestamp.fromMillis(this.#now());
    await doc.ref.update({ revoked_at });
    return { ...record, revoked_at };
  }

  #takeSpareRead(): boolean {
    const allSpareMs = Math.max(this.#allSpareMs, this.#now()) + SPARE_READ_MS;
    if (allSpareMs > this.#now() + SPARE_READS * SPARE_READ_MS) return false;
    this.#allSpareMs = allSpareMs;
    return true;
  }

  #usable(key: ServiceKey | undefined): ServiceKey | undefined {
    const hasEnded = key?.endsAtMs != null && key.endsAtMs <= this.#now();
    return hasEnded ? undefined : key;
  }

  async #known(maxAgeMs: number): Promise<Read['keys']> {
    const isYoung = (ms: number) => this.#last && this.#now() - this.#last.atMs <= ms;
    if (!isYoung(maxAgeMs)) {
      try {
        this.#last = await this.#reads.ask('', () => this.#read());
      } catch (cause) {
        if (!isYoung(LAST_RESORT_MS)) {
          throw new AppError('unavailable', 'Your key cannot be checked now. Try again.', {
            cause,
            retryAfterMs: 5_000,
          });
        }
      }
    }
    return this.#last?.keys ?? new Map();
  }

  async #read(): Promise<Read> {
    const atMs = this.#now();
    const present = (await this.#collection()).where('revoked_at', '==', null).limit(MAX_KEYS);
    const keys = (await present.get()).docs.map((doc): [string, ServiceKey] => {
      const { id, scopes, ends_at } = doc.data() as ServiceKeyRecord;
      return [doc.id, { id, scopes, endsAtMs: ends_at?.toMillis() ?? null }];
    });
    return { keys: new Map(keys), atMs };
  }

  async #collection() {
    return (await this.#firestore()).collection(SERVICE_KEYS_COLLECTION);
  }
}
