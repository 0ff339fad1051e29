/**
 * `npm run test:firebase`: the contract and journey tests, the table of access rules, the accounts, and ten photos in a
 * browser, with Google's own emulators in the place of the local Firestore and of the local sign-in. There is no
 * emulator of Cloud Tasks, and firebase-tools' Storage speaks only Firebase's part of the API: those stay local.
 *
 * `-- --short` is for CI: little of each, and nothing is installed for it. Where no emulator is installed it
 * says so and passes; the whole run fails there.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startGoogleAuth } from '../../local/google/auth.ts';
import { FIREBASE_TOOLS, firebaseToolsProblem } from '../../local/google/firebase-tools.ts';
import {
  EmulatorMissing,
  type GoogleEmulator,
  startGoogleFirestore,
} from '../../local/google/firestore.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MINUTE_MS = 60_000;

interface Step {
  name: string;
  command: string[];
  /** Ends what hangs: far longer than a busy machine needs. */
  limitMs: number;
  /** Whether it gets the Auth emulator. */
  hasAuth?: boolean;
}

const { short } = parseArgs({ options: { short: { type: 'boolean', default: false } } }).values;
const firestore = await start();
console.log(`Google's Firestore emulator on ${firestore.host} (${firestore.from})`);
const failed: string[] = [];
const auth = await startAuth().catch((error: Error) => {
  console.error(`Google's Auth emulator did not start: ${error.message}`);
  failed.push("Google's Auth emulator");
  return undefined;
});
let running: ChildProcess | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    running?.kill(signal);
    stopAndExit(1);
  });
}
for (const step of steps()) {
  console.log(`\n${step.name}`);
  if (!(await passes(step))) failed.push(step.name);
}
if (failed.length > 0) console.error(`\nFailed on Google's emulators: ${failed.join('; ')}.`);
else console.log("\nAll of it passes on Google's emulators.");
stopAndExit(failed.length > 0 ? 1 : 0);

async function start(): Promise<GoogleEmulator> {
  try {
    return await startGoogleFirestore({ mayDownload: !short });
  } catch (error) {
    if (!(error instanceof EmulatorMissing)) throw error;
    if (short) {
      console.log(`Not tried on Google's emulators, as none is installed: ${error.message}.`);
      process.exit(0);
    }
    console.error(`Nothing was tested, as no Firestore emulator is here: ${error.message}.`);
    process.exit(1);
  }
}

/** @returns undefined if it is not installed and nothing is to be installed for it */
async function startAuth(): Promise<GoogleEmulator | undefined> {
  if (short && !process.env.FIREBASE_AUTH_EMULATOR_HOST) {
    const why = firebaseToolsProblem();
    if (why !== undefined) {
      console.log(
        `Not tried with Google's Auth emulator, as ${FIREBASE_TOOLS} is not installed. npx says:\n${why}`,
      );
      return undefined;
    }
  }
  const started = await startGoogleAuth();
  console.log(`Google's Auth emulator on ${started.host} (${started.from})`);
  return started;
}

function steps(): Step[] {
  const tests = short
    ? ['contract/(lease|stream)/|journey/photos']
    : ['contract/(firestore|lease|stream)/|journey/'];
  const jest = ['npm', 'test', '--', '--selectProjects', 'contract', 'journey'];
  // What is about the local services themselves, as how they keep their data; and the long tests, which this option of
  // Jest's would let in.
  const without = ['--testPathIgnorePatterns', '\\.local\\.', '\\.long\\.'];
  const patterns = ['--testPathPatterns', ...tests, ...without];
  const all: Step[] = [
    {
      name: 'The rules of access',
      command: [process.execPath, 'test/firebase/rules.ts'],
      limitMs: 5 * MINUTE_MS,
    },
    {
      name: 'The contract and the journey',
      command: [...jest, ...patterns],
      limitMs: (short ? 10 : 90) * MINUTE_MS,
    },
  ];
  if (!auth) return all;
  const accounts = {
    name: 'The accounts of the Auth emulator',
    command: [
      ...['npm', 'test', '--', '--selectProjects', 'contract'],
      ...['--testPathPatterns', 'contract/identity/', ...without],
    ],
    limitMs: 10 * MINUTE_MS,
    hasAuth: true,
  };
  const photos = {
    name: 'Ten photos in a browser, by a user of the Auth emulator',
    command: [process.execPath, 'test/browser/firebase.ts'],
    limitMs: (short ? 10 : 30) * MINUTE_MS,
    hasAuth: true,
  };
  return [...all, accounts, photos];
}

async function passes({
  command: [program = '', ...args],
  limitMs,
  hasAuth,
}: Step): Promise<boolean> {
  const env = {
    ...process.env,
    FIRESTORE_EMULATOR_HOST: firestore.host,
    ...(hasAuth && auth && { FIREBASE_AUTH_EMULATOR_HOST: auth.host }),
  };
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
  running = child;
  const late = setTimeout(() => {
    console.error(`That took longer than ${limitMs / MINUTE_MS} minutes: it is ended.`);
    child.kill();
  }, limitMs);
  const code = await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('exit', resolve);
  });
  clearTimeout(late);
  return code === 0;
}

function stopAndExit(code: number): void {
  Promise.all([firestore.close(), auth?.close()]).then(
    () => process.exit(code),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
