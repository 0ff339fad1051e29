/** Opens bent files as the worker does, and judges the verdicts. */
import { ERRORS, type ErrorCode } from '@media-analysis/shared/errors';
import { Inspector } from '../../../functions/inspect/inspector.ts';
import { createRandom } from '../random.ts';
import { bend } from './bend.ts';
import { loadSamples } from './samples.ts';

export interface ContainerFuzzOptions {
  seed: number;
  files: number;
  /** The first file; 0 unless one is to be looked at again. */
  from?: number;
  onProgress?: (done: number) => void;
}

export interface ContainerFuzzResult {
  /** How many files of each sample got which verdict. */
  counts: Record<string, number>;
  /** What is no verdict on the file. */
  failures: { index: number; reason: string }[];
  /** Files of which the process that opened them died, and of what. */
  deaths: { index: number; name: string; reason: string }[];
  durationMs: number;
}

const MAX_FAILURES = 20;
/** As deployed, but for the CPU time: a file that would take all of it gets the same verdict sooner. */
const CPU_MS = 3_000;

/** The bytes of one file of a run. */
export async function bentFile(
  seed: number,
  index: number,
): Promise<{ name: string; bytes: Buffer }> {
  return bend(await loadSamples(), randomOf(seed, index));
}

export async function fuzzContainers({
  seed,
  files,
  from = 0,
  onProgress,
}: ContainerFuzzOptions): Promise<ContainerFuzzResult> {
  const started = performance.now();
  const samples = await loadSamples();
  const inspector = new Inspector({ cpuMs: CPU_MS });
  const result: ContainerFuzzResult = { counts: {}, failures: [], deaths: [], durationMs: 0 };
  let next = from;
  const work = async (owner: string) => {
    while (next < from + files && result.failures.length < MAX_FAILURES) {
      const index = next++;
      const file = bend(samples, randomOf(seed, index));
      const verdict = await open(inspector, file, owner, index % 2 === 1);
      const kind = `${file.name} ${verdict.code}`;
      result.counts[kind] = (result.counts[kind] ?? 0) + 1;
      if (verdict.death) result.deaths.push({ index, name: file.name, reason: verdict.death });
      if (verdict.failure)
        result.failures.push({ index, reason: `${file.name}: ${verdict.failure}` });
      if (index % 100 === 99) onProgress?.(index + 1 - from);
    }
  };
  try {
    await Promise.all(['alice', 'bob'].map(work));
  } finally {
    inspector.close();
  }
  return { ...result, durationMs: performance.now() - started };
}

interface Verdict {
  code: string;
  failure?: string;
  death?: string;
}

/** @param isRemote Whether the file is read piece by piece, as a large one is. */
async function open(
  inspector: Inspector,
  { name, bytes }: { name: string; bytes: Buffer },
  owner: string,
  isRemote: boolean,
): Promise<Verdict> {
  const read = async (start: number, end: number) => bytes.subarray(start, end);
  const content = isRemote ? { size: bytes.length, read } : bytes;
  try {
    const options = { captureLocation: true };
    const { contentType } = await inspector.inspect(content, name, owner, options);
    if (!contentType.startsWith('video/')) return { code: 'accepted' };
    // What is stored of a video is opened once more, for the copy that a model gets.
    await inspector.bareVideo({ content, contentType, fileName: name }, owner);
    return { code: 'accepted' };
  } catch (error) {
    return verdictOf(error);
  }
}

function verdictOf(error: unknown): Verdict {
  const { code, cause } = error as {
    code?: unknown;
    cause?: { limit?: unknown; message?: string };
  };
  const isVerdict = typeof code === 'string' && Object.hasOwn(ERRORS, code);
  // Another delivery would get the same bytes.
  if (!isVerdict || ERRORS[code as ErrorCode].retryable) {
    return {
      code: String(code),
      failure: error instanceof Error ? String(error.stack) : String(error),
    };
  }
  return cause?.limit === undefined
    ? { code }
    : { code: `${code} (${cause.limit})`, death: String(cause.message) };
}

function randomOf(seed: number, index: number) {
  // Neighbouring seeds of this generator begin alike; a large odd step keeps them apart.
  return createRandom(seed + Math.imul(index, 0x9e3779b1));
}
