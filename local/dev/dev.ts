/** `npm run dev`: everything like `npm start`, and each saved change takes effect at once. */
import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { fileURLToPath } from 'node:url';
import { transform } from 'esbuild';
import { startDevServer, type ViteDevServer } from '../../web/dev-server.ts';
import type { Program } from '../front/instance.ts';
import { type Mode, ON_DEMAND } from '../front/modes.ts';
import { Service, type ServiceOptions } from '../front/service.ts';
import { prepareAnalyses } from '../prepare-analyses.ts';
import type { Stack, StackOptions } from '../stack.ts';
import { Changes } from './changes.ts';
import { type ProcessName, readInspect } from './inspect.ts';
import { createDevPage } from './page.ts';
import { WarmUnit } from './warm-unit.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const WATCHED = ['analyses', 'functions', 'shared', 'sandbox', 'vision', 'local/dev'].map(
  (name) => `${ROOT}${name}`,
);

/** The longest time for a timer. */
const FOR_EVER_MS = 2 ** 31 - 1;

/**
 * One process of each unit for as long as it works. If it does not start, it is started again by the next request or the next
 * change.
 */
const DEVELOPMENT: Mode = {
  services: ON_DEMAND.services,
  conduct: { ...ON_DEMAND.conduct, idleMs: FOR_EVER_MS },
};
/** The user waits for the answer, and has been told why there is none. */
const PENDING_MS = 1_000;

export interface Dev {
  options: Pick<StackOptions, 'mode' | 'service' | 'createPage'>;
  /** Starts the units of a stack that was made with `options`, and watches their files. */
  run(stack: Stack): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param args the command line: `--inspect`, `--inspect=api,worker`, `--genkit`
 * @throws {OptionError}
 */
export async function createDev(args: readonly string[]): Promise<Dev> {
  const ports = await readInspect(args);
  const withGenkit = args.includes('--genkit') || process.env.GENKIT_ENV === 'dev';
  process.env.NODE_COMPILE_CACHE ??= `${ROOT}node_modules/.cache/node`;
  const warm = new Map<ProcessName, WarmUnit>();
  const page = Promise.withResolvers<ViteDevServer>();
  page.promise.catch(() => undefined);
  const nonce = randomUUID();
  const closing: (() => Promise<unknown>)[] = [];

  const serviceOptions = (name: ProcessName, options: ServiceOptions): ServiceOptions => {
    const unit = new WarmUnit(options.program, ports.get(name));
    warm.set(name, unit);
    closing.push(() => unit.close());
    return { ...options, pendingMs: PENDING_MS, launch: () => unit.launch() };
  };

  async function run({ units, environment }: Stack): Promise<void> {
    // The first call is slow, and should not delay the first saved file.
    void transform('');
    const running: Partial<Record<ProcessName, Service>> = { ...units };
    if (withGenkit) {
      const program = genkitProgram(environment);
      const usual = { name: 'genkit', program, settings: DEVELOPMENT.services.worker };
      const genkit = new Service(
        serviceOptions('genkit', { ...usual, conduct: DEVELOPMENT.conduct }),
      );
      closing.push(() => genkit.close());
      running.genkit = genkit;
    }
    const watched = [...warm].map(([name, unit]) => ({
      name,
      files: unit.files,
      restart: async () => (await running[name]?.restart()) ?? false,
      prepare: () => unit.prepare(),
    }));
    const changes = new Changes(watched, ROOT, console.log);
    closing.push(async () => changes.close());
    const { watcher } = await page.promise;
    watcher.add(WATCHED);
    watcher.on('all', (event, path) => {
      if (!['add', 'change', 'unlink'].includes(event)) return;
      // The written files are a change of their own.
      if (path.endsWith('.prompt')) prepareAnalyses().catch((error) => console.log(error.message));
      else changes.add(path);
    });
    await Promise.all(watched.map(({ restart }) => restart()));
    for (const { prepare } of watched) prepare();
    const { FIRESTORE_EMULATOR_HOST, GOOGLE_CLOUD_PROJECT } = environment;
    console.log(
      `The documents: FIRESTORE_EMULATOR_HOST=${FIRESTORE_EMULATOR_HOST} GOOGLE_CLOUD_PROJECT=${GOOGLE_CLOUD_PROJECT}`,
    );
    for (const [name, port] of ports) {
      if (running[name]) console.log(`A debugger can attach to ${name} on 127.0.0.1:${port}`);
    }
    const reflection = await running.genkit?.listening();
    if (reflection) {
      console.log(
        `Genkit's reflection API is on http://127.0.0.1:${reflection}; for its UI run: npx genkit-cli start`,
      );
    }
  }

  return {
    options: {
      mode: DEVELOPMENT,
      service: serviceOptions,
      createPage: (gateway: Server, options) => {
        startDevServer(gateway, nonce).then(page.resolve, page.reject);
        closing.push(async () => (await page.promise).close());
        return createDevPage(page.promise, nonce, options);
      },
    },
    run,
    close: async () => {
      await Promise.allSettled(closing.map((each) => each()));
    },
  };
}

function genkitProgram(environment: Record<string, string>): Program {
  const entry = fileURLToPath(new URL('./genkit.ts', import.meta.url));
  return { command: [entry], environment: { ...environment, GENKIT_ENV: 'dev' } };
}
