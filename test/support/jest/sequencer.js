import Sequencer from '@jest/test-sequencer';

/** What a run with several workers begins with: a long file that begins last is waited for by all. */
const FIRST = ['deploy', 'browser', 'journey', 'security', 'faults', 'contract', 'unit'];

/**
 * Jest begins with the files that took longest the last time. A new clone has no last time, and Jest takes the largest
 * files then, which are none of the slow ones: here the kinds of tests come in an order, those with most processes first.
 * A new clone has no build of the units and the page either. One browser test makes it, while others run that need none:
 * four at once would wait for one.
 */
export default class extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    if (sorted.some(({ duration }) => typeof duration === 'number')) return sorted;
    const kindOf = ({ context }) => context.config.displayName?.name;
    const builder = sorted.find((test) => kindOf(test) === 'browser');
    const rank = (test) => (test === builder ? -1 : FIRST.indexOf(kindOf(test)));
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
