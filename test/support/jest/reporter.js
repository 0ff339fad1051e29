/** Prints the files that failed or wrote to the console, and the sum; of a file that passed it says nothing. */
import { DefaultReporter } from '@jest/reporters';

/**
 * What Jest says of work that outlives its test file, and otherwise lets pass. A worker that "failed to exit gracefully" is
 * none of it: on a busy machine the end of a process takes longer than Jest waits.
 */
const LATE_WORK = /Cannot log after tests are done|Jest environment has been torn down/;

/** Jest says after a second that it does not end, and then waits for ever. */
const END_MS = 10_000;

export default class extends DefaultReporter {
  #workedLate = false;
  #mayStay;

  constructor(config) {
    super(config);
    this.#mayStay = config.watch || config.watchAll || config.detectOpenHandles;
    const write = process.stderr.write;
    process.stderr.write = (chunk) => {
      this.#workedLate ||= LATE_WORK.test(String(chunk));
      return write(chunk);
    };
  }

  onTestResult(test, result, results) {
    const late = result.testResults.filter(
      ({ status, invocations }) => status === 'passed' && invocations > 1,
    );
    for (const { fullName } of late)
      console.warn(`PASSED ONLY AT THE SECOND TRY: ${fullName} (${test.path})`);
    if (result.numFailingTests > 0 || late.length > 0 || result.testExecError || result.console) {
      super.onTestResult(test, result, results);
    } else {
      this.testFinished(test.context.config, result, results);
      this.forceFlushBufferedOutput();
    }
  }

  /**
   * In a run in Jest's own process (`--runInBand`), what a test has left over keeps that process from its end. The file
   * has failed for it already.
   */
  onRunComplete() {
    super.onRunComplete();
    if (this.#mayStay) return;
    setTimeout(() => {
      console.error('The run is over, and something of a test still goes on: the run has failed.');
      process.exit(1);
    }, END_MS).unref();
  }

  /** Jest fails the run for an error of a reporter. */
  getLastError() {
    if (!this.#workedLate) return undefined;
    return new Error('A test file worked on after its end: see what Jest says of it above.');
  }
}
