/** Sends files in as many requests as needed. Each file has an outcome of its own. */
import type { Ask } from '@media-analysis/shared/analyses';
import type { AnalysisInputs, AnalysisOutputs } from '@media-analysis/shared/analyses.gen';
import type { Media } from '@media-analysis/shared/media';
import type { AnalyzeMediaResponse, RejectedFile } from '@media-analysis/shared/uploads';
import { MediaClientError } from './errors.ts';
import { type FileOutcome, type FormDeps, findEarlier, type SendNotes, sendForm } from './form.ts';
import { isVideo } from './frames.ts';
import { sendLarge } from './large.ts';
import { Line } from './line.ts';
import { abortWith, randomId } from './older-browsers.ts';
import {
  type Candidate,
  DEFAULT_LIMITS,
  refuse,
  SendQueue,
  type UploadLimits,
} from './requests.ts';
import { type Send, sendByXhr, withStallLimit } from './send.ts';

/** How much has been sent. The numbers count the bytes of files and never fall. */
export interface AnalyzeProgress {
  /** Bytes sent of all files. */
  sent: number;
  /** Bytes of all files that are sent; a file that is refused before sending does not count. */
  total: number;
  /** Bytes sent of each file, in the order of `files`. */
  sentByFile: readonly number[];
}

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
  /**
   * Names what was chosen together, if it is sent by several calls: 1 to 64 letters, digits, `-` or `_`. A call without it is a
   * batch by itself.
   */
  batchId?: string | undefined;
  /**
   * Aborting it stops the files that are not accepted yet. Accepted files go on. What had arrived without our knowledge is
   * removed.
   */
  signal?: AbortSignal | undefined;
  /**
   * A signal for one file, by its position in `files`. Aborting it stops the file if it is sent alone, as
   * large files are. A file that shares a request with others is still sent.
   */
  signalOf?: ((index: number) => AbortSignal | undefined) | undefined;
  /** Called each time more bytes have been sent. */
  onProgress?: ((progress: AnalyzeProgress) => void) | undefined;
  /**
   * What an earlier call has said of each file, by `onNotes`. A file without bytes stands for one whose bytes are not at hand:
   * its outcome is that of the earlier call, or `empty_file`.
   */
  notes?: readonly (SendNotes | undefined)[] | undefined;
  /**
   * Called before each step that a later call has to know of, should this one not come to its end. The step waits for it. An
   * app that keeps the notes until the file has its outcome can go on with it after a reload. They are empty when the service
   * has refused the file: another call sends it anew.
   */
  onNotes?: ((index: number, notes: SendNotes) => void | Promise<void>) | undefined;
  /** Called once for each file, with its position in `files`, as soon as its outcome is known. */
  onFile?: ((index: number, outcome: FileOutcome) => void) | undefined;
}

export interface AnalyzeDeps extends FormDeps {
  line: Line;
  limits: UploadLimits;
}

/** What all calls of one client share. */
export function createSending(
  deps: Pick<AnalyzeDeps, 'http' | 'clock' | 'wakeUps' | 'cutFrames'>,
  fetch: typeof globalThis.fetch,
  limits: Partial<UploadLimits> | undefined,
): AnalyzeDeps {
  const line = new Line(deps.clock);
  const sendByFetch: Send = async (...body) => {
    const { createSendByFetch } = await import('./send-by-fetch.ts');
    return createSendByFetch(fetch)(...body);
  };
  const isBrowser = typeof XMLHttpRequest !== 'undefined';
  const send = withStallLimit(isBrowser ? sendByXhr : sendByFetch, deps.clock);
  return {
    ...deps,
    line,
    send: line.over(send),
    limits: { ...DEFAULT_LIMITS, ...limits },
    unfinished: new WeakMap(),
    unanswered: new WeakMap(),
  };
}

/** Without the place of the file in its request, which is not that in the caller's list. */
type Settled = FileOutcome | { media?: undefined; rejected: Omit<RejectedFile, 'index'> };

/** As many as the line takes at a time: one that waits for its turn costs nothing. */
const SENDERS = 2;

/**
 * @returns what was accepted, in the order of `files`, and what was not
 * @throws {MediaClientError} if not one file was accepted; the signal's reason
 */
export async function analyze(
  files: readonly File[],
  options: AnalyzeOptions,
  deps: AnalyzeDeps,
): Promise<AnalyzeMediaResponse> {
  const { signal, onFile, notes = [] } = options;
  const { batchId = randomId(), language, analyses } = options;
  const wishes = { batchId, language, analyses };
  const outcomes = new Map<number, FileOutcome>();
  let firstError: unknown;
  const settle = (index: number, outcome: Settled, isAnswered?: boolean) => {
    if (isAnswered && outcome.rejected) void options.onNotes?.(index, {});
    const own = outcome.rejected ? { rejected: { ...outcome.rejected, index } } : outcome;
    outcomes.set(index, own);
    onFile?.(index, own);
  };
  const candidates: Candidate[] = [];
  for (const [index, file] of files.entries()) {
    takeUp(file, notes[index], deps);
    const refused = notes[index] ? undefined : refuse(file, deps.limits);
    if (refused) settle(index, { rejected: refused });
    else candidates.push({ index, file });
  }
  const onNotes = async ({ index }: Candidate, notes: SendNotes) => options.onNotes?.(index, notes);
  const report = progressOf(files, candidates, options.onProgress);
  const fail = (failed: readonly Candidate[], error: unknown) => {
    signal?.throwIfAborted();
    firstError ??= error;
    for (const { index, file } of failed) {
      settle(index, { rejected: { file_name: file.name, ...reasonOf(error) } });
    }
  };
  /** @returns whether an earlier call has sent it already, or there is nothing to send */
  const isSent = async (candidate: Candidate): Promise<boolean> => {
    const { index, file } = candidate;
    const earlier = await findEarlier(file, signal, deps);
    const refused = earlier ? undefined : refuse(file, deps.limits);
    const outcome = refused ? { rejected: refused } : earlier;
    if (!outcome) return false;
    report([candidate], file.size);
    settle(index, outcome, true);
    return true;
  };
  const sendTogether = async (request: readonly Candidate[]) => {
    const onSent = (bytes: number) => report(request, bytes);
    const outcomes = await sendForm(request, { ...wishes, signal, onNotes, onSent }, deps);
    onSent(Number.POSITIVE_INFINITY);
    for (const [position, { index }] of request.entries()) {
      const outcome = outcomes[position];
      if (outcome) settle(index, outcome, true);
    }
  };
  const sendAlone = async (candidate: Candidate): Promise<Media> => {
    const stop = new AbortController();
    const signals = [signal, options.signalOf?.(candidate.index)];
    const releases = signals.map((each) => abortWith(stop, each));
    const own = {
      signal: stop.signal,
      onSent: (bytes: number) => report([candidate], bytes),
      onNotes: (notes: SendNotes) => onNotes(candidate, notes),
    };
    try {
      return await sendLarge(candidate.file, { ...wishes, ...own }, deps);
    } finally {
      for (const release of releases) release();
    }
  };
  // What has begun to go piece by piece ends so: its media is there already.
  const isBegun = ({ file }: Candidate) => deps.unfinished.has(file);
  const others = candidates.filter((candidate) => !isBegun(candidate));
  // Frames are sent between the announcement of a file and its confirmation.
  const isLarge = (file: File) => deps.cutFrames !== undefined && isVideo(file);
  const queue = new SendQueue(others, deps.limits, deps.line, isLarge);
  queue.sendInPieces(candidates.filter(isBegun));
  const sendNext = async (): Promise<void> => {
    for (let next = queue.next(); next; next = queue.next()) {
      let left = 'form' in next ? next.form : [next.alone];
      try {
        const sent = await Promise.all(left.map(isSent));
        left = left.filter((_, n) => !sent[n]);
        const [first] = left;
        if (!first) continue;
        if ('form' in next) await sendTogether(left);
        else settle(first.index, { media: await sendAlone(first) });
      } catch (error) {
        const { code, status } = error as MediaClientError;
        // A proxy before the service may take smaller bodies only. Pieces pass it by.
        const isTooMuch = code === 'request_timeout' || code === 'body_too_large';
        if ('form' in next && isTooMuch) queue.sendInPieces(left);
        else {
          // Without a line it does not load.
          const part = status === 0 && (await import('./changed-files.ts').catch(() => undefined));
          if (part) await part.failChanged(left, error, { fail, queue, deps });
          else fail(left, error);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sendNext));
  return toResponse(files, outcomes, firstError);
}

/** What this client knows by itself is newer. */
function takeUp(file: File, notes: SendNotes | undefined, deps: AnalyzeDeps): void {
  const { form, pieces } = notes ?? {};
  const { unanswered, unfinished } = deps;
  if (form && !unanswered.has(file)) unanswered.set(file, form);
  if (pieces && !unfinished.has(file)) unfinished.set(file, { ...pieces });
}

function reasonOf(
  error: unknown,
): Pick<RejectedFile, 'code' | 'message' | 'day_limit'> & { requestId?: string | undefined } {
  if (error instanceof MediaClientError) {
    const { code, message, status, requestId, dayLimit } = error;
    return { code, message, day_limit: dayLimit, ...(status >= 500 && { requestId }) };
  }
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
  const media = all.flatMap((outcome) => outcome?.media ?? []);
  const rejected = all.flatMap((outcome) => outcome?.rejected ?? []);
  if (media.length > 0) return { media_ids: media.map(({ id }) => id), media, rejected };
  const [first] = rejected;
  if (firstError instanceof MediaClientError) throw firstError;
  const { code, message } = first ?? { code: 'no_file' as const, message: 'Choose a file first.' };
  throw new MediaClientError(code, message, { status: 0, rejected, cause: firstError });
}
