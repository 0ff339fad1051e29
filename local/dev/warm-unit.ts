/** Runs a unit under `npm run dev`: one process serves, and another one waits with the packages loaded. */
import { fileURLToPath } from 'node:url';
import { Instance, type Program } from '../front/instance.ts';
import { loadedSchema, type Order } from './message.ts';

const PRELOAD = new URL('./unit.ts', import.meta.url);

/** Between SIGTERM and SIGKILL, in milliseconds: a process that stands at a breakpoint does not react to SIGTERM. */
const GRACE_MS = 3_000;

export class WarmUnit {
  /** Paths of the project's files that the unit has loaded so far. */
  readonly files = new Set<string>();
  readonly #packages = new Set<string>();
  readonly #program: Program;
  #waiting: Instance | undefined;
  #isClosed = false;

  /** @param inspectPort port for a debugger */
  constructor(program: Program, inspectPort?: number) {
    const port = inspectPort === undefined ? {} : { DEV_INSPECT_PORT: String(inspectPort) };
    this.#program = {
      ...program,
      environment: { ...program.environment, ...port },
      preload: [PRELOAD],
      onMessage: (message) => this.#remember(message),
    };
  }

  /** Starts the process that waits. */
  launch(): Instance {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const instance = waiting && !waiting.isOver ? waiting : this.#create();
    order(instance, { start: true });
    return instance;
  }

  /** Starts a process that waits for the next launch. Call it when nothing else needs the machine. */
  prepare(): void {
    if (this.#isClosed || (this.#waiting && !this.#waiting.isOver)) return;
    this.#waiting = this.#create();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#waiting?.stop();
  }

  #create(): Instance {
    const instance = new Instance(this.#program, GRACE_MS);
    order(instance, { load: [...this.#packages] });
    return instance;
  }

  #remember(message: unknown): void {
    const loaded = loadedSchema.parse(message);
    for (const address of loaded.files) this.files.add(fileURLToPath(address));
    const added = loaded.packages.filter((address) => !this.#packages.has(address));
    for (const address of added) this.#packages.add(address);
    if (this.#waiting && added.length > 0) order(this.#waiting, { load: added });
  }
}

function order(instance: Instance, message: Order): void {
  instance.send(message);
}
