/**
 * Google's own emulator of Firebase Authentication: a running one, or the one of firebase-tools. It needs
 * no Java.
 */
import { FIREBASE_TOOLS, startFirebaseEmulator } from './firebase-tools.ts';
import type { GoogleEmulator } from './firestore.ts';

/** @throws {Error} with the program's output, if the emulator does not start (for example without firebase-tools) */
export async function startGoogleAuth(
  env: NodeJS.ProcessEnv = process.env,
): Promise<GoogleEmulator> {
  const running = env.FIREBASE_AUTH_EMULATOR_HOST;
  if (running) {
    return { host: running, from: 'FIREBASE_AUTH_EMULATOR_HOST', close: async () => undefined };
  }
  const { host, close } = await startFirebaseEmulator('auth', env);
  return { host, from: FIREBASE_TOOLS, close };
}
