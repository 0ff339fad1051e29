import { Dispatcher, type DispatcherDeps } from './dispatcher.ts';
import type { Queue } from './model.ts';

/** One dispatcher for each queue. */
export class Dispatchers {
  readonly #deps: DispatcherDeps;
  readonly #byQueue = new Map<string, Dispatcher>();

  /** Starts a dispatcher for every stored queue. */
  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
    for (const queue of deps.store.allQueues()) this.#start(queue);
  }

  /** Call this when a queue is new, or when its settings or state have changed. */
  set(queue: Queue): void {
    const dispatcher = this.#byQueue.get(queue.name);
    if (dispatcher) dispatcher.update(queue);
    else this.#start(queue);
  }

  get(queue: string): Dispatcher | undefined {
    return this.#byQueue.get(queue);
  }

  remove(queue: string): void {
    this.#byQueue.get(queue)?.close();
    this.#byQueue.delete(queue);
  }

  close(): void {
    for (const queue of [...this.#byQueue.keys()]) this.remove(queue);
  }

  #start(queue: Queue): void {
    const dispatcher = new Dispatcher(queue, this.#deps);
    this.#byQueue.set(queue.name, dispatcher);
    dispatcher.kick();
  }
}
