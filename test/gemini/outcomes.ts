/** Rows of `test/contract/gemini/outcomes.test.ts` that the real service can be made to show. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import {
  type AnalyzeInput,
  type AnalyzeOptions,
  createAnalyzer,
} from '../../functions/analysis/index.ts';
import type { VideoCopy } from '../../functions/analysis/video.ts';
import { inspectMedia } from '../../functions/inspect/index.ts';

export interface Outcome {
  name: string;
  expected: string;
  got: string;
  /** What else is worth knowing. */
  detail: string;
}

interface Target {
  model: string;
  geminiApiKey: string;
  baseUrl?: string | undefined;
}

const BUDGET_MS = 240_000;
const LARGE = 25 * 1024 * 1024;

export async function provokedOutcomes(target: Target): Promise<Outcome[]> {
  const photo = await photoInput();
  const video = (changes: Partial<VideoCopy>, contentType = 'video/mp4'): AnalyzeInput => ({
    ...photo,
    contentType,
    facts: { ...photo.facts, kind: 'video', duration_s: 2 },
    preview: null,
    video: {
      size: LARGE,
      bytes: () => Promise.reject(new Error('it is too large')),
      copy: async () => ({ ...noVideo(), ...changes }),
    },
  });
  const nowhere = async () => 'https://storage.googleapis.com/no-such-bucket-of-ours/none.mp4';
  const rows: [string, string, AnalyzeInput, Partial<Target & { callTimeoutMs: number }>][] = [
    ['an answer in Japanese', 'completed', { ...photo, language: 'ja' }, {}],
    ['a key that is none', 'analysis_no_access', photo, { geminiApiKey: 'no-key-at-all' }],
    ['no such model', 'analysis_model_missing', photo, { model: 'googleai/gemini-0-none' }],
    ['no answer in time', 'analysis_timeout', photo, { callTimeoutMs: 1 }],
    [
      'an address that cannot be read',
      'analysis_unavailable',
      video({ size: 1_000, signedUrl: nowhere }),
      {},
    ],
    ['a file that is no video', 'media_corrupt', video({}), {}],
  ];
  return Promise.all(
    rows.map(async ([name, expected, input, changes]) => {
      return { name, expected, ...(await analyse(input, { ...target, ...changes })) };
    }),
  );
}

async function photoInput(): Promise<AnalyzeInput> {
  const bytes = await readFile(new URL('../photos/02-cat.png', import.meta.url));
  const { facts, contentType, preview } = await inspectMedia(bytes, 'cat.png');
  return {
    facts,
    contentType,
    preview: preview?.bytes ?? null,
    fileName: 'cat.png',
    language: 'en',
  };
}

/** Nothing that anybody could play. */
function noVideo(): VideoCopy {
  const bytes = randomBytes(100_000);
  return {
    size: bytes.length,
    uri: undefined,
    signedUrl: async () => undefined,
    read: async (start, end) => bytes.subarray(start, end),
  };
}

async function analyse(
  input: AnalyzeInput,
  target: Target,
): Promise<Pick<Outcome, 'got' | 'detail'>> {
  const options: AnalyzeOptions = {
    signal: new AbortController().signal,
    deadline: Date.now() + BUDGET_MS,
  };
  try {
    const { analytics } = await createAnalyzer(target).analyze(input, options);
    return { got: 'completed', detail: analytics.title };
  } catch (error) {
    const { code, message } = error as { code?: string; message?: string };
    return { got: code ?? 'no code', detail: String(message) };
  }
}
