/**
 * Preloaded into each unit under `npm run dev`, before `../base/unit.ts`. The process waits until it is told to start, and
 * meanwhile loads the packages that the unit has used before: after a change only our own files are left to load. It reports the
 * loaded files to the parent, and opens the debugger's port.
 */
import inspector from 'node:inspector';
import { registerHooks } from 'node:module';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { orderSchema } from './message.ts';

const HOST = '127.0.0.1';
const ROOT = new URL('../../', import.meta.url).href;
const { DEV_INSPECT_PORT } = process.env;

// The parent process has ended, so there is no more reason to wait.
process.once('disconnect', () => process.exit(0));
await untilStart();
// Genkit's handlers end the process at once, and the unit removes only those of packages that it loads itself.
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.removeAllListeners(signal);
reportImports();
if (DEV_INSPECT_PORT !== undefined) await openDebugger(Number(DEV_INSPECT_PORT));

/** Loads the files that it is told to, one after the other, and skips the rest once it is told to start. */
async function untilStart(): Promise<void> {
  let isStarted = false;
  const started = Promise.withResolvers<void>();
  let loading = Promise.resolve();
  const load = async (addresses: readonly string[]) => {
    for (const address of addresses) {
      if (isStarted) return;
      // The unit itself reports an error when it loads the file.
      await import(address).catch(() => undefined);
    }
  };
  const obey = (message: unknown) => {
    const order = orderSchema.parse(message);
    if ('load' in order) {
      loading = loading.then(() => load(order.load));
      return;
    }
    isStarted = true;
    started.resolve();
  };
  process.on('message', obey);
  await started.promise;
  process.off('message', obey);
  await loading;
}

function reportImports(): void {
  const seen = new Set<string>();
  let files: string[] = [];
  let packages: string[] = [];
  const send = () => {
    process.send?.({ files, packages });
    [files, packages] = [[], []];
  };
  registerHooks({
    resolve(specifier, context, next) {
      const resolved = next(specifier, context);
      const { url } = resolved;
      if (seen.has(url) || !/^file:.*\.([cm]?js|ts)$/.test(url)) return resolved;
      seen.add(url);
      if (files.length + packages.length === 0) setImmediate(send);
      const isOwn = url.startsWith(ROOT) && !url.includes('/node_modules/');
      if (isOwn) files.push(url);
      // Not the program itself, which no file imports: functions-framework would start to serve.
      else if (context.parentURL !== undefined) packages.push(url);
      return resolved;
    },
  });
}

/** The process that this one replaces holds the port until it is told to end. */
async function openDebugger(port: number): Promise<void> {
  while (!(await isFree(port))) await sleep(20);
  inspector.open(port, HOST);
  process.once('SIGTERM', () => inspector.close());
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
