/** The Firebase CLI, which brings the Auth emulator, and downloads a Firestore emulator. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { type Program, startProgram } from './program.ts';

/** Not a dependency: it would add 312 MB to each install, and only these commands use it. */
export const FIREBASE_TOOLS = 'firebase-tools@15.34.2';

/** A project whose name begins with "demo-" needs no account, and reaches nothing real. */
export const DEMO_PROJECT = 'demo-media-analysis';

/** Long enough to install the CLI and to download what it starts. */
const START_WITHIN_MS = 10 * 60_000;

/** Whether npx has it already, so that nothing has to be installed. */
export function hasFirebaseTools(env = process.env): boolean {
  const args = ['--no', '--', FIREBASE_TOOLS, '--version'];
  return spawnSync('npx', args, { env, stdio: 'ignore', timeout: 30_000 }).status === 0;
}

/**
 * One of its emulators, on free ports of its own.
 * @returns where it is, `127.0.0.1:PORT`.
 */
export async function startFirebaseEmulator(
  name: 'auth' | 'firestore',
  env: NodeJS.ProcessEnv,
): Promise<Program & { host: string }> {
  // It writes logs where it runs, and takes the ports of `firebase.json` if it finds one.
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
        env,
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
