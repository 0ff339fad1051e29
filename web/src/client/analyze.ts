/** Sends files in as many requests as needed. Each file has an outcome of its own. */
import type { AnalysisInputs, AnalysisOutputs } from '@media-analysis/shared/analyses.gen';
import type { AnalyzeMediaResponse, Ask, RejectedFile } from '@media-analysis/shared/api';
import type { Media } from '@media-analysis/shared/media';
import { retry } from '@media-analysis/shared/retry';
import { sleep } from './clock.ts';
import {
  errorOfAnswer,
  goneMeanwhile,
  isTransient,
  MediaClientError,
  networkError,
} from './errors.ts';
import { asMedia } from './guard.ts';
import { type LargeDeps, sendLarge } from './large.ts';
import {
  type Candidate,
  isLarge,
  refuse,
  splitIntoRequests,
  type UploadLimits,
} from './requests.ts';

/** How much has been sent. The numbers count the bytes of files and never fall. */
export interface AnalyzeProgress {
  /** Bytes sent of all files. */
  sent: number;
  /** Bytes of all files that are sent; a file that is refused before sending does not count. */
  total: number;
  /** Bytes sent of each file, in the order of `files`. */
  sentByFile: readonly number[];
}

/** The result of sending one file. */
export type FileOutcome =
  | {
      /** The accepted file: its media, `pending` at first. */
      media: Media;
    }
  | {
      /** Why the file was not accepted. */
      rejected: RejectedFile;
    };

/**
 * The name of an analysis: `describe`, or a file of `analyses/`. An editor proposes those that this client was built with;
 * the service may have more, and `MediaClient.analyses` lists them.
 */
export type AnalysisName = 'describe' | keyof AnalysisOutputs | (string & Record<never, never>);

/** What an analysis needs to know. Of one that this client was not built with, `MediaClient.analyses` says it. */
export type AnalysisInput<Name extends AnalysisName> = Name extends keyof AnalysisInputs
  ? AnalysisInputs[Name]
  : NonNullable<Ask['input']>;

/** Options of `MediaClient.analyze`. */
export interface AnalyzeOptions {
  /**
   * What is made of each file, at least one; only `describe` by default. An analysis that needs an input, as `ask` needs a
   * question, is asked for later: `MediaClient.ask`.
   */
  analyses?: readonly AnalysisName[] | undefined;
  /** BCP 47: the language in which the model writes; English by default. */
  language?: string | undefined;
  /** Aborting it stops the files that are not accepted yet. Accepted files go on. */
  signal?: AbortSignal | undefined;
  /**
   * A signal for one file, by its position in `files`. Aborting it stops the file if it is sent alone, as
   * large files are. A file that shares a request with others is still sent.
   */
  signalOf?: ((index: number) => AbortSignal | undefined) | undefined;
  /** Called each time more bytes have been sent. */
  onProgress?: ((progress: AnalyzeProgress) => void) | undefined;
  /** Called once for each file, with its position in `files`, as soon as its outcome is known. */
  onFile?: ((index: number, outcome: FileOutcome) => void) | undefined;
}

export interface AnalyzeDeps extends LargeDeps {
  limits: UploadLimits;
}

/** While one request waits for its answer, the other one sends. */
const REQUESTS_AT_ONCE = 2;

/**
 * @returns what was accepted, in the order of `files`, and what was not
 * @throws {MediaClientError} if not one file was accepted; the signal's reason
 */
export async function analyze(
  files: readonly File[],
  options: AnalyzeOptions,
  deps: AnalyzeDeps,
): Promise<AnalyzeMediaResponse> {
  const { signal, onFile } = options;
  const outcomes = new Map<number, FileOutcome>();
  let firstError: unknown;
  const settle = (index: number, outcome: FileOutcome) => {
    outcomes.set(index, outcome);
    onFile?.(index, outcome);
  };
  const candidates: Candidate[] = [];
  for (const [index, file] of files.entries()) {
    const refused = refuse(file, deps.limits);
    if (refused) settle(index, { rejected: { index, ...refused } });
    else candidates.push({ index, file });
  }
  const report = progressOf(files, candidates, options.onProgress);
  const queue = splitIntoRequests(candidates, deps.limits);
  const sendNext = async (): Promise<void> => {
    for (let request = queue.shift(); request; request = queue.shift()) {
      try {
        const [first] = request;
        const isAlone = first && isLarge(first.file, deps.limits);
        if (!isAlone) await sendRequest(request, options, deps, report, settle);
        else settle(first.index, { media: await sendAlone(first, options, deps, report) });
      } catch (error) {
        signal?.throwIfAborted();
        firstError ??= error;
        for (const { index, file } of request) {
          settle(index, { rejected: { index, file_name: file.name, ...reasonOf(error) } });
        }
      }
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, sendNext));
  return toResponse(files, outcomes, firstError);
}

type Report = (request: readonly Candidate[], sentBytes: number) => void;

async function sendAlone(
  candidate: Candidate,
  { language, analyses, signal, signalOf }: AnalyzeOptions,
  deps: AnalyzeDeps,
  report: Report,
): Promise<Media> {
  const signals = [signal, signalOf?.(candidate.index)].filter((each) => each !== undefined);
  const onSent = (bytes: number) => report([candidate], bytes);
  const options = { language, analyses, signal: AbortSignal.any(signals), onSent };
  return sendLarge(candidate.file, options, deps);
}

/** Sends one request. Repeats it with the same key if no answer came. */
async function sendRequest(
  request: readonly Candidate[],
  { language, analyses, signal }: AnalyzeOptions,
  { http, clock, send }: AnalyzeDeps,
  report: Report,
  settle: (index: number, outcome: FileOutcome) => void,
): Promise<void> {
  const key = crypto.randomUUID();
  const attempt = async (refresh: boolean) => {
    const form = new FormData();
    if (language !== undefined) form.append('language', language);
    if (analyses !== undefined) form.append('analyses', analyses.join(','));
    for (const { file } of request) form.append('files', file, file.name);
    return send(http.url('/api/agent/analyze-media'), form, {
      method: 'POST',
      headers: { 'Idempotency-Key': key, ...(await http.authorization(refresh)) },
      signal,
      onSent: (bytes) => report(request, bytes),
    });
  };
  const answer = await retry(
    async () => {
      let answer = await attempt(false);
      if (answer.status === 401 && http.sendsToken) answer = await attempt(true);
      const { status, header, body } = answer;
      if (status >= 200 && status < 300) return parseAnswer(body);
      const error = errorOfAnswer(status, header('Retry-After'), body);
      // The server refused every file, each for a reason of its own.
      if (error.rejected.length === request.length) return { media: [], rejected: error.rejected };
      throw error;
    },
    {
      isRetryable: isTransient,
      retryAfterMs: (error) => (error as MediaClientError).retryAfterMs,
      random: clock.random,
      sleep: (ms, by) => sleep(ms, clock, by),
      ...(signal && { signal }),
    },
  );
  report(request, Number.POSITIVE_INFINITY);
  const rejected = new Map(answer.rejected.map((each) => [each.index, each]));
  const media = answer.media.values();
  for (const [position, { index, file }] of request.entries()) {
    const refused = rejected.get(position);
    const accepted = refused ? undefined : media.next().value;
    if (accepted) settle(index, { media: accepted });
    else {
      const reason = refused ?? { file_name: file.name, ...reasonOf(goneMeanwhile(file)) };
      settle(index, { rejected: { ...reason, index } });
    }
  }
}

function parseAnswer(body: string): { media: Media[]; rejected: RejectedFile[] } {
  let value: Partial<AnalyzeMediaResponse>;
  try {
    value = JSON.parse(body);
  } catch (cause) {
    throw networkError(cause);
  }
  return { media: (value.media ?? []).map(asMedia), rejected: value.rejected ?? [] };
}

function reasonOf(error: unknown): Pick<RejectedFile, 'code' | 'message'> {
  if (error instanceof MediaClientError) return { code: error.code, message: error.message };
  return { code: 'internal', message: 'The files could not be sent.' };
}

/** Turns the bytes of a request into bytes of its files. A repeated request does not lower the numbers. */
function progressOf(
  files: readonly File[],
  candidates: readonly Candidate[],
  onProgress: AnalyzeOptions['onProgress'],
) {
  const sentByFile = files.map(() => 0);
  const total = candidates.reduce((sum, { file }) => sum + file.size, 0);
  return (request: readonly Candidate[], sentBytes: number) => {
    // The parts are sent in order. Their headers are too small to count.
    let left = sentBytes;
    for (const { index, file } of request) {
      const sent = Math.min(file.size, Math.max(0, left));
      sentByFile[index] = Math.max(sentByFile[index] ?? 0, sent);
      left -= file.size;
    }
    const sent = sentByFile.reduce((sum, bytes) => sum + bytes, 0);
    onProgress?.({ sent, total, sentByFile: [...sentByFile] });
  };
}

function toResponse(
  files: readonly File[],
  outcomes: ReadonlyMap<number, FileOutcome>,
  firstError: unknown,
): AnalyzeMediaResponse {
  const all = files.map((_, index) => outcomes.get(index));
  const media = all.flatMap((outcome) => (outcome && 'media' in outcome ? [outcome.media] : []));
  const rejected = all.flatMap((outcome) =>
    outcome && 'rejected' in outcome ? [outcome.rejected] : [],
  );
  if (media.length > 0) return { media_ids: media.map(({ id }) => id), media, rejected };
  const [first] = rejected;
  if (firstError instanceof MediaClientError) throw firstError;
  const { code, message } = first ?? { code: 'no_file' as const, message: 'Choose a file first.' };
  throw new MediaClientError(code, message, { status: 0, rejected, cause: firstError });
}
