/**
 * What tests ask the system for that not each system has. On Linux no test is left out. Elsewhere `npm test` names in
 * one line what is, and Jest counts those tests as skipped (`needing.ts`).
 */

interface Need {
  /** Values of `process.platform`. */
  on: readonly NodeJS.Platform[];
  /** What is left out where it is missing, for a person to read. */
  tests: string;
}

const NEEDS = {
  proc: { on: ['linux'], tests: 'the memory of the local Cloud Storage (it is read from /proc)' },
  address: { on: ['linux'], tests: 'other devices (a second address of this machine)' },
  script: { on: ['linux'], tests: 'terminals (script)' },
  ps: {
    on: ['linux', 'darwin'],
    tests: 'the memory of the units, and the processes that they start (ps)',
  },
  signals: {
    on: ['linux', 'darwin'],
    tests: 'processes that are stopped, or are told to end (signals)',
  },
  bash: {
    on: ['linux', 'darwin'],
    tests: 'the scripts of the pipeline, and the search for Java (bash)',
  },
} as const satisfies Record<string, Need>;

export type NeedName = keyof typeof NEEDS;

export function isHere(name: NeedName, platform = process.platform): boolean {
  return (NEEDS[name].on as readonly NodeJS.Platform[]).includes(platform);
}

/** The line that says what is left out; undefined where nothing is, as on Linux. */
export function leftOut(platform = process.platform): string | undefined {
  const missing = (Object.keys(NEEDS) as NeedName[]).filter((name) => !isHere(name, platform));
  if (missing.length === 0) return undefined;
  return `Left out on ${platform}: tests of ${missing.map((name) => NEEDS[name].tests).join('; ')}.`;
}

/** Jest calls this once, before the first test (`globalSetup`). */
export default function tellWhatIsLeftOut(): void {
  const line = leftOut();
  if (line !== undefined) console.warn(line);
}
