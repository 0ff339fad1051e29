/**
 * `npm start`: everything on this machine, until Ctrl-C. `npm run start:firebase`: the same with Google's own
 * emulators of Firestore and Authentication in the place of ours.
 */
import { buildPage } from './build-page.ts';
import { DataDirError } from './data-dir.ts';
import { startStack } from './stack.ts';

const { PORT = '8080', LOCAL_DATA_DIR = '.local', LOG_LEVEL = 'warn' } = process.env;

try {
  const port = readPort(PORT);
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

/** Loaded only where it is used: the usual start must not wait for it. */
async function startGoogle() {
  const { startGoogleEmulators } = await import('./google/start.ts');
  return startGoogleEmulators();
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  console.error(`PORT is "${text}"; it must be a number from 0 to 65535.`);
  process.exit(1);
}

/** The API works without the page. */
function warnOfPage(error: unknown): void {
  console.warn('The page could not be built:', (error as { stderr?: string }).stderr ?? error);
}

function explain(error: unknown): unknown {
  const name = (error as Error).name;
  if (error instanceof DataDirError || name === 'EmulatorMissing') return (error as Error).message;
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return `Port ${PORT} is in use. Start with another one: PORT=8081 npm start`;
  }
  return error;
}
