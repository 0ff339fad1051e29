/** The downloads of one step. The step locks the import for them: other steps only count until it is done. */
import { type DocumentSnapshot, type Firestore, Timestamp } from '@google-cloud/firestore';
import type { DailyUploads } from '../../core/accept/daily-uploads.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import type { Loopback } from '../../outbound/allowed-address.ts';
import { ABORTED, FAILED_PRECONDITION, hasCode, NOT_FOUND } from '../../process/grpc-status.ts';
import type { Logger } from '../../process/log.ts';
import type { ObjectStore } from '../../storage/objects.ts';
import { DOWNLOAD_MS, download, type Fetched } from './download.ts';
import { findKnownMedia } from './known-media.ts';
import type { PlanLimits } from './plan.ts';
import type { ImportRecord } from './record.ts';

/** Downloads at the same time. Each needs a connection, and up to the whole time of a step. */
const AT_A_TIME = 4;
/** The lock ends after this time, in case the step died and its task was lost. */
const LOCK_MS = DOWNLOAD_MS + 30_000;

interface DownloadsDeps {
  firestore: Firestore;
  objects: ObjectStore;
  dailyUploads: DailyUploads;
  limits: Omit<PlanLimits, 'nowMs'>;
  loopback: Loopback;
  logger: Logger;
  now: () => number;
}

export class Downloads {
  readonly #deps: DownloadsDeps;
  readonly #fetched = new Map<string, Fetched>();
  readonly task: string | undefined;
  hasLock = false;

  constructor(deps: DownloadsDeps, task: string | undefined) {
    this.#deps = deps;
    this.task = task;
  }

  /** Does nothing if another step has changed the import since this one read it. */
  async make(run: ImportRecord, { ref, updateTime }: DocumentSnapshot): Promise<void> {
    const { now, limits } = this.#deps;
    const held_until = Timestamp.fromMillis(now() + LOCK_MS);
    try {
      await ref.update(
        { held_until, held_by: this.task ?? null },
        updateTime ? { lastUpdateTime: updateTime } : {},
      );
    } catch (error) {
      if (hasCode(error, FAILED_PRECONDITION, NOT_FOUND, ABORTED)) return;
      throw error;
    }
    this.hasLock = true;
    const count = Math.min(AT_A_TIME, limits.inFlight - run.working.length);
    const urls = new Set((run.addresses ?? []).slice(0, Math.max(1, count)).map(({ url }) => url));
    await Promise.all([...urls].map((url) => this.#fetch(url, run)));
  }

  /** The result of each address. If another import of the owner was quicker with a file, it is `known`. */
  async all(): Promise<ReadonlyMap<string, Fetched>> {
    const staged = [...this.#fetched].flatMap(([url, file]) =>
      file.kind === 'staged' ? [[url, file.id] as const] : [],
    );
    const known = await this.#known(staged.map(([, id]) => id));
    for (const [url, id] of staged) if (known.has(id)) this.#fetched.set(url, { kind: 'known' });
    return this.#fetched;
  }

  /** Removes staged files that became no media, because the owner stopped the import or another import was quicker. */
  async dropUnused(records: readonly MediaRecord[] = []): Promise<void> {
    const used = new Set(records.map(({ id }) => id));
    for (const file of (await this.all()).values()) {
      if (file.kind !== 'staged' || used.has(file.id)) continue;
      await this.#deps.objects.unstage(file.id).catch((error: unknown) => {
        // A lifecycle rule of the staging bucket deletes it later.
        this.#deps.logger.warn({ error }, 'staged object not removed');
      });
    }
  }

  async #known(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return ids.length === 0 ? new Set() : findKnownMedia(this.#deps.firestore, ids);
  }

  async #fetch(url: string, { owner_id }: ImportRecord): Promise<void> {
    const { objects, dailyUploads, limits, loopback, logger } = this.#deps;
    const { bytes: mostToday } = await dailyUploads.remaining(owner_id);
    const fetched = await download(url, {
      objects,
      loopback,
      ownerId: owner_id,
      mostToday,
      most: Math.min(limits.maxUploadBytes, limits.perDay.bytes),
      isKnown: async (id) => (await this.#known([id])).has(id),
    });
    // The message stays out of the log: it names the address, which may have a secret in it.
    if ('code' in fetched)
      logger.info({ kind: fetched.kind, code: fetched.code }, 'not downloaded');
    this.#fetched.set(url, fetched);
  }
}
