/**
 * `npm run test:firebase`: the contract and journey tests, and the table of access rules, with Google's
 * Firestore emulator in the place of the local one. The suite has no Cloud Tasks, and its Storage speaks
 * only Firebase's part of the API: those two stay local.
 */
import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Not a dependency: nobody else needs its 240 MB. */
const FIREBASE_TOOLS = 'firebase-tools@15.34.2';
/** What that version of it wants. */
const MIN_JAVA = 21;

const TESTS = [
  'npm test -- --selectProjects contract journey',
  "--testPathPatterns 'contract/(firestore|lease|stream)/|journey/'",
  // What is about the local Firestore itself: how it keeps its data.
  String.raw`--testPathIgnorePatterns '\.local\.test'`,
].join(' ');
const RULES = 'node test/firebase/rules.ts';

const java = javaVersion();
if (java === undefined || java < MIN_JAVA) {
  const found = java === undefined ? 'There is no Java here' : `Java here is version ${java}`;
  giveUp(
    `${found}: the Firestore emulator needs version ${MIN_JAVA} or newer. Install one, such as openjdk-21-jre-headless.`,
  );
}

// A project whose name begins with "demo-" needs no account, and reaches nothing real.
const args = ['emulators:exec', '--only', 'firestore', '--project', 'demo-media-analysis'];
const child = spawn('npx', ['--yes', FIREBASE_TOOLS, ...args, `${TESTS} && ${RULES}`], {
  cwd: ROOT,
  stdio: ['ignore', 'pipe', 'inherit'],
});
let output = '';
child.stdout.on('data', (chunk: Buffer) => {
  process.stdout.write(chunk);
  output = (output + chunk).slice(-10_000);
});
child.on('error', () => giveUp('npx cannot be run: install npm.'));
child.on('close', (code) => {
  if (code === 0) return;
  if (!output.includes('Running script')) {
    giveUp(
      'The emulator did not start, so nothing was tested. It and firebase-tools are downloaded, from the npm registry and from storage.googleapis.com: above it says what was missing.',
    );
  }
  giveUp('The tests above failed with the Firestore emulator.');
});

function javaVersion(): number | undefined {
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  // "1.8.0" was version 8.
  const found = /version "(?:1\.)?(\d+)/.exec(stderr ?? '')?.[1];
  return found === undefined ? undefined : Number(found);
}

function giveUp(why: string): never {
  console.error(`\n${why}`);
  process.exit(1);
}
