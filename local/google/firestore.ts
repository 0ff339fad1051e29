/**
 * Google's own Firestore emulator: a running one, the one of the gcloud CLI, or the download of
 * firebase-tools.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from '../base/free-port.ts';
import { FIREBASE_TOOLS, firebaseToolsProblem, startFirebaseEmulator } from './firebase-tools.ts';
import { findJava, type Java } from './java.ts';
import { startProgram } from './program.ts';

export interface GoogleEmulator {
  /** `127.0.0.1:8181` */
  host: string;
  /** The source of the emulator, for messages. */
  from: string;
  /** Its process group; undefined if it was running already. */
  group?: number;
  close(): Promise<void>;
}

/** The message says what to install. */
export class EmulatorMissing extends Error {
  override readonly name = 'EmulatorMissing';
}

/** The Java version that the emulator of gcloud 528 needs. Later ones and those of firebase-tools need 21. */
const MIN_JAVA = 11;
const MIN_JAVA_OF_TOOLS = 21;
const START_WITHIN_MS = 90_000;

export interface FirestoreOptions {
  /** True if firebase-tools may be installed and may download the emulator. Otherwise only installed programs are used. */
  mayDownload: boolean;
}

/**
 * @throws {EmulatorMissing} if no emulator is installed
 * @throws {Error} with the program's output, if the emulator does not start
 */
export async function startGoogleFirestore(
  { mayDownload }: FirestoreOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<GoogleEmulator> {
  const running = env.FIRESTORE_EMULATOR_HOST;
  if (running) {
    return { host: running, from: 'FIRESTORE_EMULATOR_HOST', close: async () => undefined };
  }
  const java = findJava(env);
  const withJava = { ...env, PATH: [java?.bin, env.PATH].filter(Boolean).join(delimiter) };
  const missing: string[] = [];
  const noGcloud = whyNotGcloud(java, env);
  if (noGcloud === undefined) return startGcloud(withJava, `Java ${java?.version}`);
  missing.push(noGcloud);
  const noTools = whyNotTools(java, env, mayDownload);
  if (noTools === undefined) {
    const { host, group, close } = await startFirebaseEmulator('firestore', withJava);
    return { host, group, from: `${FIREBASE_TOOLS}, Java ${java?.version}`, close };
  }
  missing.push(noTools);
  throw new EmulatorMissing(missing.join('; '));
}

async function startGcloud(env: NodeJS.ProcessEnv, java: string): Promise<GoogleEmulator> {
  const host = `127.0.0.1:${await freePort()}`;
  const args = ['emulators', 'firestore', 'start', `--host-port=${host}`];
  const { group, close } = await startProgram('gcloud', args, `http://${host}/`, {
    // Otherwise gcloud may ask whether to install something, and wait for an answer.
    env: { ...env, CLOUDSDK_CORE_DISABLE_PROMPTS: '1' },
    startWithinMs: START_WITHIN_MS,
  });
  return { host, group, from: `the gcloud CLI, ${java}`, close };
}

function whyNotGcloud(java: Java | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const args = ['info', '--format=value(installation.sdk_root)'];
  const { status, stdout } = spawnSync('gcloud', args, { env, encoding: 'utf8', timeout: 60_000 });
  if (status !== 0) return 'the gcloud CLI is not installed';
  if (!existsSync(join(stdout.trim(), 'platform', 'cloud-firestore-emulator'))) {
    return 'the gcloud CLI is here without its component cloud-firestore-emulator (gcloud components install cloud-firestore-emulator, or your system’s package google-cloud-cli-firestore-emulator)';
  }
  if (!java) return 'the emulator of the gcloud CLI needs Java, which is not installed';
  if (java.version < MIN_JAVA) {
    return `the emulator of the gcloud CLI needs Java ${MIN_JAVA}, better 21, but the newest here is ${java.version}`;
  }
  return undefined;
}

function whyNotTools(
  java: Java | undefined,
  env: NodeJS.ProcessEnv,
  mayDownload: boolean,
): string | undefined {
  if ((java?.version ?? 0) < MIN_JAVA_OF_TOOLS) {
    const newest = java ? `the newest here is ${java.version}` : 'Java is not installed';
    return `the emulator that ${FIREBASE_TOOLS} downloads needs Java ${MIN_JAVA_OF_TOOLS}, but ${newest}`;
  }
  if (spawnSync('npx', ['--version'], { env }).status !== 0) return 'npx cannot be run';
  if (mayDownload) return undefined;
  const folder = env.FIREBASE_EMULATORS_PATH ?? join(homedir(), '.cache', 'firebase', 'emulators');
  const isThere = globSync(join(folder, 'cloud-firestore-emulator-v*.jar')).length > 0;
  if (!isThere) return `the emulator of ${FIREBASE_TOOLS} is not downloaded`;
  const why = firebaseToolsProblem(env);
  return why && `${FIREBASE_TOOLS} is not installed (npx: ${why})`;
}
