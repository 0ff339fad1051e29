/**
 * `npm start`: runs everything on this machine until Ctrl-C. `npm run start:firebase`: the same, with Google's own
 * emulators of Firestore and Authentication instead of ours.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { EXAMPLE_GEMINI } from '@media-analysis/functions/analysis/profiles';
import { ConfigError } from '@media-analysis/functions/process/config';
import { buildPage } from '../web/build-page.ts';
import { DataDirError } from './data-dir.ts';
import { startStack } from './stack.ts';

const { PORT = '8080', LOCAL_DATA_DIR = '.local', LOG_LEVEL = 'warn' } = process.env;
/** The command that started this process, for messages. */
const COMMAND = process.argv.includes('--firebase') ? 'npm run start:firebase' : 'npm start';

try {
  const port = readPort(PORT);
  refuseVertex();
  // Checks the port first, before anything else is started.
  await bindOnce(port);
  const google = process.argv.includes('--firebase') ? await startGoogle() : undefined;
  const kept = google?.options ?? { dataDir: LOCAL_DATA_DIR };
  const options = { port, environment: { LOG_LEVEL }, ...kept };
  const [stack] = await Promise.all([startStack(options), buildPage().catch(warnOfPage)]);
  console.log(`Ready on ${stack.url}`);
  if (google) console.log(`Sign in on ${stack.url}/local/sign-in`);
  const stop = () => {
    // A second Ctrl-C does not wait.
    process.once('SIGINT', () => process.exit(130));
    Promise.all([stack.close(), google?.close()]).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

/** Imports the module only when it is needed: the usual start must not wait for it. */
async function startGoogle() {
  const { startGoogleEmulators } = await import('./google/start.ts');
  return startGoogleEmulators();
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  console.error(`PORT is "${text}"; it must be a whole number from 0 to 65535.`);
  process.exit(1);
}

/** Vertex AI needs an account of Google Cloud, but on this machine the units have one of the local cloud. */
function refuseVertex(): void {
  for (const name of ['ANALYSIS_MODEL', 'MODEL_FALLBACK']) {
    if (!process.env[name]?.startsWith('vertexai/')) continue;
    console.error(
      `${name} is "${process.env[name]}". Vertex AI works only when deployed: on this machine the units have no account of Google Cloud. Use googleai/${EXAMPLE_GEMINI} with GEMINI_API_KEY here.`,
    );
    process.exit(1);
  }
}

/** @throws {Error} EADDRINUSE */
async function bindOnce(port: number): Promise<void> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  await once(server, 'close');
}

/** Only warns, because the API works without the page. */
function warnOfPage(error: unknown): void {
  console.warn('The page could not be built:', (error as { stderr?: string }).stderr ?? error);
}

function explain(error: unknown): unknown {
  const name = (error as Error).name;
  const isForPeople = error instanceof DataDirError || error instanceof ConfigError;
  if (isForPeople || name === 'EmulatorMissing') return (error as Error).message;
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return `Port ${PORT} is in use. Start with another one: PORT=8081 ${COMMAND}`;
  }
  return error;
}
