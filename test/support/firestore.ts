/**
 * Where the contract tests meet Firestore: the official emulator when FIRESTORE_EMULATOR_HOST names
 * one, else the local service, in memory on a free port.
 */
import { randomUUID } from 'node:crypto';
import firestore, {
  type CollectionReference,
  type DocumentData,
  Firestore,
  type Query,
  type QuerySnapshot,
  type Settings,
} from '@google-cloud/firestore';
import { credentials, makeClientConstructor, type ServiceClientConstructor } from '@grpc/grpc-js';
import { afterAll, afterEach, test } from '@jest/globals';
import { firestoreService } from '../../local-cloud/firestore/protos.ts';
import { orHang } from './hang-limit.ts';

// Node finds no named export for this one.
export const { GrpcStatus } = firestore;

export interface TestFirestore {
  db: Firestore;
  /** `host:port`, for calls that Google's Node client does not make. */
  address: string;
  /** Resource name of the database. */
  database: string;
  /** Another client of the same database; `settings` may name another project or database. */
  connect(settings?: Settings): Firestore;
  /** A collection that no other test uses. */
  collection(): CollectionReference;
  /** A new collection with these documents, by id, written in one batch. */
  fill(documents: Record<string, DocumentData>): Promise<CollectionReference>;
}

/**
 * Opens a Firestore that belongs to the calling test file alone: its project id is used nowhere
 * else. Clients and server are closed after the file's last test.
 */
export async function openFirestore(): Promise<TestFirestore> {
  const server = process.env.FIRESTORE_EMULATOR_HOST ? undefined : await startLocal();
  const address = server
    ? `${server.host}:${server.port}`
    : (process.env.FIRESTORE_EMULATOR_HOST ?? '');
  const target = server ? { host: address, ssl: false } : {};
  const projectId = `contract-${randomUUID().slice(0, 8)}`;
  const clients: Firestore[] = [];
  const connect = (settings: Settings = {}) => {
    const client = new Firestore({ projectId, ...target, ...settings });
    clients.push(client);
    return client;
  };
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.terminate()));
    await server?.close();
  });
  const db = connect();
  const collection = () => db.collection(`test-${randomUUID()}`);
  const fill = async (documents: Record<string, DocumentData>) => {
    const target = collection();
    const batch = db.batch();
    for (const [id, data] of Object.entries(documents)) batch.create(target.doc(id), data);
    await batch.commit();
    return target;
  };
  const database = `projects/${projectId}/databases/(default)`;
  return { db, address, database, connect, collection, fill };
}

/**
 * Whether Google's emulator stands for the service here and is known to differ in one point. It is said
 * each time, and the test then asks for what the emulator can do.
 * @param how What the emulator does, after "it".
 * @param source Why the service is known to do otherwise: a link, or its own words.
 */
export function emulatorDiffers(how: string, source: string): boolean {
  if (!process.env.FIRESTORE_EMULATOR_HOST) return false;
  process.stderr.write(`Google's emulator differs here: it ${how} (${source})\n`);
  return true;
}

/**
 * A test that needs faults of Firestore, which it orders with `faults.script('firestore', …)`. Our Firestore makes them.
 * Google's emulator never fails, so there the test is skipped, and that is said (docs/local.md, "What runs where").
 */
export function testWithFirestoreFaults(title: string, run: () => Promise<void>): void {
  if (process.env.FIRESTORE_EMULATOR_HOST) {
    process.stderr.write(`Skipped, because Google's emulator never fails: ${title}\n`);
    test.skip(title, run);
  } else {
    test(title, run);
  }
}

async function startLocal() {
  const { startFirestore } = await import('../../local-cloud/firestore/server.ts');
  return startFirestore({});
}

/** Google's web clients speak the protocol in ways that the Node client does not: this is for those. */
export function openRawClient(address: string): InstanceType<ServiceClientConstructor> {
  const Client = makeClientConstructor(firestoreService, 'Firestore');
  const client = new Client(address, credentials.createInsecure());
  afterAll(() => client.close());
  return client;
}

/** The gRPC status code that `operation` fails with; 'succeeded' if it does not fail. */
export async function codeOf(operation: Promise<unknown>): Promise<unknown> {
  try {
    await operation;
    return 'succeeded';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

/** Ids of the query's results, in their order. */
export async function idsOf(query: Query): Promise<string[]> {
  return (await query.get()).docs.map((doc) => doc.id);
}

/** 0, 1, 2 … `length` numbers. */
export function range(length: number): number[] {
  return Array.from({ length }, (_, n) => n);
}

interface Listenable<S> {
  onSnapshot(next: (snapshot: S) => void, error?: (error: Error) => void): () => void;
}

/** A snapshot listener that keeps what it received. */
export interface Watcher<S> {
  /** Every snapshot so far, oldest first. */
  readonly seen: S[];
  /** The latest snapshot as soon as `accept` holds for it; fails on a listener error or after 20 s. */
  until(accept: (latest: S) => boolean, what?: string): Promise<S>;
  /** The error that ended the listener, once there is one. */
  failure(): Promise<Error>;
  stop(): void;
}

const listening = new Set<() => void>();

/** Listens to a document or query until `stop`, or until the test ends. */
export function watch<S>(target: Listenable<S>): Watcher<S> {
  const seen: S[] = [];
  const waiting = new Set<() => void>();
  const failed = Promise.withResolvers<Error>();
  const stop = target.onSnapshot(
    (snapshot) => {
      seen.push(snapshot);
      for (const check of waiting) check();
    },
    (error) => failed.resolve(error),
  );
  listening.add(stop);
  const until = async (accept: (latest: S) => boolean, what = 'expected snapshot') => {
    const { promise, resolve } = Promise.withResolvers<S>();
    const check = () => {
      const latest = seen.at(-1);
      if (latest !== undefined && accept(latest)) resolve(latest);
    };
    waiting.add(check);
    check();
    const error = failed.promise.then((reason) => Promise.reject(reason));
    try {
      return await orHang(Promise.race([promise, error]), what);
    } finally {
      waiting.delete(check);
    }
  };
  return { seen, until, failure: () => orHang(failed.promise, 'listener error'), stop };
}

/** Accepts a query snapshot with exactly these documents, in this order. */
export function holds(expected: Iterable<string>): (snapshot: QuerySnapshot) => boolean {
  return ({ docs }) => docs.map((doc) => doc.id).join() === [...expected].join();
}

/** What a query snapshot tells of its changes: type, id, index before and index after. */
export function changesOf(snapshot: QuerySnapshot): [string, string, number, number][] {
  return snapshot.docChanges().map((c) => [c.type, c.doc.id, c.oldIndex, c.newIndex]);
}

afterEach(() => {
  for (const stop of listening) stop();
  listening.clear();
});
