/** Staying up though somebody sends too much, too slowly or too often. */
import type { Mutation } from './mutation.ts';

const MULTIPART = 'functions/core/accept/form.ts';
const HEADERS = 'functions/core/accept/part-headers.ts';
const BODY_TEST = 'test/security/body.test.ts';
const LIMITS_TEST = 'test/security/limits.test.ts';
const NEVER = 'Number.POSITIVE_INFINITY';
const FORM_BOMBS = 'parts, fields or headers without end';
const SLOW = 'a body that stops (slow loris) or trickles';
const FULL = 'more streams than an instance can serve';
const UTF16 = 'a UTF-16 field of odd length, where Node 24 writes beyond its buffer';
const JSON_BOMBS = 'deep, large or surplus JSON';
const UPLOADS = 'uploads side by side';
const STREAMS = 'streams side by side';
const QUEUES = "one owner's thousands of photos before all others";
const ANNOUNCEMENTS = 'announcements that keep the sweeper busy';
const TOMORROW = "ten waiting media that stop their owner's others";
const STALL = 'a stall of days, or a purged queue';
const PLACES = 'functions/core/media/places.ts';
const PLACES_TEST = 'functions/core/media/places.test.ts';
const FAIRNESS_TEST = 'test/security/fairness.long.test.ts';
const SWEEP = 'functions/core/work/sweep.ts';
const SWEEP_TEST = 'test/faults/sweeper.test.ts';
const OUTCOME = 'functions/core/work/outcome.ts';
const OUTCOME_TEST = 'functions/core/work/outcome.test.ts';
const LONG_OUTAGES_TEST = 'test/faults/outages/outages.long.test.ts';
const DATA_FILE_TEST = 'local-cloud/base/data-file.test.ts';
const DAMAGE = 'a full disk taken for damage';

export const AVAILABILITY: readonly Mutation[] = [
  {
    threat: DAMAGE,
    without: 'words of its own',
    edits: [
      ['local-cloud/base/data-file.ts', 'if (isDiskFull(cause)) {', 'if (isDiskFull(file)) {'],
    ],
    tests: [DATA_FILE_TEST, 'a disk that has no room', 'a disk that is full when'],
  },
  {
    threat: DAMAGE,
    without: 'the code for memory that connections share',
    edits: [['local-cloud/base/disk-full.ts', '= [13, 4_874];', '= [13];']],
    tests: [DATA_FILE_TEST, 'a disk that has no room for the memory that connections share'],
  },
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
      'functions/core/accept/part-headers.test.ts',
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
    tests: ['functions/core/accept/form.test.ts', 'the size of the request, announced or not'],
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
    threat: 'a refused sender that goes on',
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
    threat: 'a part that begins after its form failed',
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
        'functions/core/stream/body.ts',
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
      [
        'functions/core/stream/connection.ts',
        '> MAX_MISSED_HEARTBEATS) this.end()',
        '< 0) this.end()',
      ],
    ],
    tests: ['functions/core/stream/connection.test.ts', 'is given up when it has taken nothing'],
  },
  {
    threat: 'memory kept of each photo',
    without: 'taking the listener of an upload off its signal',
    edits: [
      [
        'functions/storage/upload.ts',
        "request.once('close', () => signal.removeEventListener('abort', onAbort));",
        '',
      ],
    ],
    tests: ['test/journey/leaks.long.test.ts', 'no unit keeps anything of a photo'],
  },
  {
    threat: 'memory kept of each photo',
    without: 'ending the timer of a delivery',
    edits: [
      [
        'functions/process/time-limit.ts',
        'clear: () => clearTimeout(timer)',
        'clear: () => void timer',
      ],
    ],
    tests: ['test/journey/leaks.long.test.ts', 'no unit keeps anything of a photo'],
  },
  {
    threat: 'a reader that never reads',
    without: 'keeping the newest state alone',
    edits: [
      [
        'functions/core/stream/connection.ts',
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
      [
        'functions/core/stream/admission.ts',
        ' && this.#gauges.memory() < FULL) return;',
        ') return;',
      ],
    ],
    tests: [
      'functions/core/stream/admission.test.ts',
      'no stream is admitted while memory is full',
    ],
  },
  {
    threat: FULL,
    without: 'the measure of time',
    edits: [
      ['functions/core/stream/admission.ts', 'if (this.#busySamples < SAMPLES && this', 'if (this'],
    ],
    tests: ['functions/core/stream/admission.test.ts', 'one busy second is no reason to refuse'],
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
    threat: 'a delimiter that shares the end of a header, at which the parser throws',
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
        'functions/core/accept/multipart-source.ts',
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
        'functions/core/accept/multipart-source.ts',
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
        'functions/core/accept/settings.ts',
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
        'this.#takenByAll >= this.#capacity.all',
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
        'functions/features/large-uploads/routes.ts',
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
      ['functions/core/accept/multipart-source.ts', '    release();\n', '    void release;\n'],
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
        'functions/core/work/delivery.ts',
        'if (isFree && !alone) await places.refill(owner_id);',
        'void [isFree, alone, places, owner_id];',
      ],
    ],
    tests: [FAIRNESS_TEST, 'forty requests side by side'],
  },
  {
    threat: QUEUES,
    without: 'the eyes of those that end',
    edits: [[PLACES, 'taken - behind > this.#max - LOOKING', 'taken - behind > this.#max']],
    tests: [PLACES_TEST, 'of one of three at least'],
  },
  {
    threat: QUEUES,
    without: 'the eyes of the last ones while others wait',
    edits: [[PLACES, ' || (someWait && behind < LOOKING)', '']],
    tests: [PLACES_TEST, 'though those before them have ended meanwhile'],
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
        'functions/features/large-uploads/announcement-limit.ts',
        'if (count + more <= this.#max) return;',
        'if (count + more <= 100 * this.#max) return;',
      ],
    ],
    tests: [
      'functions/features/large-uploads/announced-source.test.ts',
      'more announced files than the limit are refused',
    ],
  },
  {
    threat: TOMORROW,
    without: 'giving the place away',
    edits: [
      [
        'functions/core/work/failure.ts',
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
        'functions/core/work/delivery.ts',
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
        'functions/core/work/claim.ts',
        "if (isPlaceless(record)) return { kind: 'placeless' };",
        'void isPlaceless;',
      ],
    ],
    tests: ['functions/core/work/claim.test.ts', 'is not worked on without a place'],
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
    without: 'another name where the task is gone',
    edits: [[SWEEP, '      { ifGone },\n', '']],
    tests: [SWEEP_TEST, 'what was purged from its queue'],
  },
  {
    threat: 'a broken claim whose lease is renewed for ever',
    without: 'giving it up',
    edits: [['functions/core/work/claim.ts', '      if (!isClaimed) lease.abandon();\n', '']],
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
    threat: 'input that nobody thought of',
    without: 'what the fuzz run once found: a page token of numbers that no time can be',
    edits: [
      [
        'functions/core/media/paging.ts',
        String.raw`/^(\d{1,11})\.(\d{1,9})\.([\w-]+)$/`,
        String.raw`/^(\d+)\.(\d+)\.(.+)$/`,
      ],
    ],
    tests: ['test/security/fuzz.test.ts', 'a thousand bent requests'],
  },
];
