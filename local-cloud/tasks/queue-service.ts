/** The queue methods of google.cloud.tasks.v2.CloudTasks. */
import type { protos } from '@google-cloud/tasks';
import { status } from '@grpc/grpc-js';
import { invalidArgument, RpcError } from '../base/rpc-error.ts';
import type { Dispatchers } from './dispatchers.ts';
import type { Queue, WireQueue } from './model.ts';
import { locationName, queueName } from './names.ts';
import { page } from './paging.ts';
import { newQueue, updatedQueue } from './queue-config.ts';
import type { Store } from './store.ts';
import { toWireQueue } from './wire.ts';

export interface ServiceDeps {
  store: Store;
  dispatchers: Dispatchers;
  /** Milliseconds. */
  now: () => number;
  /** How long the name of an ended task stays reserved. */
  tombstoneMs: number;
}

const MAX_PAGE_SIZE = 9_800;

/** One method for each RPC, with the same name. Each throws `RpcError` for a mistake of the caller. */
export class QueueService {
  readonly #deps: ServiceDeps;

  constructor(deps: ServiceDeps) {
    this.#deps = deps;
  }

  createQueue(request: protos.google.cloud.tasks.v2.ICreateQueueRequest): WireQueue {
    const parent = locationName(request.parent);
    const queue = newQueue(request.queue ?? {});
    if (!queue.name.startsWith(`${parent}/queues/`)) {
      throw invalidArgument(`queue.name must begin with the parent, ${parent}/queues/.`);
    }
    if (this.#deps.store.queue(queue.name)) {
      throw new RpcError(status.ALREADY_EXISTS, `Queue ${queue.name} already exists.`);
    }
    return this.#put(queue);
  }

  getQueue({ name }: protos.google.cloud.tasks.v2.IGetQueueRequest): WireQueue {
    return toWireQueue(existingQueue(this.#deps.store, name));
  }

  listQueues(
    request: protos.google.cloud.tasks.v2.IListQueuesRequest,
  ): protos.google.cloud.tasks.v2.IListQueuesResponse {
    const parent = locationName(request.parent);
    if (request.filter) {
      throw new RpcError(
        status.UNIMPLEMENTED,
        'The local ListQueues does not support filter. Leave it out.',
      );
    }
    const { items, nextPageToken } = page(request, MAX_PAGE_SIZE, (after, limit) =>
      this.#deps.store.queues(parent, after, limit),
    );
    return { queues: items.map(toWireQueue), nextPageToken };
  }

  /** Creates the queue if it does not exist, as the real method does. */
  updateQueue(request: protos.google.cloud.tasks.v2.IUpdateQueueRequest): WireQueue {
    const wire = request.queue ?? {};
    const current = this.#deps.store.queue(queueName(wire.name));
    const paths = request.updateMask?.paths ?? [];
    return this.#put(current ? updatedQueue(current, wire, paths) : newQueue(wire));
  }

  deleteQueue({ name }: protos.google.cloud.tasks.v2.IDeleteQueueRequest): object {
    const queue = existingQueue(this.#deps.store, name);
    this.#deps.dispatchers.remove(queue.name);
    this.#deps.store.deleteQueue(queue.name);
    return {};
  }

  purgeQueue({ name }: protos.google.cloud.tasks.v2.IPurgeQueueRequest): WireQueue {
    const { store, now, tombstoneMs } = this.#deps;
    const nowUs = Math.round(now() * 1e3);
    const queue = { ...existingQueue(store, name), purgeUs: nowUs };
    store.purge(queue, nowUs + tombstoneMs * 1e3);
    return toWireQueue(queue);
  }

  pauseQueue({ name }: protos.google.cloud.tasks.v2.IPauseQueueRequest): WireQueue {
    return this.#put({ ...existingQueue(this.#deps.store, name), state: 'PAUSED' });
  }

  resumeQueue({ name }: protos.google.cloud.tasks.v2.IResumeQueueRequest): WireQueue {
    return this.#put({ ...existingQueue(this.#deps.store, name), state: 'RUNNING' });
  }

  #put(queue: Queue): WireQueue {
    this.#deps.store.putQueue(queue);
    this.#deps.dispatchers.set(queue);
    return toWireQueue(queue);
  }
}

/** @throws {RpcError} INVALID_ARGUMENT for a malformed name, NOT_FOUND if the queue does not exist */
export function existingQueue(store: Store, name: string | null | undefined): Queue {
  const queue = store.queue(queueName(name));
  if (queue) return queue;
  throw new RpcError(status.NOT_FOUND, `Queue ${name} does not exist.`);
}
