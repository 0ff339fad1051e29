/** What `npm run test:gemini` prints. */
import type { Outcome } from './outcomes.ts';

export function report(outcomes: readonly Outcome[], model: string) {
  const failed = outcomes.filter(({ expected, got }) => got !== expected);
  const lines = outcomes.flatMap(({ name, expected, got, detail }) => [
    got === expected ? `ok     ${name}: ${got}` : `FAILED ${name}: ${got}, and not ${expected}`,
    ...(detail ? [`       ${detail}`] : []),
  ]);
  const good = outcomes.length - failed.length;
  return {
    lines: [...lines, `${good} of ${outcomes.length} as they should be, with ${model}`],
    hasFailed: failed.length > 0,
  };
}
