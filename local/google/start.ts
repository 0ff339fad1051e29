/** Starts Google's emulators of Firestore and Authentication, on which the product then runs. */
import { startGoogleAuth } from './auth.ts';
import { DEMO_PROJECT, FIREBASE_TOOLS } from './firebase-tools.ts';
import { EmulatorMissing, type GoogleEmulator, startGoogleFirestore } from './firestore.ts';

export interface GoogleEmulators {
  /**
   * Options for the stack. It gets no data folder: the emulators keep nothing, so the other services must
   * not either.
   */
  options: { project: string; authEmulator: string };
  close(): Promise<void>;
}

/**
 * Starts the emulators that do not run yet, and sets `FIRESTORE_EMULATOR_HOST` for this process.
 * @throws {EmulatorMissing} if one is not installed
 */
export async function startGoogleEmulators(): Promise<GoogleEmulators> {
  if (process.platform === 'win32') {
    throw new EmulatorMissing(
      "Google's emulators are started on Linux and macOS only: they are ended as a process group, which Windows has not. Use npm start.",
    );
  }
  const [firestore, auth] = await Promise.allSettled([
    startGoogleFirestore({ mayDownload: true }),
    startGoogleAuth(),
  ]);
  const started = [firestore, auth].flatMap((each) =>
    each.status === 'fulfilled' ? each.value : [],
  );
  const close = async () => {
    await Promise.all(started.map((each) => each.close()));
  };
  try {
    const [database, users] = [hostOf('Firestore', firestore), hostOf('Auth', auth)];
    process.env.FIRESTORE_EMULATOR_HOST = database.host;
    console.log(`Google's Firestore emulator on ${database.host} (${database.from})`);
    console.log(`Google's Auth emulator on ${users.host} (${users.from}), project ${DEMO_PROJECT}`);
    return { options: { project: DEMO_PROJECT, authEmulator: users.host }, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function hostOf(name: string, started: PromiseSettledResult<GoogleEmulator>): GoogleEmulator {
  if (started.status === 'fulfilled') return started.value;
  const { reason } = started;
  if (reason instanceof EmulatorMissing)
    throw new EmulatorMissing(`No ${name} emulator: ${reason.message}.`);
  throw new EmulatorMissing(
    `Google's ${name} emulator did not start (npx and ${FIREBASE_TOOLS}, or the gcloud CLI):\n${(reason as Error).message}`,
  );
}
