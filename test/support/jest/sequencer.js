import Sequencer from '@jest/test-sequencer';

/** What a run with several workers begins with: a long file that begins last is waited for by all. */
const FIRST = ['browser', 'journey', 'deploy', 'security', 'faults', 'contract', 'unit'];

/**
 * Jest begins with the files that took longest the last time. A new clone has no last time, and Jest takes the largest
 * files then, which are none of the slow ones: here the kinds of tests come in an order, those with most processes first.
 */
export default class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => typeof duration === 'number')) return sorted;
    const rank = ({ context }) => FIRST.indexOf(context.config.displayName?.name);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
