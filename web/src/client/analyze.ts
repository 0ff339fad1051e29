/** Sends files in as many requests as needed. Each file has an outcome of its own. */
import type { Ask } from '@media-analysis/shared/analyses';
import type { AnalysisInputs, AnalysisOutputs } from '@media-analysis/shared/analyses.gen';
import type { AnalyzeMediaResponse, RejectedFile } from '@media-analysis/shared/uploads';
import { MediaClientError } from './errors.ts';
import { type FileOutcome, findEarlier, sendForm } from './form.ts';
import { isVideo } from './frames.ts';
import { remove, sendLarge } from './large-upload.ts';
import { createLine } from './line.ts';
import { abortWith, randomId } from './older-browsers.ts';
import { type Candidate, DEFAULT_LIMITS, refuse, takeNext, type UploadLimits } from './requests.ts';
import { createSendByFetch, sendByXhr, withStallLimit } from './send.ts';
import type { SendDeps, SendNotes } from './send-deps.ts';

/** How much has been sent. The numbers count the bytes of files and never fall. */
export interface AnalyzeProgress {
  /** Bytes sent, all files together. */
  sent: number;
  /** Bytes of all files. Files that are refused before sending do not count. */
  total: number;
  /** Bytes sent of each file, in the order of `files`. */
  sentByFile: readonly number[];
}

/** `describe`, or a file of `analyses/`. The service may have more than this client knows: `MediaClient.analyses` lists them. */
export type AnalysisName = 'describe' | keyof AnalysisOutputs | (string & Record<never, never>);

/** The input that an analysis needs. `MediaClient.analyses` describes the input of analyses that this client does not know. */
export type AnalysisInput<Name extends AnalysisName> = Name extends keyof AnalysisInputs
  ? AnalysisInputs[Name]
  : NonNullable<Ask['input']>;

/** Options of `MediaClient.analyze`. */
export interface AnalyzeOptions {
  /** The analyses of each file; by default only `describe`. For analyses that need an input, call `MediaClient.ask` later. */
  analyses?: readonly AnalysisName[] | undefined;
  /** BCP 47: the language in which the model writes; English by default. */
  language?: string | undefined;
  /** For a batch of several calls: 1 to 64 letters, digits, `-` or `_`. By default each call is a batch of its own. */
  batchId?: string | undefined;
  /** Up to 20 keys of 1 to 40 characters, each with a text of at most 500: each media shows them as its `metadata`. */
  metadata?: Readonly<Record<string, string>> | undefined;
  /** Your own id of each file, in the order of `files`: `client.search({ external_id })` finds its media. */
  externalIds?: readonly (string | undefined)[] | undefined;
  /** Aborting it stops the files that are not accepted yet, and removes media whose answer has not arrived. */
  signal?: AbortSignal | undefined;
  /** A signal for one file, by its position in `files`. Aborting it stops the file, unless it shares a request with others. */
  signalOf?: ((index: number) => AbortSignal | undefined) | undefined;
  /** Called each time more bytes have been sent. */
  onProgress?: ((progress: AnalyzeProgress) => void) | undefined;
  /** The notes that an earlier call passed to `onNotes`, for each file. If the bytes of a file are lost, give an empty file. */
  notes?: readonly (SendNotes | undefined)[] | undefined;
  /**
   * Called before each step that a later call must know about, for example after a reload. The step waits for the promise.
   * Keep the notes until the file has its outcome. If the service has refused the file, they are empty: another call sends the
   * file anew.
   */
  onNotes?: ((index: number, notes: SendNotes) => void | Promise<void>) | undefined;
  /** Called once for each file, with its position in `files`, as soon as its outcome is known. */
  onFile?: ((index: number, outcome: FileOutcome) => void) | undefined;
}

export function createSending(
  deps: Pick<SendDeps, 'http' | 'clock' | 'wakeUps' | 'cutFrames'>,
  fetch: typeof globalThis.fetch,
  limits: Partial<UploadLimits> | undefined,
): SendDeps {
  const line = createLine(deps.clock);
  const sendOnce = typeof XMLHttpRequest === 'undefined' ? createSendByFetch(fetch) : sendByXhr;
  const send = withStallLimit(sendOnce, deps.clock);
  return {
    ...deps,
    line,
    send: line.over(send),
    limits: { ...DEFAULT_LIMITS, ...limits },
    unfinished: new WeakMap(),
    unanswered: new WeakMap(),
  };
}

/** More than the line sends at a time. A sender that waits for its turn costs nothing. */
const SENDERS = 2;

/**
 * @returns the accepted files, in the order of `files`, and the rejected ones
 * @throws {MediaClientError} if no file was accepted; the signal's reason
 */
export async function analyze(
  files: readonly File[],
  options: AnalyzeOptions,
  deps: SendDeps,
): Promise<AnalyzeMediaResponse> {
  const { signal, onFile, notes = [] } = options;
  const { batchId = randomId(), language, analyses, metadata, externalIds = [] } = options;
  const wishes = { batchId, language, analyses, metadata };
  const outcomes: FileOutcome[] = [];
  let firstError: MediaClientError | undefined;
  const accept = (index: number, outcome: FileOutcome) => {
    outcomes[index] = outcome;
    onFile?.(index, outcome);
  };
  // The position of a file in its request is not that in the caller's list.
  const reject = (index: number, rejected: Omit<RejectedFile, 'index'>) =>
    accept(index, { rejected: { ...rejected, index } });
  const takeAnswer = (index: number, outcome: FileOutcome) => {
    if (outcome.media) return accept(index, outcome);
    void options.onNotes?.(index, {});
    reject(index, outcome.rejected);
  };
  const candidates: Candidate[] = [];
  for (const [index, file] of files.entries()) {
    const { form, pieces } = notes[index] ?? {};
    // The client's own knowledge is newer than the notes.
    if (form && !deps.unanswered.has(file)) deps.unanswered.set(file, form);
    if (pieces && !deps.unfinished.has(file)) deps.unfinished.set(file, { ...pieces });
    const refused = notes[index] ? undefined : refuse(file, deps.limits);
    if (refused) reject(index, refused);
    else candidates.push({ index, file, externalId: externalIds[index] });
  }
  const onNotes = async ({ index }: Candidate, notes: SendNotes) => options.onNotes?.(index, notes);
  const report = progressOf(files, candidates, options.onProgress);
  const fail = (failed: readonly Candidate[], error: unknown) => {
    signal?.throwIfAborted();
    // The signal of a file has a reason of its own.
    const stopped = new MediaClientError('internal', 'It was not sent.', { status: 0 });
    const known = error instanceof MediaClientError ? error : stopped;
    firstError ??= known;
    const { code, message, status, requestId, dayLimit } = known;
    const reason = { code, message, day_limit: dayLimit, ...(status >= 500 && { requestId }) };
    for (const { index, file } of failed) reject(index, { file_name: file.name, ...reason });
  };
  /** @returns true if an earlier call has sent the file, or the client refuses it */
  const isSent = async (candidate: Candidate): Promise<boolean> => {
    const { index, file } = candidate;
    const earlier = await findEarlier(file, signal, deps);
    const refused = earlier ? undefined : refuse(file, deps.limits);
    const outcome = refused ? { rejected: { ...refused, index } } : earlier;
    if (!outcome) return false;
    report([candidate], file.size);
    takeAnswer(index, outcome);
    return true;
  };
  const sendTogether = async (request: readonly Candidate[]) => {
    const onSent = (bytes: number) => report(request, bytes);
    const answers = await sendForm(request, { ...wishes, signal, onNotes, onSent }, deps);
    onSent(Number.POSITIVE_INFINITY);
    for (const [position, answer] of answers.entries())
      takeAnswer(request[position]?.index ?? 0, answer);
  };
  const sendAlone = async (candidate: Candidate) => {
    const stop = new AbortController();
    abortWith(stop, signal, options.signalOf?.(candidate.index));
    const onSent = (bytes: number) => report([candidate], bytes);
    const by = { ...wishes, signal: stop.signal, onNotes, onSent };
    const media = await sendLarge(candidate, by, deps).finally(() => stop.abort());
    accept(candidate.index, { media });
  };
  // A file that was sent in part has a media already. Frames are sent between the announcement of a video and its confirmation.
  const isLarge = ({ file }: Candidate) =>
    deps.unfinished.has(file) ||
    file.size > deps.limits.maxFileBytes ||
    (deps.cutFrames !== undefined && isVideo(file));
  const small = candidates.filter((candidate) => !isLarge(candidate));
  const large = candidates.filter(isLarge);
  /** The browser reports the same for a connection that is down and for a file that cannot be read any more. */
  const failUnreadable = async (sent: readonly Candidate[], error: unknown) => {
    const changes = await Promise.all(sent.map(({ file }) => changeOf(file)));
    if (changes.every((change) => change === undefined)) return fail(sent, error);
    small.unshift(...sent.filter((_, n) => !changes[n]));
    for (const [n, candidate] of sent.entries()) {
      if (!changes[n]) continue;
      fail([candidate], changes[n]);
      // Otherwise the server would wait a day for its bytes.
      const { mediaId } = deps.unfinished.get(candidate.file) ?? {};
      if (mediaId !== undefined) remove(mediaId, deps);
    }
  };
  const sendNext = async (): Promise<void> => {
    for (;;) {
      const next = takeNext(small, large, deps.limits, deps.line);
      if (!next) return;
      let left = 'form' in next ? next.form : [next.alone];
      try {
        const sent = await Promise.all(left.map(isSent));
        left = left.filter((_, n) => !sent[n]);
        const [first] = left;
        if (!first) continue;
        await ('form' in next ? sendTogether(left) : sendAlone(first));
      } catch (error) {
        const { code, status } = error as MediaClientError;
        // A proxy before the service may accept smaller bodies only. Pieces are small enough.
        const isTooMuch = code === 'request_timeout' || code === 'body_too_large';
        if ('form' in next && isTooMuch) large.push(...left);
        else await (status === 0 ? failUnreadable : fail)(left, error);
      }
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, sendNext));
  return toResponse(outcomes, firstError);
}

/** @returns why the file cannot be read any more */
export async function changeOf(file: File): Promise<MediaClientError | undefined> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return undefined;
  } catch (cause) {
    const message = `“${file.name}” was changed, moved or deleted after it was chosen. Choose it again.`;
    return new MediaClientError('media_missing', message, { status: 410, cause });
  }
}

/** Converts the bytes of a request to bytes of its files. Repeating a request does not lower the numbers. */
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

function toResponse(outcomes: FileOutcome[], firstError?: MediaClientError): AnalyzeMediaResponse {
  const media = outcomes.flatMap((outcome) => outcome.media ?? []);
  const rejected = outcomes.flatMap((outcome) => outcome.rejected ?? []);
  if (media.length > 0) return { media_ids: media.map(({ id }) => id), media, rejected };
  if (firstError) throw firstError;
  const [first = { code: 'no_file' as const, message: 'Choose a file first.' }] = rejected;
  throw new MediaClientError(first.code, first.message, { status: 0, rejected });
}
