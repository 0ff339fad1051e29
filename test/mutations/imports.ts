/** What a backend has fetched from elsewhere. */
import type { Mutation } from './mutation.ts';

const OTHERS = 'access to an import';
const DEPUTY = 'importing what only the service may read';
const BOUNDS = "an import beyond the day's limits, twice, or after its stop";
const ADDRESS = 'an internal address, also by redirection or a changed name';
const ENDLESS = 'a server that sends without end, or next to nothing';
const POISON = 'an import stuck on overlong names or answers';
const DOWNLOAD = 'functions/features/imports/download.ts';
const DOWNLOAD_TEST = 'functions/features/imports/download.test.ts';
const IN_PLACE = 'a file that replaces one imported in place';
const API = 'functions/features/imports/routes.ts';
const STEP = 'functions/features/imports/step.ts';
const PLAN = 'functions/features/imports/plan.ts';
const JOURNEY = 'test/journey/imports.test.ts';
const STEP_TEST = 'functions/features/imports/step.test.ts';
const PLAN_TEST = 'functions/features/imports/plan.test.ts';
const ARRIVAL = 'functions/features/imports/arrival.ts';
const ARRIVALS = 'test/journey/arrivals.test.ts';
const FORGED = 'a forged message or object name that gives a media another owner';
const FLOOD = "arriving objects beyond the day's limits, lost or doubled";
const NAMED = 'only a bucket that the operator names';

export const IMPORT_MUTATIONS: readonly Mutation[] = [
  {
    threat: OTHERS,
    without: 'asking for a service key',
    edits: [
      [API, 'if (keyId === undefined) {', "if (ownerId === '') {"],
      [
        API,
        'readImport(body, ownerId, keyId, services)',
        "readImport(body, ownerId, keyId ?? '', services)",
      ],
    ],
    tests: [JOURNEY, NAMED],
  },
  {
    threat: OTHERS,
    without: 'the owner',
    edits: [
      [
        'functions/features/imports/store.ts',
        'if (record?.owner_id !== ownerId) throw unknownImport(id);',
        'if (!record) throw unknownImport(id + ownerId);',
      ],
    ],
    tests: [JOURNEY, NAMED],
  },
  {
    threat: DEPUTY,
    without: 'the list of the operator',
    edits: [[API, 'if (listed.includes(bucket)) return;', 'if (listed) return;']],
    tests: [JOURNEY, NAMED],
  },
  {
    threat: DEPUTY,
    without: 'the list of the operator, in the worker',
    edits: [
      [
        STEP,
        'if (isOfBucket && !deps.buckets.includes(bucket))',
        'if (isOfBucket && !deps.buckets)',
      ],
    ],
    tests: [STEP_TEST, 'a bucket that the operator has taken off the list'],
  },
  {
    threat: BOUNDS,
    without: 'the condition that nobody has changed the import',
    edits: [[STEP, 'lastUpdateTime ? { lastUpdateTime } : {}', 'lastUpdateTime ? {} : {}']],
    tests: [STEP_TEST, 'what its owner cancels while a step is under way'],
  },
  {
    threat: BOUNDS,
    without: 'the sum of the day',
    edits: [
      [
        STEP,
        'dailyUploads.addTo(batch, run.owner_id, { bytes, files: records.length });',
        'void [dailyUploads, bytes];',
      ],
    ],
    tests: [STEP_TEST, 'goes on until each object is one media', 'two imports of the same objects'],
  },
  {
    threat: BOUNDS,
    without: 'looking at the limit of the day',
    edits: [
      [
        PLAN,
        'if (!fits) this.#waitCode',
        'if (fits || !fits) return true;\n    if (!fits) this.#waitCode',
      ],
    ],
    tests: [PLAN_TEST, 'with the limit of the day reached'],
  },
  {
    threat: BOUNDS,
    without: 'an id that is made of the object',
    edits: [
      [
        'functions/features/imports/record.ts',
        "hashed(['gs', ownerId, bucket, name, generation])",
        "hashed(['gs', ownerId, bucket, name, generation, String(Math.random())])",
      ],
    ],
    tests: [STEP_TEST, 'two imports of the same objects'],
  },
  {
    threat: IN_PLACE,
    without: 'the generation',
    edits: [
      [
        'functions/storage/download.ts',
        "if (generation !== undefined) url.searchParams.set('generation', generation);",
        '',
      ],
    ],
    tests: [
      'functions/storage/objects.test.ts',
      'can be shown where it is',
      'that was replaced is gone',
    ],
  },
  {
    threat: ADDRESS,
    without: 'looking at the address',
    edits: [
      [
        DOWNLOAD,
        'const refusal = addressRefusal(asked, loopback);',
        "const refusal = asked === '' ? addressRefusal(asked, loopback) : undefined;",
      ],
    ],
    tests: [DOWNLOAD_TEST, 'a redirection to http://images.example', 'https://10.0.0.1/'],
  },
  {
    threat: ADDRESS,
    without: 'looking at the address of a redirection',
    edits: [
      [
        DOWNLOAD,
        'const refusal = addressRefusal(asked, loopback);',
        'const refusal = addressRefusal(address, loopback);',
      ],
    ],
    tests: [DOWNLOAD_TEST, 'a redirection to http://images.example'],
  },
  {
    threat: ADDRESS,
    without: 'the check of what was looked up',
    edits: [
      [
        'functions/outbound/pinned-lookup.ts',
        '!mayConnect(url, address, loopback)',
        "address === ''",
      ],
    ],
    tests: [DOWNLOAD_TEST, 'a public name whose address is', 'a name that is public at first'],
  },
  {
    threat: ADDRESS,
    without: 'an end of the redirections',
    edits: [[DOWNLOAD, 'const MAX_REDIRECTS = 3;', 'const MAX_REDIRECTS = 9;']],
    tests: [DOWNLOAD_TEST, 'three redirections are followed'],
  },
  {
    threat: ENDLESS,
    without: 'a limit for the headers',
    edits: [[DOWNLOAD, '}, answerMs);', '}, 10_000 * answerMs);']],
    tests: [DOWNLOAD_TEST, 'a server that stops before the end of its headers'],
  },
  {
    threat: ENDLESS,
    without: 'the limit of a file',
    edits: [
      [DOWNLOAD, 'if (size > most) done(tooLarge());', 'if (size > 1e7 * most) done(tooLarge());'],
    ],
    tests: [DOWNLOAD_TEST, 'more than may be is cut off'],
  },
  {
    threat: ENDLESS,
    without: 'the end of a silence',
    edits: [[DOWNLOAD, '  }, stallMs);', '  }, 1_000 * stallMs);']],
    tests: [DOWNLOAD_TEST, 'a server that says nothing'],
  },
  {
    threat: ENDLESS,
    without: 'taking 101 for an answer',
    edits: [[DOWNLOAD, ".on('upgrade', (", ".on('never', ("]],
    tests: [DOWNLOAD_TEST, 'a server that says 101'],
  },
  {
    threat: POISON,
    without: 'the form of a type',
    edits: [
      ['functions/process/content-type.ts', "TYPE.test(type) ? type : ''", 'TYPE ? type : type'],
    ],
    tests: [STEP_TEST, 'two hundred objects whose names and types'],
  },
  {
    threat: POISON,
    without: 'an end of the reasons',
    edits: [
      [
        'functions/features/imports/record.ts',
        'message: shortened(plainText(message))',
        'message: plainText(message)',
      ],
    ],
    tests: ['functions/features/imports/addresses.test.ts', 'a hundred failures whose reasons'],
  },
  {
    threat: FORGED,
    without: 'the token of Pub/Sub',
    edits: [
      [
        'functions/worker/handler.ts',
        'await authenticate(call.request.headers);',
        'if (path !== ARRIVAL_ROUTE) await authenticate(call.request.headers);',
      ],
      [
        'local/front/invoker.ts',
        "if (typeof sent !== 'string') throw new Refusal(403);",
        "if (typeof sent !== 'string') return headers;",
      ],
    ],
    tests: [ARRIVALS, 'a forged message is refused'],
  },
  {
    threat: FORGED,
    without: 'a look at the id in the name',
    edits: [
      [
        ARRIVAL,
        "return isOwnerId(id) && id !== '.' && id !== '..';",
        'return id !== isOwnerId.name;',
      ],
    ],
    tests: [ARRIVALS, 'what cannot be a media'],
  },
  {
    threat: FORGED,
    without: 'comparing what is said twice',
    edits: [
      [
        ARRIVAL,
        'return isSame ? { bucket, object } : undefined;',
        'return isSame || bucket ? { bucket, object } : undefined;',
      ],
    ],
    tests: [ARRIVALS, 'a message that is none'],
  },
  {
    threat: FLOOD,
    without: 'the limit of the day',
    edits: [
      [
        ARRIVAL,
        'dailyUploads.refuseMoreThan(await dailyUploads.remaining(owner_id), uploads);',
        'await dailyUploads.remaining(owner_id);',
      ],
    ],
    tests: [ARRIVALS, 'an object waits for tomorrow'],
  },
  {
    threat: FLOOD,
    without: 'the sum of the day',
    edits: [[ARRIVAL, 'dailyUploads.addTo(batch, owner_id, uploads);', '']],
    tests: [ARRIVALS, 'what is written to a folder', 'a message that comes twice'],
  },
];
