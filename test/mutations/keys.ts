/** Service keys of backends. */
import type { Mutation } from './mutation.ts';

const CALLER = 'functions/http/service-caller.ts';
const KEYS = 'functions/http/service-keys.ts';
const KEYS_TEST = 'functions/http/service-keys.test.ts';
const TEST = 'test/security/service-keys.test.ts';

const WITHOUT_IT = 'guessing one; sending it by address or cookie; using its hash';
const FLOOD = 'a flood of guesses that cost reads';
const STILL_WORKS = 'a revoked or ended one that still works';
const SCOPES = 'use beyond its purpose';
const OTHERS = 'acting for two users, nobody, or without a key';

export const KEY_MUTATIONS: readonly Mutation[] = [
  {
    threat: WITHOUT_IT,
    without: 'asking whether there is such a key',
    edits: [
      [
        CALLER,
        'const key = await keys.find(text);',
        "const key = { id: 'key', scopes: [scope], endsAtMs: null };",
      ],
    ],
    tests: [TEST, 'that was revoked, or was never made'],
  },
  {
    threat: WITHOUT_IT,
    without: 'the hash in place of the key',
    edits: [
      [
        KEYS,
        'await keys.doc(hash).create(record);',
        'await keys.doc(hash).create({ ...record, text });',
      ],
    ],
    tests: [KEYS_TEST, 'only its hash is kept'],
  },
  {
    threat: FLOOD,
    without: 'a limit to reads for unknown keys',
    edits: [[KEYS, '!this.#takeSpareRead()', 'false']],
    tests: [KEYS_TEST, 'that is guessed'],
  },
  {
    threat: STILL_WORKS,
    without: 'reading the keys again after half a minute',
    edits: [[KEYS, 'const FRESH_MS = 30_000', 'const FRESH_MS = 90_000']],
    tests: [KEYS_TEST, 'that was revoked is refused within a minute, and'],
  },
  {
    threat: STILL_WORKS,
    without: 'an end of what was read before, while the database is away',
    edits: [[KEYS, 'LAST_RESORT_MS = 55_000', 'LAST_RESORT_MS = 3_600_000']],
    tests: [KEYS_TEST, 'also while the database does not answer'],
  },
  {
    threat: STILL_WORKS,
    without: 'the end of a key',
    edits: [[KEYS, 'return hasEnded ? undefined : key;', 'return key;\n    void hasEnded;']],
    tests: [KEYS_TEST, 'ends at its end'],
  },
  {
    threat: STILL_WORKS,
    without: 'the look of an open stream',
    edits: [
      ['functions/stream/handler.ts', 'isUsable || connection.end()', 'isUsable || undefined'],
    ],
    tests: ['functions/stream/handler.test.ts', 'comes when the service key of its caller'],
  },
  {
    threat: SCOPES,
    without: 'the check of scopes',
    edits: [
      [
        CALLER,
        'if (!key.scopes.includes(scope)) {',
        'if (!key.scopes.includes(scope) && scope !== scope) {',
      ],
    ],
    tests: [TEST, 'with the scopes'],
  },
  {
    threat: OTHERS,
    without: 'the form of a user',
    edits: [[CALLER, 'ownerId !== undefined && !isOwnerId(ownerId)', 'ownerId?.length === 0']],
    tests: [TEST, 'acts for nobody'],
  },
  {
    threat: OTHERS,
    without: 'the refusal of a user who names another',
    edits: [
      [
        'functions/http/identity.ts',
        "if (headers['x-on-behalf-of'] !== undefined) {",
        "if (headers['x-on-behalf-of'] === 'x') {",
      ],
    ],
    tests: [TEST, 'a user acts for nobody else'],
  },
];
