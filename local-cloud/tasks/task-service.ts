/** The task methods of google.cloud.tasks.v2.CloudTasks. */
import type { protos } from '@google-cloud/tasks';
import { status } from '@grpc/grpc-js';
import { invalidArgument, RpcError } from '../base/rpc-error.ts';
import type { Task, WireTask } from './model.ts';
import { queueOf, taskName } from './names.ts';
import { page } from './paging.ts';
import { existingQueue, type ServiceDeps } from './queue-service.ts';
import { newTask } from './task-request.ts';
import { toWireTask, type View } from './wire.ts';

const MAX_PAGE_SIZE = 1_000;

/** One method for each RPC, with the same name. Each throws `RpcError` for a mistake of the caller. */
export class TaskService {
  readonly #deps: ServiceDeps;

  constructor(deps: ServiceDeps) {
    this.#deps = deps;
  }

  createTask(request: protos.google.cloud.tasks.v2.ICreateTaskRequest): WireTask {
    const { store, dispatchers } = this.#deps;
    const view = responseView(request.responseView);
    const queue = existingQueue(store, request.parent);
    if (!request.task) throw invalidArgument('task is required.');
    const wanted = newTask(queue.name, request.task, this.#nowUs());
    const taken = store.nameTaken(wanted.name, this.#nowUs());
    if (taken) {
      const why = taken === 'exists' ? 'exists already' : 'existed too recently';
      throw new RpcError(status.ALREADY_EXISTS, `A task named ${wanted.name} ${why}.`);
    }
    const task = store.insertTask(wanted);
    dispatchers.get(queue.name)?.kick();
    return toWireTask(task, view);
  }

  getTask(request: protos.google.cloud.tasks.v2.IGetTaskRequest): WireTask {
    return toWireTask(this.#existingTask(request.name), responseView(request.responseView));
  }

  listTasks(
    request: protos.google.cloud.tasks.v2.IListTasksRequest,
  ): protos.google.cloud.tasks.v2.IListTasksResponse {
    const { store } = this.#deps;
    const view = responseView(request.responseView);
    const queue = existingQueue(store, request.parent);
    const { items, nextPageToken } = page(request, MAX_PAGE_SIZE, (after, limit) =>
      store.tasks(queue.name, after, limit),
    );
    return { tasks: items.map((task) => toWireTask(task, view)), nextPageToken };
  }

  /** A running attempt goes on, but no other follows. */
  deleteTask({ name }: protos.google.cloud.tasks.v2.IDeleteTaskRequest): object {
    const { store, tombstoneMs } = this.#deps;
    const nowUs = this.#nowUs();
    store.endTask(this.#existingTask(name), nowUs, nowUs + tombstoneMs * 1e3);
    return {};
  }

  runTask(request: protos.google.cloud.tasks.v2.IRunTaskRequest): WireTask {
    const task = this.#existingTask(request.name);
    const dispatcher = this.#deps.dispatchers.get(task.queue);
    return toWireTask(dispatcher?.run(task) ?? task, responseView(request.responseView));
  }

  /** @throws {RpcError} NOT_FOUND. For a task that has ended, the message says so. */
  #existingTask(name: string | null | undefined): Task {
    const { store } = this.#deps;
    const wanted = taskName(name);
    const task = store.task(wanted);
    if (task) return task;
    existingQueue(store, queueOf(wanted));
    const over = store.nameTaken(wanted, this.#nowUs()) === 'reserved';
    const why = over ? 'was completed or deleted' : 'does not exist';
    throw new RpcError(status.NOT_FOUND, `Task ${wanted} ${why}.`);
  }

  #nowUs(): number {
    return Math.round(this.#deps.now() * 1e3);
  }
}

function responseView(view: protos.google.cloud.tasks.v2.IGetTaskRequest['responseView']): View {
  return view === 'FULL' ? 'FULL' : 'BASIC';
}
