/**
 * Notifies topics of Pub/Sub of new objects: https://cloud.google.com/storage/docs/pubsub-notifications. Other events are not
 * implemented. Notifications that were not published when this process ends are lost; Google's arrive at least once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Database } from './database.ts';
import { StorageError } from './errors.ts';
import { iso, type ObjectRow, toObjectResource } from './metadata.ts';

const FINALIZE = 'OBJECT_FINALIZE';
const TOPIC = '//pubsub.googleapis.com/';
/** The links in a notification begin with this. An answer has the address of its request instead. */
export const BASE_URL = 'https://www.googleapis.com';
const AGAIN_MS = 1_000;

/** https://cloud.google.com/storage/docs/json_api/v1/notifications#resource */
const configSchema = z.strictObject({
  topic: z.string().regex(/^\/\/pubsub\.googleapis\.com\/projects\/[^/]+\/topics\/[^/]+$/),
  payload_format: z.enum(['JSON_API_V1', 'NONE']),
  event_types: z.tuple([z.literal(FINALIZE)]),
  object_name_prefix: z.string().max(1_024).optional(),
  custom_attributes: z.record(z.string(), z.string()).optional(),
});
type Config = z.infer<typeof configSchema>;

export interface Notification {
  id: number;
  config: Config;
}

/** Publishes one message. Its data is base64. @throws if Pub/Sub did not accept it */
export type Publish = (
  topic: string,
  message: { data: string; attributes: Record<string, string> },
) => Promise<void>;

export class Notifications {
  readonly #db: Database;
  readonly #publish: Publish | undefined;
  readonly #closing = new AbortController();

  constructor(db: Database, publish: Publish | undefined) {
    this.#db = db;
    this.#publish = publish;
  }

  /** @throws {StorageError} 501 without a Pub/Sub; 400 */
  insert(bucket: string, body: unknown): Notification {
    if (!this.#publish) throw new StorageError('notImplemented', 'There is no Pub/Sub here.');
    const { data: config, error } = configSchema.safeParse(body);
    if (!config) throw new StorageError('invalid', z.prettifyError(error));
    const { lastInsertRowid } = this.#db.sql
      .prepare('INSERT INTO notifications (bucket, config) VALUES (?, ?)')
      .run(bucket, JSON.stringify(config));
    return { id: Number(lastInsertRowid), config };
  }

  list(bucket: string): Notification[] {
    const found = this.#db.sql.prepare('SELECT * FROM notifications WHERE bucket = ? ORDER BY id');
    return found.all(bucket).map(({ id, config }) => ({
      id: Number(id),
      config: JSON.parse(String(config)) as Config,
    }));
  }

  remove(bucket: string, id: string): void {
    this.#db.sql.prepare('DELETE FROM notifications WHERE bucket = ? AND id = ?').run(bucket, id);
  }

  /** @param replaced the generation that was live before */
  tellOfNew(row: ObjectRow, replaced: number | undefined): void {
    for (const { id, config } of this.list(row.bucket)) {
      if (!row.name.startsWith(config.object_name_prefix ?? '')) continue;
      const { payload_format: payloadFormat, custom_attributes } = config;
      const attributes = {
        ...custom_attributes,
        notificationConfig: `projects/_/buckets/${row.bucket}/notificationConfigs/${id}`,
        eventType: FINALIZE,
        payloadFormat,
        bucketId: row.bucket,
        objectId: row.name,
        objectGeneration: String(row.generation),
        // With microseconds, like Google's.
        eventTime: iso(row.created).replace('Z', '000Z'),
        ...(replaced !== undefined && { overwroteGeneration: String(replaced) }),
      };
      const payload =
        payloadFormat === 'NONE' ? '' : JSON.stringify(toObjectResource(row, BASE_URL));
      const message = { data: Buffer.from(payload).toString('base64'), attributes };
      void this.#untilPublished(config.topic.slice(TOPIC.length), message);
    }
  }

  close(): void {
    this.#closing.abort();
  }

  async #untilPublished(...message: Parameters<Publish>): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#publish?.(...message);
        return;
      } catch {
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}
