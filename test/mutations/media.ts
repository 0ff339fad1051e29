/** Other people's media. */
import type { Mutation } from './mutation.ts';

const STORE = 'functions/core/media/store.ts';
const MEDIA_QUERY = 'functions/features/search/media-query.ts';
const BY_OWNER = [".where('owner_id', '==', ownerId)", ''] as const;
const ISOLATION = 'test/security/isolation.test.ts';

const BY_ID = 'access to their media by id';
const IN_LISTS = 'finding them by a list, a page token or polling';
const BY_SEARCH = 'finding them by a search';
const WATCHING = 'watching them';
const WATCHING_ALL = 'watching the stream of a library';
const CACHED = 'noticing an analysis of the same photo';
const SPENT = 'seeing what they have spent';
const RUNS = 'access to a reanalysis or earlier results';
const PATHS = 'an id or a file name that is a path';

const GET = `    if (record?.owner_id !== ownerId) throw notFound(id);
    return record;
  }

  /** The owner`;
const RETRY = `      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      refuseRetry`;
const REMOVE = `      if (record?.owner_id !== ownerId) throw notFound(id);
      refuseNewer(record);
      check`;
const RUN = `if (record?.owner_id !== ownerId) throw unknownReanalysis(id);`;
const RUN_STORE = 'functions/features/reanalyses/store.ts';
const RESTORE = `if (record?.owner_id !== ownerId) throw notFound(mediaId);`;
const withoutOwner = (text: string) => text.replace('record?.owner_id !== ownerId', '!record');
const getByAnybody = [STORE, GET, withoutOwner(GET)] as const;

export const MEDIA: readonly Mutation[] = [
  {
    threat: RUNS,
    without: 'the owner in what reads and changes one reanalysis',
    edits: [[RUN_STORE, RUN, withoutOwner(RUN)]],
    tests: [
      ISOLATION,
      'GET /api/reanalyses/:id tells a stranger nothing',
      'POST /api/reanalyses/:id/confirm tells a stranger nothing',
      'POST /api/reanalyses/:id/cancel tells a stranger nothing',
    ],
  },
  {
    threat: RUNS,
    without: 'the owner in the list of reanalyses',
    edits: [
      [
        RUN_STORE,
        "newestFirst(this.#collection.where('owner_id', '==', ownerId))",
        'newestFirst(this.#collection)',
      ],
    ],
    tests: [ISOLATION, 'GET /api/reanalyses tells a stranger nothing'],
  },
  {
    threat: RUNS,
    without: 'the owner in what brings a result back',
    edits: [['functions/features/results/earlier-results.ts', RESTORE, withoutOwner(RESTORE)]],
    tests: [ISOLATION, 'POST /api/media/:id/results/:result/restore tells a stranger nothing'],
  },
  {
    threat: BY_ID,
    without: 'the owner in what reads one media',
    edits: [getByAnybody],
    tests: [
      ISOLATION,
      'GET /api/media/:id tells a stranger nothing',
      'GET /api/media/:id/content tells a stranger nothing',
      'GET /api/media/:id/preview tells a stranger nothing',
      'POST /api/media/:id/uploaded tells a stranger nothing',
    ],
  },
  {
    threat: BY_ID,
    without: 'the owner in the retry',
    edits: [['functions/core/media/attempts.ts', RETRY, withoutOwner(RETRY)]],
    tests: [ISOLATION, 'POST /api/media/:id/retry tells a stranger nothing'],
  },
  {
    threat: BY_ID,
    without: 'the owner in what is moved to the bin',
    edits: [
      [
        'functions/features/bin/bin.ts',
        'return record?.owner_id === ownerId ? record : undefined;',
        'return record;',
      ],
    ],
    tests: [ISOLATION, 'DELETE /api/media/:id tells a stranger nothing'],
  },
  {
    threat: BY_ID,
    without: 'the owner in the deletion itself',
    edits: [[STORE, REMOVE, withoutOwner(REMOVE)]],
    tests: ['functions/core/media/store.test.ts', 'removing is the owner’s to ask for'],
  },
  {
    threat: BY_ID,
    without: 'the likeness of unknown and foreign ids',
    edits: [
      [
        STORE,
        GET,
        GET.replace(
          'throw notFound(id);',
          "throw record ? new AppError('not_found', 'That media is not yours.') : notFound(id);",
        ),
      ],
    ],
    tests: ['test/journey/bad-input.test.ts', 'an unknown id and a foreign one look the same'],
  },
  {
    threat: IN_LISTS,
    without: 'the owner in the query of lists',
    edits: [[MEDIA_QUERY, ...BY_OWNER]],
    tests: [ISOLATION, 'a list holds only', 'a page token of another owner'],
  },
  {
    threat: BY_SEARCH,
    without: 'the owner in the query for candidates, and in the reading of a page',
    edits: [
      [MEDIA_QUERY, ...BY_OWNER],
      [
        STORE,
        'records.filter((record) => record?.owner_id === ownerId)',
        'records.filter((record) => record !== undefined)',
      ],
    ],
    tests: ['test/journey/search.test.ts', 'another owner finds nothing of it'],
  },
  {
    threat: IN_LISTS,
    without: 'the owner in polling',
    edits: [
      [
        STORE,
        'records.filter((record) => record?.owner_id === ownerId)',
        'records.filter((record) => record !== undefined)',
      ],
    ],
    tests: [ISOLATION, 'GET /api/media tells a stranger nothing'],
  },
  {
    threat: WATCHING,
    without: 'the owner in the query of the listener',
    edits: [['functions/core/stream/listen.ts', ".where('owner_id', '==', ownerId)", '']],
    tests: [
      ISOLATION,
      'GET /api/media/:id/stream tells a stranger nothing',
      'GET /api/agent/analyze-media/stream tells a stranger nothing',
      'a stream of own and foreign media',
    ],
  },
  {
    threat: WATCHING,
    without: 'the owner in the sharing of listeners',
    edits: [
      [
        'functions/core/stream/hub.ts',
        'const watchedById = this.#owners.get(ownerId) ?? new Map<string, Watched>();',
        'const watchedById = [...this.#owners.values()][0] ?? new Map<string, Watched>();',
      ],
    ],
    tests: [
      ISOLATION,
      'a stranger who watches what its owner watches',
      'a stranger who watches an id',
    ],
  },
  {
    threat: WATCHING_ALL,
    without: 'the owner in the queries of the library',
    edits: [
      ['functions/features/library/source.ts', "\n      .where('owner_id', '==', ownerId)", ''],
      // Otherwise Firestore would have no index for it.
      [
        'firestore.indexes.json',
        '"fieldPath": "updated_at",\n      "indexes": []',
        '"fieldPath": "no_field",\n      "indexes": []',
      ],
    ],
    tests: [ISOLATION, "a stranger's library tells of no media"],
  },
  {
    threat: WATCHING_ALL,
    without: 'the owner in the sharing of its listeners',
    edits: [
      [
        'functions/features/library/library.ts',
        'this.#byOwner.get(ownerId) ?? new Library(',
        '[...this.#byOwner.values()][0] ?? new Library(',
      ],
    ],
    tests: [ISOLATION, "a stranger's library tells of no media"],
  },
  {
    threat: 'guessing an `Idempotency-Key`',
    without: 'the owner in the hash of the key',
    edits: [
      [
        'functions/core/accept/acceptances.ts',
        'keyId === undefined ? [ownerId]',
        'keyId === undefined ? [ownerId?.slice(0, 0)]',
      ],
    ],
    tests: [
      ISOLATION,
      'POST /api/agent/analyze-media tells a stranger nothing',
      'POST /api/reanalyses tells a stranger nothing',
    ],
  },
  {
    threat: "getting a webhook's secret by the `Idempotency-Key` of another service key",
    without: 'the service key in the hash of the key, and in what is compared of two requests',
    edits: [
      [
        'functions/features/webhooks/routes.ts',
        'owner: { ownerId: ownerId ?? null, keyId: key.id },',
        'owner: { ownerId: ownerId ?? null },',
      ],
      [
        'functions/features/webhooks/routes.ts',
        "asked: ['createWebhook', wanted],",
        "asked: ['createWebhook', wanted.url],",
      ],
    ],
    tests: [
      'test/journey/idempotency.test.ts',
      'the same key of somebody else makes a webhook of their own, and tells no secret',
    ],
  },
  {
    threat: CACHED,
    without: 'the owner in the key of the cache',
    edits: [
      [
        'functions/core/media/same-content.ts',
        'const parts = [owner_id, sha256,',
        'const parts = [owner_id.slice(0, 0), sha256,',
      ],
    ],
    tests: ['test/journey/cache.test.ts', 'the same photo of somebody else is analysed'],
  },
  {
    threat: SPENT,
    without: 'the owner in the query of receipts',
    edits: [
      [
        'functions/features/spend/usage.ts',
        ".where('owner_id', '==', ownerId)\n      .where('usage_month'",
        ".where('usage_month'",
      ],
    ],
    tests: ['test/journey/cache.test.ts', 'the receipt of somebody else cannot be asked for'],
  },
  {
    threat: SPENT,
    without: 'the owner in the name of what deleted media have cost',
    edits: [['functions/features/spend/usage.ts', 'ownerHash(ownerId)}`);', "ownerHash('')}`);"]],
    tests: ['test/journey/cache.test.ts', 'the receipt of somebody else cannot be asked for'],
  },
  {
    threat: PATHS,
    without: 'the letters and digits of an id',
    edits: [
      ['functions/http/ids.ts', 'return /^[A-Za-z0-9]{1,64}$/.test(text);', "return text !== '';"],
    ],
    tests: [ISOLATION, 'an id that is a path leads nowhere'],
  },
  {
    threat: PATHS,
    without: 'object names made of ids',
    edits: [
      [
        'functions/core/work/upload-media.ts',
        'objects.promote(staged.at, originalName(id), contentType)',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
        'objects.promote(staged.at, `${id}/${file_name}`, contentType)',
      ],
      [
        'functions/core/work/upload-media.ts',
        'inPlaceName(source) : originalName(id),',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text.
        'inPlaceName(source) : `${id}/${file_name}`,',
      ],
    ],
    tests: ['test/journey/bad-input.test.ts', 'is kept for display and never used as a path'],
  },
];
