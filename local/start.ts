/**
 * `npm start`: runs everything on this machine until Ctrl-C. `npm run dev`: the same, and a saved change takes effect at once.
 * `npm run start:firebase`: like `npm start`, with Google's own emulators of Firestore and Authentication instead of ours.
 */
import { isIP } from 'node:net';
import { isLocalAddress } from '@media-analysis/local-cloud/base/this-machine';
import { renderUnicodeCompact } from 'uqr';
import { buildPage } from '../web/build-page.ts';
import { freePort } from './base/free-port.ts';
import { chooseModel } from './model.ts';
import { addressesOf, isLoopback, type Network, newToken, openToNetwork } from './network.ts';
import { findOllama, ollamaAdvice } from './ollama.ts';
import { prepareAnalyses } from './prepare-analyses.ts';
import { localSignIn } from './sign-in.ts';
import { type Shape, type Stack, startStack } from './stack.ts';

const {
  PORT = '8080',
  HOST = 'localhost',
  DEV_ORIGINS = '',
  SHAPE = 'domain',
  SIGN_IN = 'off',
  LOCAL_DATA_DIR = '.local',
  LOG_LEVEL = 'warn',
  // It is off in a deployment, where users have to agree to it. Here the user is the one who starts it.
  CAPTURE_LOCATION = 'on',
} = process.env;
const ARGUMENTS = process.argv.slice(2);
const IS_DEV = ARGUMENTS.includes('--dev');
const IS_FIREBASE = ARGUMENTS.includes('--firebase');
/** Errors whose message says what to do. Some of their classes are loaded only where they are used. */
const FOR_PEOPLE = new Set([
  'ModelError',
  'DataDirError',
  'DataFileError',
  'ConfigError',
  'EmulatorMissing',
  'OptionError',
  'AnalysesError',
]);
/** The command that started this process, for messages. */
const COMMAND = IS_DEV ? 'npm run dev' : IS_FIREBASE ? 'npm run start:firebase' : 'npm start';

const unknown = ARGUMENTS.find(
  (each) => !/^--(dev|firebase|token|genkit|inspect(=.*)?)$/.test(each),
);
if (unknown !== undefined) {
  stopWith(
    `${COMMAND} has no option ${unknown}. What can be set is in the environment, such as PORT=3000 ${COMMAND} (docs/settings.md).`,
  );
}

try {
  const port = readPort(PORT);
  const shape = readShape(SHAPE);
  const token = readToken();
  const model = chooseModel();
  await prepareAnalyses();
  // Checks the port first, before anything else is started.
  await freePort(port);
  const dev = IS_DEV ? await loadDev() : undefined;
  const google = IS_FIREBASE ? await startGoogle() : undefined;
  const kept = google?.options ?? { dataDir: LOCAL_DATA_DIR };
  const signIn = readSignIn(SIGN_IN);
  const devOrigins = readDevOrigins();
  const options = {
    port,
    shape,
    signIn,
    devOrigins,
    // With a sign-in or ALLOWED_ORIGINS, the page may be let in with a token.
    onOtherPage: signIn || process.env.ALLOWED_ORIGINS ? undefined : tellOfPage(devOrigins),
    environment: { LOG_LEVEL, CAPTURE_LOCATION, ...model },
    ...kept,
    ...dev?.options,
  };
  const [stack] = await Promise.all([
    startStack(options),
    dev ? undefined : buildPage().catch(warnOfPage),
  ]);
  await dev?.run(stack);
  const elsewhere = stack.apiUrl === stack.url ? '' : `, with the API on ${stack.apiUrl}`;
  console.log(`Ready on ${stack.url}${elsewhere}`);
  tellOfBuckets(stack);
  const network = token === undefined ? undefined : await openDoor(stack, token);
  if (!process.env.ANALYSIS_MODEL) void tellOfOllama();
  let isStopping = false;
  const stop = () => {
    // A signal to the whole process group ends npm's shell too, which we notice half a second later.
    if (isStopping) return;
    isStopping = true;
    // A second Ctrl-C does not wait.
    process.once('SIGINT', () => process.exit(130));
    network?.close();
    Promise.all([stack.close(), google?.close(), dev?.close()]).then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
  stopWithNpm(stop);
} catch (error) {
  console.error(explain(error));
  process.exit(1);
}

function tellOfPage(devOrigins: readonly string[]): (origin: string) => void {
  return (origin) =>
    console.log(
      `The page at ${origin} was refused. To let it in: DEV_ORIGINS=${[...devOrigins, origin].join(',')} ${COMMAND}`,
    );
}

/** Users who import from buckets of this machine have to fill them. The local Cloud Storage has a port of its own. */
function tellOfBuckets({ environment: { STORAGE_EMULATOR_HOST: storageUrl } }: Stack): void {
  const { IMPORT_BUCKETS, IMPORT_NEW_OBJECTS } = process.env;
  if (!IMPORT_BUCKETS && !IMPORT_NEW_OBJECTS) return;
  const [bucket = 'BUCKET'] = IMPORT_BUCKETS?.split(',').filter((name) => name !== '') ?? [];
  console.log(
    `To put a photo into ${bucket}: curl -H 'Content-Type: image/jpeg' --data-binary @photo.jpg '${storageUrl}/upload/storage/v1/b/${bucket}/o?uploadType=media&name=photo.jpg'`,
  );
  console.log(`Google's own clients reach the buckets by STORAGE_EMULATOR_HOST=${storageUrl}`);
}

async function tellOfOllama(): Promise<void> {
  const advice = ollamaAdvice(await findOllama(), COMMAND);
  if (advice !== undefined) console.log(advice);
}

/**
 * npm passes SIGTERM on to the shell that runs this process, and a shell such as Debian's ends without passing it on:
 * https://github.com/npm/cli/issues/5776. Then our parent is another process.
 */
function stopWithNpm(stop: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  // biome-ignore lint/plugin: on Windows nobody passes SIGTERM on, so there is no such end to see
  const shell = process.ppid;
  const timer = setInterval(() => {
    // biome-ignore lint/plugin: as above
    if (process.ppid === shell) return;
    clearInterval(timer);
    stop();
  }, 500);
  timer.unref();
}

/** Imports the module only when it is needed: the usual start must not wait for it. */
async function loadDev() {
  const { createDev } = await import('./dev/dev.ts');
  return createDev(ARGUMENTS);
}

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

/** @returns undefined if only this machine reaches it */
function readToken(): string | undefined {
  const isAsked = ARGUMENTS.includes('--token');
  // Some shells set HOST to the name of the machine.
  if (isLoopback(HOST) || isIP(HOST) === 0) {
    if (!isAsked) return undefined;
    stopWith(
      `--token is for other devices. Set HOST to an address, too: HOST=0.0.0.0 ${COMMAND} -- --token`,
    );
  }
  if (!isAsked) {
    stopWith(
      `HOST is "${HOST}", where other devices reach what you have uploaded. Add a token that keeps others out: HOST=${HOST} ${COMMAND} -- --token`,
    );
  }
  if (IS_DEV || IS_FIREBASE || SHAPE !== 'domain' || SIGN_IN !== 'off') {
    stopWith('HOST is for npm start alone, without SHAPE and SIGN_IN. Leave those out, or HOST.');
  }
  return newToken();
}

/** Another site must never count as our page, so only pages on this machine can be named. */
function readDevOrigins(): string[] {
  const origins = DEV_ORIGINS.split(',').filter((origin) => origin.trim() !== '');
  if (origins.length > 0 && SHAPE !== 'domain') {
    stopWith('DEV_ORIGINS is for the shape domain. Leave SHAPE out.');
  }
  return origins.map((text) => {
    const url = URL.parse(text.trim());
    if (url?.protocol === 'http:' && isLocalAddress(url.origin) && url.pathname === '/') {
      return url.origin;
    }
    return stopWith(
      `DEV_ORIGINS has "${text.trim()}"; write pages on this machine, such as http://localhost:5173.`,
    );
  });
}

function stopWith(message: string): never {
  console.error(message);
  process.exit(1);
}

async function openDoor(stack: Stack, token: string): Promise<Network> {
  const { STORAGE_EMULATOR_HOST: storageUrl = '', MEDIA_BUCKET: mediaBucket = '' } =
    stack.environment;
  const hosts = addressesOf(HOST);
  const network = await openToNetwork({
    hosts,
    token,
    gatewayUrl: stack.url,
    storageUrl,
    mediaBucket,
  });
  const { urls } = network;
  if (urls.length === 0)
    console.warn('This machine is in no network, so no other device reaches it.');
  for (const url of urls) console.log(`For other devices in your network: ${url}`);
  if (urls[0] !== undefined && process.stdout.isTTY) console.log(renderUnicodeCompact(urls[0]));
  return network;
}

/** `npm run dev` makes the page at its own address, and Google's Auth emulator needs the gateway between. */
function readShape(text: string): Shape {
  if (text === 'domain' || (text === 'small' && !IS_DEV && !IS_FIREBASE)) return text;
  console.error(
    text === 'small'
      ? `${COMMAND} has no SHAPE=small. Use it with npm start.`
      : `SHAPE is "${text}"; it must be domain (one address) or small (the page and the API on addresses of their own).`,
  );
  process.exit(1);
}

/** `npm run start:firebase` has the users of Google's emulator. */
function readSignIn(text: string) {
  if (text === 'off') return undefined;
  if (text === 'local' && !IS_FIREBASE) return localSignIn();
  console.error(
    text === 'local'
      ? `${COMMAND} has a sign-in of its own. Use SIGN_IN=local with npm start.`
      : `SIGN_IN is "${text}"; it must be off (everybody on this machine is one user) or local (people sign in).`,
  );
  process.exit(1);
}

/** Only warns, because the API works without the page. */
function warnOfPage(error: unknown): void {
  console.warn('The page could not be built:', (error as { stderr?: string }).stderr ?? error);
}

function explain(error: unknown): unknown {
  const { name, message } = error as Error;
  if (FOR_PEOPLE.has(name)) return message;
  if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    return `Port ${PORT} is in use. Set PORT to another one, such as 8081, and run ${COMMAND} again.`;
  }
  return error;
}
