/** Staying up. */
import type { Mutation } from './mutation.ts';

const MULTIPART = 'functions/api/accept/form.ts';
const HEADERS = 'functions/api/accept/part-headers.ts';
const BODY_TEST = 'test/security/body.test.ts';
const LIMITS_TEST = 'test/security/limits.test.ts';
const NEVER = 'Number.POSITIVE_INFINITY';

const FORM_BOMBS = 'thousands of parts, files, fields or headers; headers and fields without end';
const SLOW = 'a body that stops arriving (slow loris), or that comes a byte now and then';
const FULL = 'more streams than an instance can serve, from however many callers';
const UTF16 = 'a field in UTF-16 of an odd length, which makes Node 24 write beyond its buffer';
const JSON_BOMBS = 'JSON that is deep, large, or more than was asked for';
const UPLOADS = 'uploads side by side';
const STREAMS = 'streams side by side';
const QUEUES =
  "thousands of photos, or files that take long to open, that stand in the queues before everybody else's";
const ANNOUNCEMENTS = 'announcements that keep the sweeper from what was lost';
const TOMORROW =
  'ten media that wait for tomorrow (a limit of the day, an outage), and stop all others of their owner';
const STALL = 'a stall of days, or a queue that is purged';
const PLACES = 'functions/media/places.ts';
const PLACES_TEST = 'functions/media/places.test.ts';
const FAIRNESS_TEST = 'test/security/fairness.test.ts';
const SWEEP = 'functions/worker/sweep.ts';
const SWEEP_TEST = 'test/faults/sweeper.test.ts';
const NO_ROOM = 'a queue that is away, or a disk that is full: nobody could free space';
const HALF_REMOVED = 'a deletion that fails half way, whose task then fails the media';
const ENDS =
  'a model that ends, a key that expires, a spend cap, an empty balance: each file would fail by a call of its own';
const AWAY =
  'an outage of the model or of Cloud Storage: each file would fail after eight tries in 90 s, and make 32 calls';
const COUNTS =
  'a model whose answer has token counts that are no numbers, or an error that its body calls a success';
const PROBE =
  'a file that takes long, is deleted or is refused, and that was to find out whether a service is back';
const PARTLY = 'a service that fails half of all calls, whose files are taken for the cause';
const REFUSED =
  'a key that is revoked, a role or a bucket that is gone, billing that is off: each file would fail for good';
const LONG = 'a service that asks to be left alone for a day, or for a time that is none';
const TRICKLE = 'a Cloud Storage that sends a byte now and then, for ever';
const OTHER_ANSWER =
  'a Cloud Storage, or a proxy, that sends other bytes than were asked for: the file would seem damaged';
const PIECES =
  'a video of 1,500 tracks, each at another place of a large file: it takes minutes of waiting and hardly any CPU time, would be taken for the fault of a slow service, and tried again for ever';
const NO_ANSWER =
  'a success that says nothing, or a page of a proxy, where Cloud Storage should have copied a file or told a size: the only copy would be removed, or the worker would end';
const FOREIGN =
  'a wrong address, a proxy or a sign-in page in place of the model: each file would fail for good, for calls that nobody is paid for';
const BREAKER = 'functions/process/breaker.ts';
const BREAKER_TEST = 'functions/process/breaker.test.ts';
const STORAGE_BREAKER_TEST = 'functions/worker/storage-breaker.test.ts';
const SERVICE_FAULT = 'functions/process/service-fault.ts';
const DOWNLOAD = 'functions/storage/download.ts';
const DOWNLOAD_TEST = 'test/faults/download.test.ts';
const SERVICE_FAULTS_TEST = 'test/faults/service-faults.test.ts';
const OUTCOME = 'functions/worker/outcome.ts';
const OUTCOME_TEST = 'functions/worker/outcome.test.ts';
const OUTAGES_TEST = 'test/faults/outages/outages.test.ts';
const LONG_OUTAGES_TEST = 'test/faults/outages/outages.long.test.ts';
const OUTCOMES_TEST = 'test/contract/gemini/outcomes.test.ts';
const SEEN = 'functions/analysis/seen-answer.ts';
const MODELS_TEST = 'test/contract/gemini/models.test.ts';

export const AVAILABILITY: readonly Mutation[] = [
  {
    threat: FORM_BOMBS,
    // A field is a part as well.
    without: 'the limits of fields and parts',
    edits: [
      [MULTIPART, 'fields: MAX_FIELDS,', `fields: ${NEVER},`],
      [MULTIPART, 'parts: limits.files + MAX_FIELDS + 1,', `parts: ${NEVER},`],
    ],
    tests: [BODY_TEST, 'a form of thousands of fields', 'a form of more fields than a form has'],
  },
  {
    threat: FORM_BOMBS,
    without: 'the limit of parts',
    edits: [[MULTIPART, 'parts: limits.files + MAX_FIELDS + 1,', `parts: ${NEVER},`]],
    tests: [BODY_TEST, 'a form of thousands of parts that are nothing'],
  },
  {
    threat: FORM_BOMBS,
    without: 'the limit of files',
    edits: [[MULTIPART, '      files: limits.files,\n', '']],
    tests: [BODY_TEST, 'a form of thousands of files'],
  },
  {
    threat: FORM_BOMBS,
    without: 'the length of a field',
    edits: [[MULTIPART, 'fieldSize: MAX_FIELD_BYTES + 1,', `fieldSize: ${NEVER},`]],
    tests: [BODY_TEST, 'a form of a field without end'],
  },
  {
    threat: FORM_BOMBS,
    without: 'the size of a header',
    edits: [[HEADERS, ' || this.#size > MAX_HEADER_BYTES;', ';']],
    tests: [
      'functions/api/accept/part-headers.test.ts',
      'a header may have as many bytes as the parser takes',
    ],
  },
  {
    threat: FORM_BOMBS,
    without: 'the size of a request',
    edits: [
      [
        MULTIPART,
        'if (received > maxBytes) return fail(',
        'if (received > 2 * maxBytes) return fail(',
      ],
    ],
    tests: ['functions/api/accept/form.test.ts', 'the size of the request, announced or not'],
  },
  {
    threat: SLOW,
    without: 'the wait for the next byte',
    edits: [['functions/http/body-timeout.ts', '  }, stallMs);', '  }, stallMs * 1_000);']],
    tests: [BODY_TEST, 'a form that stops in the middle of a file'],
  },
  {
    threat: SLOW,
    without: 'the wait for the last byte',
    edits: [['functions/http/body-timeout.ts', 'leftMs = totalMs;', 'leftMs = totalMs * 1_000;']],
    tests: [BODY_TEST, 'one that only trickles not for ever'],
  },
  {
    threat: SLOW,
    without: 'the fewest bytes of a minute',
    edits: [['functions/http/body-timeout.ts', 'if (received < bytes && ', 'if (received < 0 && ']],
    tests: ['functions/http/body-timeout.test.ts', 'a body that comes at less than 2 kB/s'],
  },
  {
    threat: 'a sender that goes on after it was refused',
    without: 'cutting it off',
    edits: [
      [
        'functions/http/router.ts',
        'setTimeout(() => request.destroy(), ms)',
        'setTimeout(() => undefined, ms)',
      ],
    ],
    tests: [BODY_TEST, 'a sender that goes on after it was refused is cut off'],
  },
  {
    threat: 'a part that begins after its form failed, and that nobody would end',
    without: 'not beginning it',
    edits: [
      [
        MULTIPART,
        '    if (parser.destroyed) {\n',
        '    if (parser.destroyed && parts.length > 1_000_000) {\n',
      ],
    ],
    tests: ['test/security/fuzz.test.ts', 'a thousand bent requests'],
  },
  {
    threat: 'a reader that never reads',
    without: 'the end of its connection',
    edits: [
      [
        'functions/stream/body.ts',
        'setTimeout(() => response.destroy(), this.#lingerMs)',
        'setTimeout(() => undefined, this.#lingerMs)',
      ],
    ],
    tests: ['functions/stream/handler.test.ts', 'comes to a reader that does not read too'],
  },
  {
    threat: 'a reader that never reads',
    without: 'the heartbeats that it may miss',
    edits: [
      ['functions/stream/connection.ts', '> MAX_MISSED_HEARTBEATS) this.end()', '< 0) this.end()'],
    ],
    tests: ['functions/stream/connection.test.ts', 'is given up when it has taken nothing'],
  },
  {
    threat: 'memory that is kept of each photo',
    without: 'taking the listener of an upload off its signal',
    edits: [
      [
        'functions/storage/upload.ts',
        "request.once('close', () => signal.removeEventListener('abort', onAbort));",
        '',
      ],
    ],
    tests: ['test/journey/leaks.test.ts', 'no unit keeps anything of a photo'],
  },
  {
    threat: 'memory that is kept of each photo',
    without: 'ending the timer of a delivery',
    edits: [
      [
        'functions/process/time-limit.ts',
        'clear: () => clearTimeout(timer)',
        'clear: () => void timer',
      ],
    ],
    tests: ['test/journey/leaks.test.ts', 'no unit keeps anything of a photo'],
  },
  {
    threat: 'a reader that never reads',
    without: 'keeping the newest state alone',
    edits: [
      [
        'functions/stream/connection.ts',
        'if (this.#isOpen && !this.#blocked && !this.#ended) {',
        'if (this.#isOpen && !this.#ended) {',
      ],
    ],
    tests: ['functions/stream/handler.test.ts', 'sends a slow reader only the newest state'],
  },
  {
    threat: FULL,
    without: 'asking whether there is room',
    edits: [['functions/stream/handler.ts', 'admission.admit();', 'void admission;']],
    tests: ['functions/stream/handler.test.ts', 'a busy server'],
  },
  {
    threat: FULL,
    without: 'the measure of memory',
    edits: [
      ['functions/stream/admission.ts', ' && this.#gauges.memory() < FULL) return;', ') return;'],
    ],
    tests: ['functions/stream/admission.test.ts', 'no stream is admitted while memory is full'],
  },
  {
    threat: FULL,
    without: 'the measure of time',
    edits: [
      ['functions/stream/admission.ts', 'if (this.#busySamples < SAMPLES && this', 'if (this'],
    ],
    tests: ['functions/stream/admission.test.ts', 'one busy second is no reason to refuse'],
  },
  {
    threat: UTF16,
    without: 'hiding the charset',
    edits: [[HEADERS, 'const renamed = text.replace(', 'const renamed = text; void text.replace(']],
    tests: [BODY_TEST, 'with text that its parser cannot decode safely'],
  },
  {
    threat: UTF16,
    without: 'looking at folded lines',
    edits: [[HEADERS, String.raw`(?:\r\n[ \t][^\r\n]*)*/gim`, '/gim']],
    tests: [BODY_TEST, 'with such text in a folded line'],
  },
  {
    threat: UTF16,
    without: 'refusing a delimiter inside a header',
    edits: [[HEADERS, 'this.isMalformed = hasDelimiter || ', 'this.isMalformed = !this.#end || ']],
    tests: [BODY_TEST, 'with such text behind a delimiter inside a header'],
  },
  {
    threat: "a delimiter that shares the end of a header, at which the form's parser throws",
    without: 'refusing it',
    edits: [[HEADERS, 'if (sinceHeader === delimiter.length - CRLF.length) return undefined;', '']],
    tests: [BODY_TEST, 'whose delimiter shares the end of a header'],
  },
  {
    threat: JSON_BOMBS,
    without: 'the size of JSON',
    edits: [
      [
        'functions/http/body.ts',
        'const MAX_JSON_BYTES = 64 * 1024;',
        'const MAX_JSON_BYTES = 64 * 1024 ** 2;',
      ],
    ],
    tests: [BODY_TEST, 'JSON of too many bytes'],
  },
  {
    threat: JSON_BOMBS,
    without: 'a strict schema',
    edits: [
      ['shared/media.ts', 'taskPayloadSchema = z.strictObject({', 'taskPayloadSchema = z.object({'],
    ],
    tests: [BODY_TEST, 'JSON with more than was asked for'],
  },
  {
    threat: JSON_BOMBS,
    without: 'the schema',
    edits: [
      [
        'functions/http/body.ts',
        'if (result.success) return result.data;',
        "if (result.success || typeof value === 'object') return value as z.infer<T>;",
      ],
    ],
    tests: [BODY_TEST, 'JSON a thousand levels deep', 'JSON with a prototype', 'JSON with a path'],
  },
  {
    threat: 'headers without end',
    without: 'the limit of Node',
    edits: [
      [
        'local/base/units.ts',
        "export const NODE_OPTIONS = ['",
        "export const NODE_OPTIONS = ['--max-http-header-size=100000', '",
      ],
    ],
    tests: [BODY_TEST, 'headers beyond 16 KB are refused'],
  },
  {
    threat: UPLOADS,
    without: 'counting them',
    edits: [
      [
        'functions/api/accept/multipart-source.ts',
        'const release = deps.uploads.acquire(accept.ownerId);',
        'const release = () => undefined;',
      ],
    ],
    tests: [LIMITS_TEST, 'uploads in flight are limited for each owner'],
  },
  {
    threat: UPLOADS,
    without: 'counting them for each owner',
    edits: [
      [
        'functions/api/accept/multipart-source.ts',
        'deps.uploads.acquire(accept.ownerId)',
        "deps.uploads.acquire('')",
      ],
    ],
    tests: [LIMITS_TEST, 'uploads in flight are limited for each owner'],
  },
  {
    threat: UPLOADS,
    without: 'a limit below the places of an instance',
    edits: [
      [
        'functions/process/config.ts',
        'MAX_UPLOADS_IN_FLIGHT: positiveInt.default(10)',
        'MAX_UPLOADS_IN_FLIGHT: positiveInt.default(50)',
      ],
    ],
    tests: [LIMITS_TEST, 'uploads in flight are limited for each owner'],
  },
  {
    threat: UPLOADS,
    without: 'places for reading',
    edits: [
      [
        'functions/http/concurrency-limit.ts',
        'this.#takenByAll >= this.#places.all',
        'this.#takenByAll < 0',
      ],
    ],
    tests: [LIMITS_TEST, 'uploads of many owners leave places'],
  },
  {
    threat: UPLOADS,
    without: 'counting announcements',
    edits: [
      [
        'functions/api/handler.ts',
        'const release = services.uploads.acquire(ownerId);',
        'const release = () => undefined;',
      ],
    ],
    tests: [LIMITS_TEST, 'announcements that trickle count as uploads'],
  },
  {
    threat: UPLOADS,
    without: 'giving the place back',
    edits: [
      ['functions/api/accept/multipart-source.ts', '    release();\n', '    void release;\n'],
    ],
    tests: [LIMITS_TEST, 'uploads in flight are limited for each owner'],
  },
  {
    threat: UPLOADS,
    without: '`Retry-After`',
    edits: [
      [
        'functions/http/concurrency-limit.ts',
        '        { retryAfterMs: RETRY_AFTER_MS },\n',
        '        { retryAfterMs: RETRY_AFTER_MS * 0 },\n',
      ],
    ],
    tests: [LIMITS_TEST, 'uploads in flight are limited'],
  },
  {
    threat: QUEUES,
    without: 'a limit of places',
    edits: [[PLACES, 'return this.#max - queued;', 'return 1_000 * this.#max - queued;']],
    tests: [FAIRNESS_TEST, 'forty requests side by side', '300 photos of one owner'],
  },
  {
    threat: QUEUES,
    without: 'giving back what is too much',
    edits: [[PLACES, 'while (given < -free) {', 'while (given < -free * 0) {']],
    tests: [PLACES_TEST, 'side by side, to as many instances'],
  },
  {
    threat: QUEUES,
    without: 'a count after the marks',
    edits: [
      [
        'functions/process/shared-answers.ts',
        'if (sent === undefined) return this.#send(key, question);',
        'return sent ?? this.#send(key, question);',
      ],
    ],
    tests: ['functions/process/shared-answers.test.ts', 'is shared by all who asked before'],
  },
  {
    threat: QUEUES,
    without: 'the turn of the next one',
    edits: [
      [
        'functions/worker/delivery.ts',
        'if (isFree && !alone) await places.refill(owner_id);',
        'void [isFree, alone, places, owner_id];',
      ],
    ],
    tests: [FAIRNESS_TEST, 'forty requests side by side'],
  },
  {
    threat: QUEUES,
    without: 'the eyes of those that end',
    edits: [[PLACES, 'place <= this.#max - LOOKING', 'place <= this.#max']],
    tests: [PLACES_TEST, 'is passed on from one to the next', 'of one of three at least'],
  },
  {
    threat: QUEUES,
    without: 'places for storing that one owner cannot have',
    edits: [['local/base/provision.ts', 'upload: 15', 'upload: 10']],
    tests: [FAIRNESS_TEST, 'files that take long to store'],
  },
  {
    threat: QUEUES,
    without: 'a look at the places of one owner, before a deployment',
    edits: [['deploy/check/queues.ts', '...(Number(ours) <= most\n', '...(Number(ours) > 0\n']],
    tests: ['test/deploy/check.test.ts', 'an owner may have so many media in the queues'],
  },
  {
    threat: ANNOUNCEMENTS,
    without: 'a query of its own for what has a task',
    edits: [
      [
        SWEEP,
        "const query = inState('queued', deps);",
        "const query = quiet(deps.firestore.collection(MEDIA_COLLECTION).where('status', '==', 'pending'), deps);",
      ],
    ],
    tests: [SWEEP_TEST, 'what was lost is brought back by one sweep'],
  },
  {
    threat: ANNOUNCEMENTS,
    without: 'the place where the last sweep had to stop',
    edits: [[SWEEP, '    cursors.set(part, next);\n', '    cursors.set(part, []);\n']],
    tests: [SWEEP_TEST, 'a sweep goes on where the last one had to stop'],
  },
  {
    threat: ANNOUNCEMENTS,
    without: 'their limit',
    edits: [
      [
        'functions/api/accept/announcement-limit.ts',
        'if (count + more <= this.#max) return;',
        'if (count + more <= 100 * this.#max) return;',
      ],
    ],
    tests: [
      'functions/api/accept/announced-source.test.ts',
      'more announced files than the limit are refused',
    ],
  },
  {
    threat: TOMORROW,
    without: 'giving the place away',
    edits: [
      [
        'functions/worker/delivery.ts',
        "...(rests && { queue_state: 'resting' }),",
        '...(rests && {}),',
      ],
    ],
    tests: [LONG_OUTAGES_TEST, 'whatever an owner sends is stored meanwhile'],
  },
  {
    threat: TOMORROW,
    without: 'the turn of the next one',
    edits: [
      [
        'functions/worker/delivery.ts',
        "isTerminal(status) || queue_state === 'resting';",
        'isTerminal(status) || !queue_state;',
      ],
    ],
    tests: ['test/faults/resting.test.ts', 'its place goes to the next one at once'],
  },
  {
    threat: TOMORROW,
    without: 'a place for the work',
    edits: [
      [
        'functions/media/claim.ts',
        "if (isPlaceless(record)) return { kind: 'placeless' };",
        'void isPlaceless;',
      ],
    ],
    tests: ['functions/media/claim.test.ts', 'is not worked on without a place'],
  },
  {
    threat: TOMORROW,
    without: 'counting those that ask for a place',
    edits: [
      [
        PLACES,
        'if (marked) await this.settle(owner_id, marked);',
        'for (const each of marked ?? []) await this.#enqueue(each);',
      ],
    ],
    tests: [PLACES_TEST, 'gets no place too many, though hundreds ask'],
  },
  {
    threat: TOMORROW,
    without: 'different times',
    edits: [[OUTCOME, 'Math.max(spread(wait.retryAtMs, state), ', 'Math.max(wait.retryAtMs, ']],
    tests: [OUTCOME_TEST, 'for the same moment as thousands'],
  },
  {
    threat: TOMORROW,
    without: 'the sweep of those that rest',
    edits: [[SWEEP, 'resting: () => sweepResting(deps, cursors),', 'resting: async () => 0,']],
    tests: [SWEEP_TEST, 'get a place if their task was lost'],
  },
  {
    threat: STALL,
    without: 'keeping the bytes',
    edits: [
      [
        'functions/storage/objects.ts',
        'new Date(this.#now() + KEEP_STAGED_MS)',
        'new Date(this.#now() + 0 * KEEP_STAGED_MS)',
      ],
    ],
    tests: ['functions/storage/objects.test.ts', 'that came through a session'],
  },
  {
    threat: STALL,
    without: 'the hour in the name of a task',
    edits: [
      [SWEEP, 'const hour = Math.floor(now() / HOUR_MS);', 'const hour = 0 * now() * HOUR_MS;'],
    ],
    tests: [SWEEP_TEST, 'what was purged from its queue'],
  },
  {
    threat: 'a claim that breaks off half way, and whose lease is renewed for ever',
    without: 'giving it up',
    edits: [['functions/media/claim.ts', '      if (!isClaimed) lease.abandon();\n', '']],
    tests: ['test/contract/lease/given-up.test.ts', 'a claim that cannot look at the copies'],
  },
  {
    threat: STREAMS,
    without: 'counting them',
    edits: [
      [
        'functions/stream/handler.ts',
        'const release = streams.acquire(caller.ownerId);',
        'const release = () => void streams;',
      ],
    ],
    tests: [LIMITS_TEST, 'streams are limited for each owner'],
  },
  {
    threat: STREAMS,
    without: 'a limit for all owners together',
    edits: [
      [
        'functions/stream/index.ts',
        '{ each: config.MAX_STREAMS, all: config.MAX_STREAMS_PER_INSTANCE },',
        '{ each: config.MAX_STREAMS },',
      ],
    ],
    tests: [
      'test/journey/small.test.ts',
      'the page is served by an instance that is full of streams',
    ],
  },
  {
    threat: STREAMS,
    without: 'giving the place back',
    edits: [['functions/stream/handler.ts', '      release();\n', '      void release;\n']],
    tests: [LIMITS_TEST, 'streams are limited for each owner'],
  },
  {
    threat: STREAMS,
    without: '`Retry-After`',
    edits: [
      [
        'functions/http/concurrency-limit.ts',
        '        { retryAfterMs: RETRY_AFTER_MS },\n',
        '        { retryAfterMs: RETRY_AFTER_MS * 0 },\n',
      ],
    ],
    tests: [LIMITS_TEST, 'streams are limited'],
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
        'functions/analysis/flow.ts',
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
        'functions/worker/storage-breaker.ts',
        'if (!breaker.allows(now())) {',
        'if (!breaker.allows(now()) && now() < 0) {',
      ],
    ],
    tests: ['functions/worker/storage-breaker.test.ts', 'one fault of Cloud Storage stops'],
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
        'functions/worker/storage-breaker.ts',
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
        'answers > 0 && answers >= ANSWERS_FOR_ONE_FAILURE * (since.length - answers)',
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
        'functions/worker/delivery.ts',
        'if (!(error instanceof RetryLaterError) && isRefusedAccess(error)) {',
        'if (isRefusedAccess(error) && waits < 0) {',
      ],
    ],
    tests: [SERVICE_FAULTS_TEST, 'and the log says what to do'],
  },
  {
    threat: LONG,
    without: 'the limit of an hour, and the look whether it is a number',
    edits: [
      [
        'shared/retry.ts',
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
    edits: [['functions/worker/delivery.ts', 'return isOver ?', 'return isOver && !error ?']],
    tests: [SERVICE_FAULTS_TEST, 'so slow that a delivery ends over it'],
  },
  {
    threat: AWAY,
    without: 'ending the calls to a model before the delivery ends',
    edits: [['functions/worker/budget.ts', 'CALLS_SHARE = 0.95', 'CALLS_SHARE = 1']],
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
        'functions/worker/staged-content.ts',
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
    edits: [['functions/worker/analyze-media.ts', 'if (!isIt(bytes))', 'if (!isIt)']],
    tests: [DOWNLOAD_TEST, 'to read a picture for a model'],
  },
  {
    threat: OTHER_ANSWER,
    without: 'a second question before a verdict',
    edits: [
      [
        'functions/worker/staged-content.ts',
        'if (present(await objects.stagedSize(name)) === head.size) throw',
        'if (head.size !== size) throw',
      ],
    ],
    tests: [DOWNLOAD_TEST, 'a page of a proxy says nothing'],
  },
  {
    threat: 'a file with which the model fails again and again, and which is taken for an outage',
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
    threat: 'a result that is paid for, and whose write meets a fault of Firestore',
    without: 'repeating the write',
    edits: [
      [
        'functions/media/lease.ts',
        'const LAST_WRITE = { retries: 100,',
        'const LAST_WRITE = { retries: 0,',
      ],
    ],
    tests: ['test/contract/lease/lease.test.ts', 'that meets ABORTED is repeated'],
  },
  {
    threat: 'a result that is paid for, and whose write meets a fault of Firestore',
    without: 'repeating the write and keeping what it says',
    edits: [
      [
        'functions/media/lease.ts',
        'const LAST_WRITE = { retries: 100,',
        'const LAST_WRITE = { retries: 0,',
      ],
      [
        'functions/media/lease.ts',
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
        'functions/media/remove.ts',
        "logger.warn({ media_id: id, error }, 'removed without a later check');",
        'throw error;',
      ],
    ],
    tests: ['functions/media/remove.test.ts', 'a media is removed although no task'],
  },
  {
    threat: NO_ROOM,
    without: 'the space that is kept',
    edits: [
      ['local/base/disk-full.ts', 'rmSync(this.#path, { force: true });\n      try {', 'try {'],
    ],
    tests: ['test/faults/full-disk.test.ts', 'a deletion works on a full disk'],
  },
  {
    threat: HALF_REMOVED,
    without: 'a task that only looks',
    edits: [
      [
        'functions/worker/delivery.ts',
        'if (since !== undefined) return',
        'if (since === -1) return',
      ],
    ],
    tests: ['functions/media/remove.test.ts', 'a deletion that fails after its task was enqueued'],
  },
  {
    threat: 'input that nobody thought of',
    without: 'what the fuzz run once found: a page token of numbers that no time can be',
    edits: [
      [
        'functions/media/media-query.ts',
        String.raw`/^(\d{1,11})\.(\d{1,9})\.([A-Za-z0-9]+)$/`,
        String.raw`/^(\d+)\.(\d+)\.(.+)$/`,
      ],
    ],
    tests: ['test/security/fuzz.test.ts', 'a thousand bent requests'],
  },
];
