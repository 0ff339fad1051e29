/**
 * Node as Jest gives it, and one rule more: what a test file starts ends with the file. A timer, a socket, a server or a
 * child process that is left over works on while the next file runs, and makes that one fail, if any.
 */
import { TestEnvironment } from 'jest-environment-node';

/** Only a file with left-overs waits that long: on a busy machine a socket takes seconds to close. */
const GRACE_MS = 60_000;

export default class extends TestEnvironment {
  #before = new Map();

  async handleTestEvent({ name }, state) {
    if (name === 'setup') {
      // Node opens the standard input when a library first asks for it, and it is not the test's.
      process.stdin.unref?.();
      this.#before = active();
    }
    if (name !== 'run_finish') return;
    const left = await leftOver(this.#before);
    if (left !== '') {
      const message =
        `This file has ended, and this goes on: ${left}. Its last test or its afterAll has to end it. ` +
        '"npm test -- --detectOpenHandles FILE" shows where it began.';
      state.unhandledErrors.push(Object.assign(new Error(message), { stack: message }));
    }
  }
}

/** What keeps this process alive, counted by kind. */
function active() {
  const counts = new Map();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** What there is more of than `before`, as "2 Timeout, 1 TCPServerWrap"; empty as soon as there is nothing. */
async function leftOver(before) {
  const end = performance.now() + GRACE_MS;
  for (;;) {
    const more = [...active()]
      .map(([kind, count]) => [count - (before.get(kind) ?? 0), kind])
      .filter(([count]) => count > 0);
    if (more.length === 0 || performance.now() > end) {
      return more.map((entry) => entry.join(' ')).join(', ');
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
