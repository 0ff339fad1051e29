/** The Firebase CLI. It contains the Auth emulator and downloads a Firestore emulator. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../base/free-port.ts';
import { type Program, startProgram } from './program.ts';

/** Not a dependency, because it would add 312 MB to each install, and few commands use it. */
export const FIREBASE_TOOLS = 'firebase-tools@15.34.2';

/** A project whose name begins with "demo-" needs no account and cannot reach real services. */
export const DEMO_PROJECT = 'demo-media-analysis';

/** Long enough to install the CLI and download the emulator. */
const START_WITHIN_MS = 10 * 60_000;

/** @returns undefined if npx can run the CLI without an installation; otherwise the reason, in npx's own words */
export function firebaseToolsProblem(env = process.env): string | undefined {
  const args = ['--no', '--', FIREBASE_TOOLS, '--version'];
  const npx = spawnSync('npx', args, { env, encoding: 'utf8', timeout: 30_000 });
  if (npx.status === 0) return undefined;
  return npx.error?.message ?? npx.stderr.trim();
}

/**
 * Starts one of the CLI's emulators on free ports.
 * @returns the program, with its address `127.0.0.1:PORT` in `host`
 */
export async function startFirebaseEmulator(
  name: 'auth' | 'firestore',
  env: NodeJS.ProcessEnv,
): Promise<Program & { host: string }> {
  // The emulator writes its logs into the current folder, and uses the ports of `firebase.json` there.
  const folder = mkdtempSync(join(tmpdir(), 'firebase-'));
  const port = await freePort();
  const own = async () => ({ host: '127.0.0.1', port: await freePort() });
  const emulators = {
    [name]: { host: '127.0.0.1', port },
    hub: await own(),
    logging: await own(),
    ui: { enabled: false },
    singleProjectMode: false,
    ...(name === 'firestore' && {
      firestore: { ...(await own()), port, websocketPort: await freePort() },
    }),
  };
  writeFileSync(join(folder, 'firebase.json'), JSON.stringify({ [name]: {}, emulators }));
  const args = ['emulators:start', '--only', name, '--project', DEMO_PROJECT];
  try {
    const program = await startProgram(
      'npx',
      ['--yes', FIREBASE_TOOLS, ...args],
      `http://127.0.0.1:${port}/`,
      {
        // Otherwise npm says nothing while it retries a registry that does not answer, for longer than we wait.
        env: { ...env, npm_config_loglevel: 'http' },
        cwd: folder,
        startWithinMs: START_WITHIN_MS,
      },
    );
    const close = async () => {
      await program.close();
      rmSync(folder, { recursive: true, force: true });
    };
    return { ...program, host: `127.0.0.1:${port}`, close };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
