/** What moderation holds back. */
import type { Mutation } from './mutation.ts';

const WITHHELD = 'functions/features/moderation/withheld.ts';
const STORE = 'functions/features/moderation/store.ts';
const MOMENTS = 'functions/features/moderation/moments.ts';
const JOURNEY = 'test/journey/moderation.test.ts';
const WHOLE_JOURNEY = 'test/journey/moderation.long.test.ts';
const WITHHELD_TEST = 'functions/features/moderation/withheld.test.ts';
const STORE_TEST = 'functions/features/moderation/store.test.ts';

const SERVED = 'an unsafe or unjudged picture is served despite `MODERATION=hold`';
const AGAIN = 'a copy or a further analysis, for a better verdict';
const BEFORE = 'an approval older than an unsafe verdict';
const ADDRESS = 'a signed address that outlives a verdict';

export const MODERATION: readonly Mutation[] = [
  {
    threat: AGAIN,
    without: 'what was said of copies before moderation',
    edits: [
      [STORE, 'isFirst ? await this.#copies(owner_id, content, transaction) : copies', 'copies'],
    ],
    tests: [STORE_TEST, 'a description from a time without moderation'],
  },
  {
    threat: AGAIN,
    without: 'refusing to bring a description of before back',
    edits: [
      [
        'functions/features/moderation/moments.ts',
        "(present) => refuseWithheld(present, 'hold')",
        '() => undefined',
      ],
    ],
    tests: [JOURNEY, 'a better description of before is not brought back'],
  },
  {
    threat: AGAIN,
    without: 'the verdict of an earlier description that is brought back',
    edits: [[MOMENTS, "      await store.judge(record, 'unsafe');\n", '']],
    tests: [WHOLE_JOURNEY, 'an earlier description that says unsafe'],
  },
  {
    threat: AGAIN,
    without: 'telling copies that were not judged',
    edits: [[STORE, 'return !isNewlyUnsafe && others.every', 'return others.every']],
    tests: [STORE_TEST, 'one that turns out to be unsafe later is told'],
  },
  {
    threat: SERVED,
    without: 'the question of the api whether it is held back',
    edits: [[MOMENTS, '      refuseWithheld(record, mode);\n', '']],
    tests: [
      JOURNEY,
      'nothing is served before there is a verdict',
      'what is unsafe is held back, and a later analysis does not change that',
    ],
  },
  {
    threat: SERVED,
    without: 'holding back what was not judged',
    edits: [
      [
        WITHHELD,
        "return verdict === 'unsafe' ? 'unsafe' : 'unchecked';",
        "return verdict === 'unsafe' ? 'unsafe' : undefined;",
      ],
    ],
    tests: [WITHHELD_TEST, 'never judged'],
  },
  {
    threat: AGAIN,
    without: 'the worst of two verdicts',
    edits: [[WITHHELD, 'VERDICTS.indexOf(a) > VERDICTS.indexOf(b) ? a : b', 'b']],
    tests: [WITHHELD_TEST, 'two states give the same in either order'],
  },
  {
    threat: AGAIN,
    without: 'reading what is known of copies',
    edits: [[STORE, '[moderationOf(record), ...others].reduce', '[moderationOf(record)].reduce']],
    tests: [STORE_TEST, 'one that comes later knows what earlier ones know'],
  },
  {
    threat: AGAIN,
    without: 'telling the copies',
    edits: [[STORE, '    if (news) await this.#spread(owner_id, content, news);\n', '']],
    tests: [STORE_TEST, 'ten copies that are judged at once'],
  },
  {
    threat: AGAIN,
    without: 'leaving the revision to the holder of the lease',
    edits: [[STORE, '...(record.lease === null && {', '...(true && {']],
    tests: [STORE_TEST, 'the holder of a lease loses neither'],
  },
  {
    threat: BEFORE,
    without: 'the verdict of the time of the approval',
    edits: [
      [
        WITHHELD,
        "last?.kind === 'approved' && verdict === 'unsafe' && last.verdict !== 'unsafe'",
        'last === undefined',
      ],
    ],
    tests: [WITHHELD_TEST, 'approved unchecked, and then unsafe'],
  },
  {
    threat: ADDRESS,
    without: 'the limit of the address',
    edits: [['functions/features/moderation/settings.ts', 'hold: 120', 'hold: 900']],
    tests: ['functions/features/moderation/settings.test.ts', 'under moderation a signed address'],
  },
];
