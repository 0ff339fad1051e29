/** How a feature takes part in a unit: what the unit gives it, and what it gives the unit. */
import type { Firestore } from '@google-cloud/firestore';
import type { Storage } from '@google-cloud/storage';
import type { API_ROUTES } from '@media-analysis/shared/contract';
import type { streamRoutes } from '@media-analysis/shared/event-streams';
import type { Contract } from '@media-analysis/shared/routes';
import type { ConcurrencyLimit } from '../http/concurrency-limit.ts';
import type { ContractCall } from '../http/contract-route.ts';
import type { Call } from '../http/router.ts';
import type { ServiceCaller } from '../http/service-caller.ts';
import type { Logger } from '../process/log.ts';
import type { ObjectStore } from '../storage/objects.ts';
import type { AcceptanceStore } from './accept/acceptances.ts';
import type { DailyUploads } from './accept/daily-uploads.ts';
import type { Feature, Moments } from './media/moments.ts';
import type { Places } from './media/places.ts';
import type { MediaStore } from './media/store.ts';
import type { TaskQueue } from './media/task-queue.ts';
import type { Watch } from './stream/watch.ts';
import type { Answer } from './work/work.ts';

interface Kit<Settings> {
  /** The settings of the unit. A feature declares those that it reads in its own `settings.ts`. */
  config: Settings;
  firestore: Firestore;
  media: MediaStore;
  objects: ObjectStore;
  queue: TaskQueue;
  places: Places;
  dailyUploads: DailyUploads;
  /** Calls all features of the unit. It is empty until all parts were made, so call it later. */
  moments: Moments;
  logger: Logger;
  now: () => number;
  /** Has something done when the instance shuts down. */
  atEnd(run: () => unknown): void;
}

export interface ApiKit<Settings> extends Kit<Settings> {
  acceptances: AcceptanceStore;
  /** Requests with files that are open, by owner. */
  uploads: ConcurrencyLimit;
  /** How long a signed address of an object works. */
  signedUrlTtlMs: number;
}

/** Answers a route of a signed in caller. */
export type Handle = (call: ContractCall, ownerId: string) => Promise<void>;

/** Answers a route that only a backend may call. */
type ServiceHandle = (call: ContractCall, caller: ServiceCaller) => Promise<void>;

export interface ApiPart {
  moments?: Feature;
  handlers?: Partial<Record<keyof typeof API_ROUTES, Handle>>;
  /** By the names of their routes in the contract. */
  serviceHandlers?: Readonly<Record<string, ServiceHandle>>;
}

export type ApiFeature<Settings> = (kit: ApiKit<Settings>) => ApiPart;

export interface WorkerKit<Settings> extends Kit<Settings> {
  storage: Storage;
  /** If nothing was written for this time, a task counts as lost. In milliseconds. */
  quietMs: number;
  /** A model may be asked that costs money. */
  isPaid: boolean;
  random: () => number;
}

/** Works on one task. @param stop Aborted when Cloud Tasks disconnects, or when the instance shuts down. */
export type TaskHandle = (call: Call, stop: AbortSignal) => Promise<Answer>;

interface WorkerPart {
  moments?: Feature;
  /** By their paths. */
  tasks?: Readonly<Record<string, TaskHandle>>;
}

export interface WorkerFeature<Settings> {
  /** Where its tasks are delivered. */
  paths?: readonly string[];
  create(kit: WorkerKit<Settings>): WorkerPart;
}

export interface StreamKit<Settings> {
  config: Settings;
  /** Opens the database at the first stream. */
  firestore: () => Promise<Firestore>;
  /** The moments of all features of the unit. Empty until all parts are made: use them only in later calls. */
  moments: Moments;
  logger: Logger;
  /** Called for each pushed change, with the time at which the change was written. */
  onPush: (writtenAtMs: number) => void;
}

export interface StreamPart {
  moments?: Feature;
  watches?: Partial<Record<keyof typeof streamRoutes, Watch>>;
}

export type StreamFeature<Settings> = (kit: StreamKit<Settings>) => StreamPart;

/**
 * Gives handlers the services that they need. Nothing compiles while one of these routes has no handler.
 * @example handlers: bound(importRoutes, { createImport, listImports }, { imports: new ImportStore(firestore), logger })
 */
export function bound<Name extends string, Caller, Services>(
  routes: Readonly<Record<Name, Contract>>,
  handlers: Record<Name, (call: ContractCall, caller: Caller, services: Services) => Promise<void>>,
  services: Services,
): Record<Name, (call: ContractCall, caller: Caller) => Promise<void>> {
  const names = Object.keys(routes) as Name[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      (call: ContractCall, caller: Caller) => handlers[name](call, caller, services),
    ]),
  ) as Record<Name, (call: ContractCall, caller: Caller) => Promise<void>>;
}
