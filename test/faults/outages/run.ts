/** The long outages of `npm run faults`: each service in turn is away for two virtual hours. */
import { AT_A_TIME, INSTANCES, type Outage, runOutage } from './scenario.ts';

const LENGTH_MS = 2 * 3_600_000;
/** As in the short form: calls of all instances, whatever the number of media. */
const MOST_CALLS = INSTANCES * (AT_A_TIME * 4 + 5 + LENGTH_MS / 120_000);

/** @returns what must not be, one line each */
export async function runOutages(
  outages: readonly Outage[],
  items: number,
  seed: number,
): Promise<string[]> {
  const violations: string[] = [];
  for (const outage of outages) {
    const report = await runOutage({ outage, items, seed, lengthMs: LENGTH_MS });
    const { violations: found, ...rest } = report;
    if (outage.startsWith('model') && report.callsInOutage > MOST_CALLS) {
      found.push(`${report.callsInOutage} calls, and not at most ${MOST_CALLS}`);
    }
    // At once: the whole run takes an hour, and may be ended before its sum.
    const verdict = found.length === 0 ? 'holds' : `${found.length} violations`;
    console.log(`${outage}, away for two hours: ${verdict}`, rest, ...found);
    violations.push(...found.map((violation) => `${outage}: ${violation}`));
  }
  return violations;
}
