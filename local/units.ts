/** The deployed units as child processes, each started again when it dies, as the platform would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export type UnitName = 'api' | 'worker' | 'stream';
type Environment = Record<string, string>;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * Functions run under functions-framework's own command, as they do when deployed: the one that is
 * installed where they are.
 */
export function unitCommand(name: UnitName, bundles: string | undefined): string[] {
  const entry = bundles ? join(bundles, name, 'index.js') : here(`../functions/${name}/index.ts`);
  if (name === 'stream') return [entry];
  const framework = createRequire(entry).resolve('@google-cloud/functions-framework');
  const main = new URL('./main.js', pathToFileURL(framework));
  return [fileURLToPath(main), `--source=${entry}`, `--target=${name}`, '--signature-type=http'];
}

/**
 * As deployed. Node's young generation grows to three times 16 MB, which a unit with a heap of 50 MB has
 * no use for: at 2 MB it starts 15 MB and works 30 MB smaller, at the same speed.
 */
const NODE_OPTIONS = ['--max-semi-space-size=2'];

const FIRST_RESTART_DELAY_MS = 50;
const MAX_RESTART_DELAY_MS = 5_000;
/** A unit that ran this long was healthy: its next death is a new story. */
const HEALTHY_MS = 10_000;
const GRACE_MS = 5_000;

export interface UnitOptions {
  /** 0, the default: a free one. */
  port?: number;
  /** Told at each start. */
  onListening?: (port: number) => void;
  /** The folder of a build, to run what is deployed instead of the sources. */
  bundles?: string | undefined;
}

export class Unit {
  readonly name: UnitName;
  private readonly environment: Environment;
  private child: ChildProcess | undefined;
  private readonly onListening: (port: number) => void;
  private readonly bundles: string | undefined;
  private port: number;
  private ready = Promise.withResolvers<number>();
  private failures = 0;
  private stopping = false;
  private restarting: NodeJS.Timeout | undefined;

  constructor(
    name: UnitName,
    environment: Environment,
    { port = 0, onListening = () => undefined, bundles }: UnitOptions = {},
  ) {
    this.name = name;
    this.environment = environment;
    this.port = port;
    this.onListening = onListening;
    this.bundles = bundles;
    this.spawn();
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Where it listens; while it is starting again, once it does. */
  listening(): Promise<number> {
    return this.ready.promise;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restarting);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    await exited;
    clearTimeout(force);
  }

  private spawn(): void {
    const started = performance.now();
    const child = spawn(
      process.execPath,
      [...NODE_OPTIONS, '--import', here('./unit.ts'), ...unitCommand(this.name, this.bundles)],
      {
        env: {
          ...process.env,
          ...this.environment,
          NODE_ENV: 'production',
          PORT: String(this.port),
        },
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    );
    this.child = child;
    child.on('message', (message) => {
      const { listening } = message as { listening?: number };
      if (listening === undefined) return;
      // The same port after a restart: whoever knows it need not be told.
      this.port = listening;
      this.onListening(listening);
      this.ready.resolve(listening);
    });
    child.once('exit', (code, signal) => {
      if (this.stopping) return;
      this.ready = Promise.withResolvers<number>();
      this.failures = performance.now() - started > HEALTHY_MS ? 0 : this.failures + 1;
      const delay = Math.min(
        MAX_RESTART_DELAY_MS,
        FIRST_RESTART_DELAY_MS * 4 ** (this.failures - 1),
      );
      process.stderr.write(`${this.name} ended (${signal ?? code}); starting it again\n`);
      this.restarting = setTimeout(() => this.spawn(), delay);
    });
  }
}
