/** Registers, reads, rotates, disables and removes the webhooks of a deployment. `outbox.ts` makes their messages. */
import { createHash, randomUUID } from 'node:crypto';
import { type DocumentReference, type Firestore, Timestamp } from '@google-cloud/firestore';
import { AppError } from '@media-analysis/shared/errors';
import type { EditWebhook, Webhook, WebhookEvent } from '@media-analysis/shared/webhooks';
import { newestFirst, readPage } from '../../core/media/paging.ts';
import type { RecordRequest } from '../../core/media/request-record.ts';
import { newSigningSecret } from '../../http/service-key.ts';
import { SharedAnswers } from '../../process/shared-answers.ts';

export const WEBHOOKS_COLLECTION = 'webhooks';

/** A worker reads all of them at once. */
const MAX_WEBHOOKS = 100;

/** Workers read the webhooks this often. A new one may miss events until then. */
const FRESH_MS = 10_000;

/** A replaced secret signs for another day. */
const OLD_SECRET_MS = 24 * 3_600_000;
/** Each secret adds a signature to every message. */
const MAX_SECRETS = 10;

const DAY_MS = 24 * 3_600_000;
/** A webhook is disabled if it has taken nothing for this long, and a delivery was given up. */
const FAILING_MS = 3 * DAY_MS;

export interface WebhookRecord {
  id: string;
  url: string;
  events: WebhookEvent[];
  /** The user whose media it tells of; null for all users. */
  owner_id: string | null;
  /** The current one first. They sign, so hashes would not do. */
  secrets: { secret: string; until: Timestamp | null }[];
  state: Webhook['state'];
  disabled_because: Webhook['disabled_because'];
  failing_since: Timestamp | null;
  created_at: Timestamp;
  /** The service key that registered it. */
  key_id: string;
}

/** Throws to refuse to change a webhook in this state. */
type Check = (record: WebhookRecord) => void;

interface Read {
  webhooks: WebhookRecord[];
  atMs: number;
}

export class Webhooks {
  readonly #firestore: Firestore;
  readonly #now: () => number;
  readonly #reads = new SharedAnswers<Read>();
  #last: Read | undefined;

  constructor(firestore: Firestore, now: () => number = Date.now) {
    this.#firestore = firestore;
    this.#now = now;
  }

  /** The webhooks for an owner's media. Reads the database at most once in ten seconds. */
  async of(ownerId: string): Promise<WebhookRecord[]> {
    if (!this.#last || this.#now() - this.#last.atMs > FRESH_MS) {
      this.#last = await this.#reads.ask('', () => this.#readEnabled());
    }
    return this.#last.webhooks.filter(({ owner_id }) => owner_id === null || owner_id === ownerId);
  }

  /** @throws {AppError} `rate_limited` if there are too many */
  async create(
    given: Pick<WebhookRecord, 'url' | 'events' | 'owner_id' | 'key_id'>,
    recordRequest?: RecordRequest,
  ): Promise<WebhookRecord> {
    const { count } = (await this.#collection.count().get()).data();
    if (count >= MAX_WEBHOOKS) {
      throw new AppError('rate_limited', `There are ${count} webhooks already. Remove one first.`);
    }
    const record: WebhookRecord = {
      ...given,
      id: `wh_${randomUUID().replaceAll('-', '')}`,
      secrets: [{ secret: newSigningSecret(), until: null }],
      state: 'enabled',
      disabled_because: null,
      failing_since: null,
      created_at: Timestamp.fromMillis(this.#now()),
    };
    const batch = this.#firestore.batch().create(this.#ref(record.id), record);
    await recordRequest?.(batch, record.id);
    await batch.commit();
    return record;
  }

  /** Newest first. @param ownerId Undefined for the webhooks of all users. @throws {AppError} for a bad token */
  list(ownerId: string | undefined, limit: number, pageToken?: string) {
    const all =
      ownerId === undefined ? this.#collection : this.#collection.where('owner_id', '==', ownerId);
    return readPage<WebhookRecord>(newestFirst(all), limit, pageToken);
  }

  async find(id: string): Promise<WebhookRecord | undefined> {
    return (await this.#ref(id).get()).data() as WebhookRecord | undefined;
  }

  /** @throws {AppError} `not_found`, also for a webhook of another user */
  async get(id: string, ownerId: string | undefined): Promise<WebhookRecord> {
    const record = /^wh_[0-9a-f]{32}$/.test(id) ? await this.find(id) : undefined;
    if (!record || (ownerId !== undefined && record.owner_id !== ownerId)) {
      throw new AppError('not_found', `There is no webhook "${id.slice(0, 50)}".`);
    }
    return record;
  }

  /** Messages that wait go to the new address, because it is read when they are sent. */
  edit({ id }: WebhookRecord, { url, events }: EditWebhook, check?: Check): Promise<WebhookRecord> {
    return this.#change(id, (record) => {
      check?.(record);
      return {
        // The receiver there has refused nothing yet.
        ...(url !== undefined && url !== record.url && { url, failing_since: null }),
        ...(events && { events: [...new Set(events)] }),
      };
    });
  }

  async remove({ id }: WebhookRecord, check?: Check): Promise<void> {
    await this.#firestore.runTransaction(async (transaction) => {
      const record = (await transaction.get(this.#ref(id))).data() as WebhookRecord | undefined;
      if (record) check?.(record);
      transaction.delete(this.#ref(id));
    });
  }

  /**
   * Earlier secrets sign for another day. A caller whose answer was lost may rotate again while receivers know only the first secret.
   * @throws {AppError} `rate_limited` if there are too many
   */
  async rotate({ id }: WebhookRecord, check?: Check): Promise<WebhookRecord> {
    const secret = newSigningSecret();
    return this.#change(id, (record) => {
      check?.(record);
      const { secrets } = record;
      const nowMs = this.#now();
      const signing = secrets.filter((each) => signsAt(each, nowMs));
      if (signing.length >= MAX_SECRETS) {
        const message = `It has ${signing.length} secrets that sign. Wait until the oldest ends: each signs for a day.`;
        throw new AppError('rate_limited', message);
      }
      const until = Timestamp.fromMillis(nowMs + OLD_SECRET_MS);
      const old = signing.map((each) => ({ ...each, until: each.until ?? until }));
      return { secrets: [{ secret, until: null }, ...old] };
    });
  }

  enable({ id }: WebhookRecord, check?: Check): Promise<WebhookRecord> {
    const enabled = { state: 'enabled', disabled_because: null, failing_since: null } as const;
    return this.#change(id, (record) => {
      check?.(record);
      return enabled;
    });
  }

  /** @returns false if it was disabled before, or has another address by now: it is the old one that takes nothing */
  async disable({ id, url }: WebhookRecord, because: 'gone' | 'failing'): Promise<boolean> {
    let isChanged = false;
    await this.#change(id, (present) => {
      isChanged = present.state === 'enabled' && present.url === url;
      return isChanged ? { state: 'disabled', disabled_because: because } : {};
    }).catch(ignoreMissing);
    return isChanged;
  }

  /** Writes only if the state has changed. */
  async noteOutcome({ id, failing_since }: WebhookRecord, isTaken: boolean): Promise<void> {
    if (isTaken === (failing_since === null)) return;
    const since = isTaken ? null : Timestamp.fromMillis(this.#now());
    await this.#change(id, (record) =>
      isTaken === (record.failing_since === null) ? {} : { failing_since: since },
    ).catch(ignoreMissing);
  }

  hasFailedForDays({ failing_since }: WebhookRecord): boolean {
    return failing_since !== null && this.#now() - failing_since.toMillis() >= FAILING_MS;
  }

  #change(
    id: string,
    patchOf: (record: WebhookRecord) => Partial<WebhookRecord>,
  ): Promise<WebhookRecord> {
    return this.#firestore.runTransaction(async (transaction) => {
      const record = (await transaction.get(this.#ref(id))).data() as WebhookRecord | undefined;
      if (!record) throw new AppError('not_found', `There is no webhook "${id}".`);
      const patch = patchOf(record);
      if (Object.keys(patch).length > 0) transaction.update(this.#ref(id), patch);
      return { ...record, ...patch };
    });
  }

  async #readEnabled(): Promise<Read> {
    const atMs = this.#now();
    // No limit here: requests at the same time may have created more than `MAX_WEBHOOKS`.
    const { docs } = await this.#collection.where('state', '==', 'enabled').get();
    return { webhooks: docs.map((doc) => doc.data() as WebhookRecord), atMs };
  }

  get #collection() {
    return this.#firestore.collection(WEBHOOKS_COLLECTION);
  }

  #ref(id: string): DocumentReference {
    return this.#collection.doc(id);
  }
}

/** The secrets that sign now, the current one first. */
export function secretsOf({ secrets }: Pick<WebhookRecord, 'secrets'>, nowMs: number): string[] {
  return secrets.filter((each) => signsAt(each, nowMs)).map(({ secret }) => secret);
}

function signsAt({ until }: WebhookRecord['secrets'][number], nowMs: number): boolean {
  return until === null || until.toMillis() > nowMs;
}

/** The secrets stay out. */
export function toWebhook(record: WebhookRecord): Webhook {
  const { id, url, events, owner_id, state, disabled_because, failing_since, created_at } = record;
  return {
    id,
    url,
    events,
    owner_id,
    state,
    disabled_because,
    failing_since: failing_since === null ? null : failing_since.toDate().toISOString(),
    created_at: created_at.toDate().toISOString(),
  };
}

/** What the `ETag` of a webhook is made of: a new secret changes it, too. */
export function taggedContent(record: WebhookRecord): object {
  return { ...toWebhook(record), secrets: record.secrets.map(({ secret }) => secret) };
}

/** The same id for each try and each receiver of an event. */
export function eventId(...parts: (string | number)[]): string {
  const hash = createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
  return `evt_${hash.slice(0, 27)}`;
}

/** Somebody has removed it in the meantime. */
export function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof AppError && error.code === 'not_found')) throw error;
}
