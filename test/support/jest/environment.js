/**
 * Node as Jest gives it, with a quicker global object, and one rule more: what a test file starts ends with the file. A
 * timer, a socket, a server or a child process that is left over works on while the next file runs, and makes that one
 * fail, if any. A rejection that comes after the last test fails the file, too: Jest alone drops it. And a test that fails
 * while it has a page open says what stood there.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';
import './compile-once.js';

/** For what is closing already. Only a file with left-overs waits that long: on a busy machine a socket takes seconds. */
const GRACE_MS = 60_000;

/** How often to look, 10 ms apart, before a timer counts as left over. A worker of Jest has no timers but those of tests. */
const TIMER_LOOKS = process.send ? 1 : 30;

export default class extends TestEnvironment {
  #graceMs;
  #before = new Map();
  #children = new Set();
  #servers = new Set();

  constructor(config, context) {
    // Jest's global object is a Proxy. Each time that code names Buffer, Error or setTimeout, V8 asks it: an
    // eighth of the CPU time of `npm test` (https://github.com/nodejs/node/issues/31658).
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
    this.#graceMs = config.projectConfig.testEnvironmentOptions.graceMs ?? GRACE_MS;
  }

  // Node does not list servers and processes that are not to keep it alive, but these work on as well.
  #onChild = ({ process: child }) => this.#children.add(child);
  #onServer = ({ server }) => this.#servers.add(server);

  async setup() {
    await super.setup();
    subscribe('child_process', this.#onChild);
    subscribe('tracing:net.server.listen:asyncEnd', this.#onServer);
  }

  async teardown() {
    unsubscribe('child_process', this.#onChild);
    unsubscribe('tracing:net.server.listen:asyncEnd', this.#onServer);
    await super.teardown();
  }

  async handleTestEvent({ name, error }, state) {
    if (name === 'test_fn_failure') await this.#addPages(error);
    if (name === 'setup') {
      // Node opens the standard input when a library first asks for it, and it is not the test's.
      process.stdin.unref?.();
      this.#before = await startingPoint();
    }
    if (name !== 'run_finish') return;
    // Jest gives a rejection to the test that caused it, and has already read the errors of that test.
    const onRejection = (error) => state.unhandledErrors.push(error);
    process.on('unhandledRejection', onRejection);
    // In a turn of the event loop a server that was told to listen does so, and Node tells of a rejection.
    await nextTurn();
    const left = await this.#leftOver();
    await nextTurn();
    process.off('unhandledRejection', onRejection);
    if (left !== '') {
      const message =
        `This file has ended, and this goes on: ${left}. Its last test or its afterAll has to end it. ` +
        '"npm test -- --detectOpenHandles FILE" shows where it began.';
      state.unhandledErrors.push(Object.assign(new Error(message), { stack: message }));
    }
  }

  /** Before the hooks of the test close them. `openWindow` keeps what describes them. */
  async #addPages(error) {
    const describePages = this.global[Symbol.for('describe pages')];
    if (!describePages || typeof error?.stack !== 'string') return;
    const pages = (await describePages()).replaceAll('\n', '\n    ');
    // Behind the message: what comes after the first place of a stack, Jest takes for more places.
    const [message, ...places] = error.stack.split(/\n(?=\s+at )/);
    error.stack = [`${message}\n\n    ${pages}\n`, ...places].join('\n');
  }

  /** What there is more of than before, as "2 Timeout, 1 TCPServerWrap"; empty as soon as there is nothing. */
  async #leftOver() {
    const end = performance.now() + this.#graceMs;
    for (let looksWithTimers = 0; ; await sleep(10)) {
      const more = [...active()]
        .map(([kind, count]) => [count - (this.#before.get(kind) ?? 0), kind])
        .filter(([count]) => count > 0);
      const listening = [...this.#servers].filter((server) => server.listening).map(nameOfServer);
      const running = [...this.#children].filter(isRunning).map(nameOfChild);
      const left = [...more.map((entry) => entry.join(' ')), ...listening, ...running];
      if (left.length === 0 || performance.now() > end) return left.join(', ');
      // Sockets and processes may be about to end, and gRPC has a timer until its socket has. A timer alone, or a server
      // that listens, is not about to: nobody has ended it.
      const hasTimersAlone = more.every(([, kind]) => kind === 'Timeout') && running.length === 0;
      looksWithTimers = more.length > 0 && hasTimersAlone ? looksWithTimers + 1 : 0;
      if (looksWithTimers >= TIMER_LOOKS || listening.length > 0) return left.join(', ');
    }
  }
}

/**
 * In a run without workers Jest's reporter has a timer that stays, and after each event one of 100 ms, which is not counted:
 * of several looks the one with the fewest timers is taken.
 */
async function startingPoint() {
  const counts = active();
  if (TIMER_LOOKS === 1) return counts;
  let timers = counts.get('Timeout') ?? 0;
  for (let look = 0; look < 12; look++) {
    await sleep(30);
    timers = Math.min(timers, active().get('Timeout') ?? 0);
  }
  return counts.set('Timeout', timers);
}

/** What keeps this process alive, counted by kind. */
function active() {
  const counts = new Map();
  for (const kind of process.getActiveResourcesInfo()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

/** Also false for one that could not be started. */
const isRunning = ({ pid, exitCode, signalCode }) =>
  pid !== undefined && exitCode === null && signalCode === null;

const nameOfChild = ({ pid, spawnargs }) => `process ${pid} (${spawnargs.join(' ').slice(0, 200)})`;

function nameOfServer(server) {
  const address = server.address();
  return `a server at ${typeof address === 'string' ? address : address.port}`;
}
