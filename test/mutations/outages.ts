/** Staying up while a service is away, lies or is slow, and while a disk is full. */
import type { Mutation } from './mutation.ts';

const NEVER = 'Number.POSITIVE_INFINITY';
const NO_ROOM = 'a deletion while the queue is away or the disk full';
const HALF_REMOVED = 'a half deletion whose task fails the media';
const ENDS = 'a model, key or balance that has ended fails each file';
const AWAY = 'an outage of model or storage that fails files and repeats calls';
const COUNTS = 'token counts that are no numbers, errors called success';
const LIES = 'an answer that claims millions of tokens';
const ENDLESS = 'one file whose answer never ends, taken for an outage';
const PROBE = 'a slow or deleted file as the probe of a service';
const PARTLY = 'a half-failing service whose files are blamed';
const REFUSED = 'a revoked key, role, bucket or billing that fails each file';
const LONG = 'a service that asks for a wait of a day';
const TRICKLE = 'a storage that trickles for ever';
const OTHER_ANSWER = 'other bytes than were asked for';
const PIECES = 'a video in thousands of pieces that takes minutes of waiting';
const NO_ANSWER = 'an empty success in place of a copy or size';
const SILENT = 'a silent Firestore where requests hang and write late';
const SILENT_OTHERS = 'a silent Cloud Tasks or Cloud Storage';
const FOREIGN = 'a wrong address or proxy page in place of the model';
const BREAKER = 'functions/process/breaker.ts';
const BREAKER_TEST = 'functions/process/breaker.test.ts';
const STORAGE_BREAKER_TEST = 'functions/core/work/storage-breaker.test.ts';
const SERVICE_FAULT = 'functions/process/service-fault.ts';
const DOWNLOAD = 'functions/storage/download.ts';
const DOWNLOAD_TEST = 'test/faults/download.test.ts';
const SERVICE_FAULTS_TEST = 'test/faults/service-faults.test.ts';
const NO_ANSWER_TEST = 'test/faults/no-answer.long.test.ts';
const ANSWER_TIME = 'functions/http/answer-time.ts';
const ANSWER_TIME_TEST = 'functions/http/answer-time.test.ts';
const OUTCOME = 'functions/core/work/outcome.ts';
const OUTCOME_TEST = 'functions/core/work/outcome.test.ts';
const OUTAGES_TEST = 'test/faults/outages/outages.test.ts';
const LONG_OUTAGES_TEST = 'test/faults/outages/outages.long.test.ts';
const OUTCOMES_TEST = 'test/contract/gemini/outcomes.test.ts';
const SEEN = 'functions/analysis/watch-answer.ts';
const MODELS_TEST = 'test/contract/gemini/models.test.ts';

export const OUTAGES: readonly Mutation[] = [
  {
    threat: LIES,
    without: 'a limit of what a call can take',
    edits: [
      [
        'functions/analysis/usage-meter.ts',
        'const IMPOSSIBLE_FACTOR = 10;',
        'const IMPOSSIBLE_FACTOR = 1e30;',
      ],
    ],
    tests: ['functions/analysis/usage-meter.test.ts', 'a count of tokens that no call can take'],
  },
  {
    threat: ENDLESS,
    without: 'seeing that the answer has begun',
    edits: [
      [
        'functions/analysis/give-up.ts',
        'return error instanceof CallTimeoutError && error.hasBegun;',
        'return error instanceof CallTimeoutError && error === undefined;',
      ],
    ],
    tests: ['test/contract/openai/outcomes.test.ts', 'a file about which the model never ends'],
  },
  {
    threat: ENDS,
    without: 'one call for all',
    edits: [
      [BREAKER, 'return !this.isOpen || now < this.#setAt', 'return true || now < this.#setAt'],
    ],
    tests: [MODELS_TEST, 'is found out by one call, and said once'],
  },
  {
    threat: ENDS,
    without: 'growing pauses',
    edits: [[BREAKER, 'Math.min(2 * this.#pauseMs, maxPauseMs)', 'this.#pauseMs']],
    tests: [MODELS_TEST, 'is looked at again by one call at a time, after growing pauses'],
  },
  {
    threat: ENDS,
    without: 'waiting for as long as it takes',
    edits: [[OUTCOME, 'if (wait && !(wait.isCounted && isLast))', 'if (wait && !isLast)']],
    tests: [OUTCOME_TEST, 'a missing model never fails a media'],
  },
  {
    threat: AWAY,
    without: 'giving the delivery back',
    edits: [
      [
        OUTCOME,
        'isCounted: !(error instanceof ServiceWaitError)',
        'isCounted: error instanceof RetryLaterError',
      ],
    ],
    tests: [OUTCOME_TEST, 'an outage of the model never fails a media'],
  },
  {
    threat: AWAY,
    without: 'knowing a fault of Cloud Storage',
    edits: [[OUTCOME, 'return isServiceFault(error)\n', 'return error === isServiceFault\n']],
    tests: [OUTCOME_TEST, 'a media waits for Cloud Storage'],
  },
  {
    threat: AWAY,
    without: 'giving a silent Cloud Storage up',
    edits: [
      [
        'functions/storage/stalled.ts',
        "readonly code = 'ETIMEDOUT';",
        "readonly code = 'SILENT' as string;",
      ],
    ],
    tests: ['test/faults/download.test.ts', 'is its fault, and not that of the file'],
  },
  {
    threat: SILENT,
    without: 'a limit of time',
    edits: [
      [
        'functions/process/clients.ts',
        'if (answerS !== undefined) limitAnswers(firestore',
        'if (answerS === 0) limitAnswers(firestore',
      ],
    ],
    tests: [NO_ANSWER_TEST, 'a document ends'],
  },
  {
    threat: SILENT,
    without: 'asking nothing more afterwards',
    edits: [
      [
        'functions/process/answer-limit.ts',
        'if (call === undefined) return asked;',
        'if (call?.deadline !== 0) return asked;',
      ],
    ],
    tests: [NO_ANSWER_TEST, 'what was given up is not asked for again'],
  },
  {
    threat: SILENT_OTHERS,
    without: 'a limit of time for Cloud Tasks',
    edits: [
      [
        'functions/process/clients.ts',
        "if (answerS !== undefined) limitAnswers(client, 'Cloud Tasks'",
        "if (answerS === 0) limitAnswers(client, 'Cloud Tasks'",
      ],
    ],
    tests: [NO_ANSWER_TEST, 'a call to Cloud Tasks ends'],
  },
  {
    threat: SILENT_OTHERS,
    without: 'a limit of time for a request',
    edits: [[ANSWER_TIME, '    over.reject(late);\n', '']],
    tests: [ANSWER_TIME_TEST, 'a request that is not answered hears so'],
  },
  {
    threat: SILENT_OTHERS,
    without: 'asking nothing more for a request that has heard so',
    edits: [[ANSWER_TIME, "    if (state === 'late') return 0;\n", '']],
    tests: [ANSWER_TIME_TEST, 'what a service is asked gets the time that is left'],
  },
  {
    threat: AWAY,
    without: 'the breaker of the models',
    edits: [
      [BREAKER, 'return !this.isOpen || now < this.#setAt', 'return true || now < this.#setAt'],
    ],
    tests: [OUTAGES_TEST, 'model 503, for half an hour'],
  },
  {
    threat: AWAY,
    without: 'ending the calls of those that are under way',
    edits: [
      [
        'functions/analysis/ask-twice.ts',
        "const isPointless = models.isStopped(model) || config.tier === 'flex';",
        "const isPointless = config.tier === 'flex';",
      ],
    ],
    tests: [MODELS_TEST, 'is looked at again by one call at a time, every two minutes in the end'],
  },
  {
    threat: AWAY,
    without: 'the breaker of Cloud Storage',
    edits: [
      [
        'functions/core/work/storage-breaker.ts',
        'if (!breaker.allows(now())) {',
        'if (!breaker.allows(now()) && now() < 0) {',
      ],
    ],
    tests: ['functions/core/work/storage-breaker.test.ts', 'one fault of Cloud Storage stops'],
  },
  {
    threat: PROBE,
    without: 'going on while a probe hangs',
    edits: [[BREAKER, 'const MAX_PROBE_MS = 90_000;', `const MAX_PROBE_MS = ${NEVER};`]],
    tests: [BREAKER_TEST, 'that takes longer, or never ends, is followed by another one'],
  },
  {
    threat: PROBE,
    without: 'another probe at once after one that says nothing',
    edits: [[BREAKER, 'this.#until = now;\n', 'this.#until = Math.max(this.#until, now);\n']],
    tests: [STORAGE_BREAKER_TEST, 'is followed by another one at once'],
  },
  {
    threat: PROBE,
    without: 'looking at what Cloud Storage answers, and not at what comes after it',
    edits: [
      [
        'functions/core/work/storage-breaker.ts',
        'onStorageAnswer: () => breaker.probeEnded(now())',
        'onStorageAnswer: () => undefined',
      ],
    ],
    tests: [STORAGE_BREAKER_TEST, 'is waited for only until Cloud Storage has answered it'],
  },
  {
    threat: PARTLY,
    without: 'looking at how often it fails',
    edits: [
      [
        'functions/analysis/models.ts',
        'answers > 0 && answers >= MIN_ANSWERS_PER_FAILURE * (since.length - answers)',
        'answers > 0',
      ],
    ],
    tests: [MODELS_TEST, 'is not at fault if others were not answered either, although one was'],
  },
  {
    threat: REFUSED,
    without: 'knowing that no file is meant',
    edits: [[SERVICE_FAULT, '...[UNAUTHORIZED, FORBIDDEN],', '']],
    tests: [OUTCOME_TEST, 'that answers 401', 'that answers 403'],
  },
  {
    threat: REFUSED,
    without: 'knowing that Firestore means no file either',
    edits: [
      [
        SERVICE_FAULT,
        'DEADLINE_EXCEEDED, PERMISSION_DENIED, RESOURCE_EXHAUSTED]',
        'DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED]',
      ],
    ],
    tests: [OUTCOME_TEST, 'that lets nobody in'],
  },
  {
    threat: REFUSED,
    without: 'knowing a bucket that is gone from an object that is gone',
    edits: [[SERVICE_FAULT, 'if (code === 404) return', 'if (code === 404 && !code) return']],
    tests: [DOWNLOAD_TEST, 'there is no such bucket'],
  },
  {
    threat: REFUSED,
    without: 'saying what to do',
    edits: [
      [
        'functions/core/work/failure.ts',
        'if (!(error instanceof RetryLaterError) && isRefusedAccess(error)) {',
        'if (isRefusedAccess(error) && waits < 0) {',
      ],
    ],
    tests: [SERVICE_FAULTS_TEST, 'and the log says what to do'],
  },
  {
    threat: LONG,
    without: 'the hour, in the client',
    edits: [['web/src/client/errors.ts', 'retryAfterMs: boundedWait(', 'retryAfterMs: (']],
    tests: ['web/src/client/watch.test.ts', 'waits an hour for a server that asks for 9999999'],
  },
  {
    threat: LONG,
    without: 'the limit of an hour, and the look whether it is a number',
    edits: [
      [
        'shared/wait.ts',
        'return ms === undefined || Number.isNaN(ms) ? undefined : Math.min(Math.max(0, ms), MAX_WAIT_MS);',
        'return ms;',
      ],
    ],
    tests: ['functions/analysis/classify.test.ts', 'Retry-After of a day'],
  },
  {
    threat: TRICKLE,
    without: 'a least number of bytes',
    edits: [[DOWNLOAD, 'const LEAST_BYTES = 64 * 1024;', 'const LEAST_BYTES = 1;']],
    tests: [DOWNLOAD_TEST, 'is at fault if a byte comes now and then, for ever'],
  },
  {
    threat: TRICKLE,
    without: 'a limit for all tries together',
    edits: [[DOWNLOAD, 'stop.abort(new StalledError(totalMs)), totalMs)', 'undefined, totalMs)']],
    tests: [DOWNLOAD_TEST, 'is at fault if all tries together take too long'],
  },
  {
    threat: TRICKLE,
    without: 'knowing that a delivery ended over it',
    edits: [['functions/core/work/delivery.ts', 'return isOver ?', 'return isOver && !error ?']],
    tests: [SERVICE_FAULTS_TEST, 'so slow that a delivery ends over it'],
  },
  {
    threat: AWAY,
    without: 'ending the calls to a model before the delivery ends',
    edits: [['functions/core/work/work.ts', 'CALLS_SHARE = 0.95', 'CALLS_SHARE = 1']],
    tests: [SERVICE_FAULTS_TEST, 'calls to a model end before the delivery does'],
  },
  {
    threat: AWAY,
    without: 'giving a silent Files API up',
    edits: [['functions/analysis/files-api.ts', 'Math.min(CALL_MS, deadline - now())', 'CALL_MS']],
    tests: ['test/contract/gemini/videos.test.ts', 'that never takes the file is away'],
  },
  {
    threat: OTHER_ANSWER,
    without: 'the number of bytes that were hashed',
    edits: [
      [
        'functions/core/work/staged-content.ts',
        'if (hash !== undefined && read !== size) {',
        'if (hash !== undefined && read < 0) {',
      ],
    ],
    tests: [DOWNLOAD_TEST, 'is not taken for the content of a large file'],
  },
  {
    threat: OTHER_ANSWER,
    without: 'comparing the range',
    edits: [[DOWNLOAD, '&& start === range.start;', '&& start !== undefined;']],
    tests: [DOWNLOAD_TEST, 'what is not the range that was asked for'],
  },
  {
    threat: OTHER_ANSWER,
    without: 'knowing a whole object from a part',
    edits: [[DOWNLOAD, '(range.start === 0 && size <= range.end)', 'range.start === 0']],
    tests: [DOWNLOAD_TEST, 'what is not the range that was asked for'],
  },
  {
    threat: PIECES,
    without: 'counting the pieces',
    edits: [['sandbox/client.ts', '++this.#reads > this.#options.maxReads', '++this.#reads < 0']],
    tests: ['sandbox/client.test.ts', 'asks for bytes again and again'],
  },
  {
    threat: NO_ANSWER,
    without: 'understanding the answers',
    edits: [['functions/storage/objects.ts', 'if (error) {', 'if (error && !answer) {']],
    tests: [DOWNLOAD_TEST, 'to copy'],
  },
  {
    threat: NO_ANSWER,
    without: 'looking at what a model gets',
    edits: [['functions/core/work/analyze-media.ts', 'if (!isIt(bytes))', 'if (!isIt)']],
    tests: [DOWNLOAD_TEST, 'to read a picture for a model'],
  },
  {
    threat: OTHER_ANSWER,
    without: 'a second question before a verdict',
    edits: [
      [
        'functions/core/work/staged-content.ts',
        'if (present(await objects.stagedSize(at)) === head.size) throw',
        'if (head.size !== size) throw',
      ],
    ],
    tests: [DOWNLOAD_TEST, 'a page of a proxy says nothing'],
  },
  {
    threat: 'one failing file taken for an outage',
    without: 'looking at what others got',
    edits: [
      [
        'functions/analysis/flow.ts',
        'if (mayBeTheFile && FAULTS_OF_FILES.has(code)) {',
        "if (mayBeTheFile && FAULTS_OF_FILES.has(code) && code === 'internal') {",
      ],
    ],
    tests: [MODELS_TEST, 'is at fault if others are answered meanwhile, and stops nobody'],
  },
  {
    threat: 'a paid result whose write fails',
    without: 'repeating the write',
    edits: [
      [
        'functions/core/work/lease.ts',
        'const LAST_WRITE = { retries: 100,',
        'const LAST_WRITE = { retries: 0,',
      ],
    ],
    tests: ['test/contract/lease/lease.test.ts', 'that meets ABORTED is repeated'],
  },
  {
    threat: 'a paid result whose write fails',
    without: 'repeating the write and keeping what it says',
    edits: [
      [
        'functions/core/work/lease.ts',
        'const LAST_WRITE = { retries: 100,',
        'const LAST_WRITE = { retries: 0,',
      ],
      [
        'functions/core/work/lease.ts',
        'this.#last = { ...this.#last, ...patch };',
        'this.#last = patch;',
      ],
    ],
    tests: [LONG_OUTAGES_TEST, 'Firestore, while results are to be written'],
  },
  {
    threat: 'a model that answers without an end',
    without: 'cutting it off',
    edits: [[SEEN, 'if (bytes > maxBytes) {', 'if (bytes > maxBytes * 64) {']],
    tests: [OUTCOMES_TEST, 'an answer without an end'],
  },
  {
    threat: 'a model that answers without an end',
    without: 'cutting an error off',
    edits: [[SEEN, ': MAX_ERROR_BYTES;', ': Number.POSITIVE_INFINITY;']],
    tests: [OUTCOMES_TEST, '500 without an end'],
  },
  {
    threat: FOREIGN,
    without: 'telling what is no answer of the API',
    edits: [[SEEN, 'if (foreign) throw foreign;', '']],
    tests: [OUTCOMES_TEST, 'a page of a proxy, with status 200', 'JSON of another service'],
  },
  {
    threat: FOREIGN,
    without: 'telling a call that never left',
    edits: [[SEEN, 'if (seen.unreachable) throw seen.unreachable;', '']],
    tests: [
      'test/contract/gemini/paid-calls.test.ts',
      'whose address has a certificate that nobody trusts is free',
    ],
  },
  {
    threat: COUNTS,
    without: 'leaving such counts out',
    edits: [[SEEN, '\'"not_$1"$2\'', '\'"$1"$2\'']],
    tests: [MODELS_TEST, 'strings cost one call and no more'],
  },
  {
    threat: COUNTS,
    without: 'believing the status of the answer first',
    edits: [
      [
        'functions/analysis/providers/google-errors.ts',
        'if (inMessage !== undefined) return Number(inMessage);',
        'if (inMessage !== undefined && inBody === 0) return Number(inMessage);',
      ],
    ],
    tests: ['functions/analysis/classify.test.ts', '500 whose body says 404'],
  },
  {
    threat: NO_ROOM,
    without: 'going on without the task',
    edits: [
      [
        'functions/core/media/remove.ts',
        "logger.warn({ media_id: id, error }, 'removed without a later check');",
        'throw error;',
      ],
    ],
    tests: ['functions/core/media/remove.test.ts', 'a media is removed although no task'],
  },
  {
    threat: NO_ROOM,
    without: 'the space that is kept',
    edits: [
      [
        'local-cloud/base/disk-full.ts',
        'rmSync(this.#path, { force: true });\n      try {',
        'try {',
      ],
    ],
    tests: ['test/faults/full-disk.test.ts', 'a deletion works on a full disk'],
  },
  {
    threat: HALF_REMOVED,
    without: 'a task that only looks',
    edits: [
      [
        'functions/core/work/delivery.ts',
        'if (since !== undefined) return',
        'if (since === -1) return',
      ],
    ],
    tests: [
      'functions/core/media/remove.test.ts',
      'a deletion that fails after its task was enqueued',
    ],
  },
];
