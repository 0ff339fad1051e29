/**
 * A Cloud Storage on this machine for Google's unmodified client libraries: the JSON API, and the part of
 * the XML API that signed URLs use. With `STORAGE_EMULATOR_HOST=http://host:port` the Node client comes
 * here. Access control and encryption keys are not implemented; unsupported.ts refuses them. Lifecycle rules
 * are stored but not applied: the real service may take a day for that too.
 */
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Reserve } from '../base/disk-full.ts';
import { listenOnLastPort } from '../base/listen-on-last-port.ts';
import { withHttpFaults } from '../faults/http.ts';
import type { FaultPlan } from '../faults/plan.ts';
import { BlobStore } from './blobs.ts';
import { Buckets } from './buckets.ts';
import type { Storage } from './call.ts';
import { Database } from './database.ts';
import { Notifications, type Publish } from './notifications.ts';
import { Objects } from './objects.ts';
import { handle } from './router.ts';
import { SoftDeletes } from './soft-delete.ts';
import { Uploads } from './upload/uploads.ts';
import { SessionWriter } from './upload/writer.ts';

export interface StorageOptions {
  /** 0: any free port. By default the last port with the same `dataDir`, or any. */
  port?: number;
  host?: string;
  /**
   * Folder of all data. By default a temporary folder that `close` removes. Memory is not used, so that there is only one way to
   * store content and large uploads stay out of the heap.
   */
  dataDir?: string;
  /** The public key of a service account, to check signed URLs. */
  publicKey?: (email: string) => KeyObject | undefined;
  /** Another host name under which a proxy of this machine sends requests, such as `storage.googleapis.com`. */
  servedAs?: string | undefined;
  /** Publishes notifications of new objects. Without it, no bucket can have notifications. */
  publish?: Publish | undefined;
  /** Milliseconds. */
  now?: () => number;
  /** Faults to inject, for tests of the callers. */
  faults?: FaultPlan | undefined;
}

export interface RunningService {
  host: string;
  port: number;
  close(): Promise<void>;
}

/** Starts the server; resolves once it listens. */
export async function startStorage({
  port,
  host = '127.0.0.1',
  dataDir,
  publicKey = () => undefined,
  servedAs,
  publish,
  now = Date.now,
  faults,
}: StorageOptions = {}): Promise<RunningService> {
  const directory = dataDir ?? mkdtempSync(join(tmpdir(), `storage-${process.pid}-`));
  const storage = openStorage(directory, { publicKey, servedAs, publish, now, faults });
  const direct = (req: IncomingMessage, res: ServerResponse) => handle(storage, req, res);
  const answer = faults ? withHttpFaults(direct, faults.channel('storage')) : direct;
  const running = new Set<Promise<void>>();
  // An upload may take any time, so there is no limit for the whole request.
  const server = createServer({ requestTimeout: 0, keepAliveTimeout: 60_000 }, (req, res) => {
    const call = answer(req, res).finally(() => running.delete(call));
    running.add(call);
  });
  if (port === undefined) await listenOnLastPort(server, host, directory);
  else await once(server.listen(port, host), 'listening');
  return {
    host,
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await Promise.all(running);
      storage.notifications.close();
      storage.db.close();
      if (dataDir === undefined) rmSync(directory, { recursive: true, force: true });
    },
  };
}

function openStorage(
  directory: string,
  {
    publicKey,
    servedAs,
    publish,
    now,
    faults,
  }: Required<Pick<StorageOptions, 'publicKey' | 'now'>> &
    Pick<StorageOptions, 'servedAs' | 'publish' | 'faults'>,
): Storage {
  mkdirSync(directory, { recursive: true });
  const db = new Database(join(directory, 'metadata.sqlite'), faults?.beforeWrite);
  const blobs = new BlobStore(join(directory, 'objects'), faults?.beforeWrite);
  const softDeletes = new SoftDeletes(db, blobs, now);
  const buckets = new Buckets(db, softDeletes, now);
  const notifications = new Notifications(db, publish);
  const reserve = new Reserve(directory);
  const objects = new Objects({ db, blobs, buckets, softDeletes, now, reserve, notifications });
  const uploads = new Uploads(db, blobs, now);
  const writer = new SessionWriter(blobs);
  uploads.removeExpired();
  softDeletes.removeExpired();
  blobs.sweep((blob) => objects.holds(blob) || uploads.holds(blob));
  const stores = { db, blobs, buckets, objects, notifications, softDeletes, uploads };
  return { ...stores, writer, now, publicKey, servedAs };
}
