/** The bill. */
import type { Mutation } from './mutation.ts';

const DAILY_UPLOADS = 'functions/core/accept/daily-uploads.ts';
const DAILY_SPEND = 'functions/features/spend/daily-spend.ts';
const MULTIPART = 'functions/core/accept/multipart-source.ts';
const ANNOUNCED = 'functions/features/large-uploads/announced-source.ts';
const ANNOUNCED_TEST = 'functions/features/large-uploads/announced-source.test.ts';
const LIMITS_TEST = 'test/security/limits.test.ts';
const BILL_TEST = 'test/journey/bill.test.ts';
const SPEND_TEST = 'functions/features/spend/daily-spend.test.ts';
const PAID_TEST = 'test/contract/gemini/paid-calls.test.ts';
const FLEX_TEST = 'test/contract/gemini/flex.test.ts';
const COPIES_TEST = 'functions/core/media/same-content.test.ts';
const LOST_TEST = 'test/faults/spend.test.ts';
const PAID_CALLS_TEST = 'functions/features/spend/paid-calls.test.ts';

const EMBEDDER = 'functions/features/search/gemini-embedder.ts';
const EMBEDDER_TEST = 'functions/features/search/gemini-embedder.test.ts';

const SEARCHES = 'searches or vectors without end';
const UPLOADS = 'bytes and files a day';
const FORMS = 'forms that store files and then fail';
const SPEND = 'paid analyses without end';
const CALLS = 'a picture whose answer never fits';
const ENDLESS_CALLS = 'a model that never ends an answer';
const OUTCOMES_TEST = 'test/contract/gemini/outcomes.test.ts';
const VIDEO = 'a video of an hour';
const CUT_OFF = 'paid calls that are cut off';
const COPIES = 'the same photo a hundred times';
const OUTDATED = 'copies beside an outdated analysis';
const TWICE = 'money given back twice';
const FORGOTTEN = 'a paid call forgotten by a dead delivery or late heartbeat';
const UNASKED = 'an unconfirmed, doubled or stopped reanalysis that runs';
const QUOTES = 'quotes that each read thousands of media';
const HOURLY_QUOTES = 'functions/features/reanalyses/hourly-quotes.ts';
const REANALYSES_TEST = 'test/journey/reanalyses.test.ts';
const REANALYSE = 'functions/features/reanalyses/step.ts';
const REANALYSIS_STEP = 'functions/features/reanalyses/plan.ts';
const SPEND_AGAIN = 'functions/features/spend/daily-calls.ts';
/** A task that comes for a run works, whatever its state. */
const IN_ANY_STATE = [
  [REANALYSE, "return state === 'running' || asked.length > 0;", 'return state !== asked.join();'],
  [REANALYSE, "if (run.state !== 'running') return step.finish(false);", ''],
  [
    REANALYSE,
    'const isWaiting = await hasFreshWork(step.askedIds, run, deps);',
    'const isWaiting = false;',
  ],
  [REANALYSIS_STEP, "if (this.#run.state !== 'running') return;", ''],
  [REANALYSE, "state !== 'running' || !isPlanned", '!isPlanned'],
] as const;

const SOUND = 'sound longer than the picture';

export const BILL: readonly Mutation[] = [
  {
    threat: "searching processes that hold the day's dollars",
    without: 'slices of a size of their own',
    edits: [[DAILY_SPEND, '{ owner: 2_000, project: 5_000 }', '{ owner: 20, project: 50 }']],
    tests: [SPEND_TEST, 'by twenty processes that only search'],
  },
  {
    threat: UNASKED,
    without: 'waiting for a confirmation, and for the end of a pause',
    edits: IN_ANY_STATE,
    tests: [
      REANALYSES_TEST,
      'that nobody confirms asks about nothing',
      'that is paused begins nothing',
    ],
  },
  {
    threat: UNASKED,
    without: 'the attempt that was written down before',
    edits: [[REANALYSE, ' || attempts !== attempt - 1', '']],
    tests: [
      'functions/features/reanalyses/step.test.ts',
      'that somebody else has brought up to date meanwhile',
    ],
  },
  {
    threat: UNASKED,
    without: 'the plan of now, after a pause',
    edits: [[REANALYSE, ' || !isPlanned', '']],
    tests: ['functions/features/reanalyses/step.test.ts', 'a step from before a pause'],
  },
  {
    threat: UNASKED,
    without: 'the condition of the commit that counts',
    edits: [[REANALYSE, 'lastUpdateTime ? { lastUpdateTime } : {}', '{}']],
    tests: [
      'functions/features/reanalyses/step.test.ts',
      'a run that is cancelled while a step plans stays cancelled',
    ],
  },
  {
    threat: QUOTES,
    without: 'a limit of an hour',
    edits: [
      [
        HOURLY_QUOTES,
        'latest.length < MAX_QUOTES_PER_HOUR)',
        'latest.length < 1e3 * MAX_QUOTES_PER_HOUR)',
      ],
    ],
    tests: [REANALYSES_TEST, 'is asked for twenty times an hour at most'],
  },
  {
    threat: QUOTES,
    without: 'counting in a transaction',
    edits: [[HOURLY_QUOTES, '(await transaction.get(ref)).data()', '(await ref.get()).data()']],
    tests: ['functions/features/reanalyses/store.test.ts', 'also if many are asked for at once'],
  },
  {
    threat: UNASKED,
    without: 'one at a time',
    edits: [
      [
        'functions/features/reanalyses/store.ts',
        'if (!other) return;',
        'if (!other?.ref.id.at(99)) return;',
      ],
    ],
    tests: [REANALYSES_TEST, 'is one at a time'],
  },
  {
    threat: UNASKED,
    without: 'an end of the quote',
    edits: [
      ['functions/features/reanalyses/quote.ts', '<= now.toMillis()', '<= 0 * now.toMillis()'],
    ],
    tests: [REANALYSES_TEST, 'whose quote is older than an hour is not confirmed'],
  },
  {
    threat: UNASKED,
    without: 'the limit on calls of a day',
    edits: [
      [
        SPEND_AGAIN,
        "return code === 'analysis_too_costly' && paid_calls > 0 &&",
        'return paid_calls < 0 && code !== null &&',
      ],
    ],
    tests: [REANALYSES_TEST, 'passes over a media that was asked about as often'],
  },
  {
    threat: UPLOADS,
    without: 'giving bytes back to their own day',
    edits: [
      [
        DAILY_UPLOADS,
        'await ref.update({ bytes: FieldValue.increment(-uploads.bytes) });',
        'await this.add(ownerId, { bytes: -uploads.bytes, files: 0 });',
      ],
    ],
    tests: [ANNOUNCED_TEST, 'given back after midnight'],
  },
  {
    threat: UPLOADS,
    without: 'refusing',
    edits: [
      [
        DAILY_UPLOADS,
        'if (bytes <= remaining.bytes && files <= remaining.files) return;',
        'if (bytes <= remaining.bytes * 0 + 1e12) return;',
      ],
    ],
    tests: [LIMITS_TEST, 'the bytes of a day are counted over all instances'],
  },
  {
    threat: UPLOADS,
    without: 'counting bytes',
    edits: [
      [DAILY_UPLOADS, 'bytes: FieldValue.increment(bytes),', 'bytes: FieldValue.increment(0),'],
    ],
    tests: [LIMITS_TEST, 'the bytes of a day are counted over all instances'],
  },
  {
    threat: UPLOADS,
    without: 'counting files',
    edits: [
      [DAILY_UPLOADS, 'files: FieldValue.increment(files),', 'files: FieldValue.increment(0),'],
    ],
    tests: [ANNOUNCED_TEST, 'no session is opened beyond the limit of a day'],
  },
  {
    threat: UPLOADS,
    without: 'counting for each owner',
    edits: [[DAILY_UPLOADS, 'const owner = ownerHash(ownerId);', "const owner = ownerHash('');"]],
    tests: [LIMITS_TEST, 'the bytes of a day are counted over all instances'],
  },
  {
    threat: UPLOADS,
    without: 'counting what is announced at the same time',
    edits: [
      [
        DAILY_UPLOADS,
        'const record = (await transaction.get(ref)).data() as',
        'const record = (await ref.get()).data() as',
      ],
    ],
    tests: [ANNOUNCED_TEST, 'are not exceeded by requests side by side'],
  },
  {
    threat: UPLOADS,
    without: 'counting the sessions of a repeated request',
    edits: [
      [ANNOUNCED, '  await chargeReopened(', '  if (!accepted.mediaIds) await chargeReopened('],
    ],
    tests: [ANNOUNCED_TEST, 'no session is opened beyond the limit of a day'],
  },
  {
    threat: UPLOADS,
    without: 'counting the bytes of a repeated request once',
    edits: [
      [
        MULTIPART,
        '  if (!earlier) {\n    const announced',
        "  dailyUploads.refuseMoreThan(remaining, { bytes: Number(request.headers['content-length']), files: 1 });\n" +
          '  if (!earlier) {\n    const announced',
      ],
    ],
    tests: [LIMITS_TEST, 'a request that is repeated with its key'],
  },
  {
    threat: FORMS,
    without: 'counting them',
    edits: [
      [MULTIPART, 'if (!isCharged && stored.length > 0)', 'if (isCharged && stored.length < 0)'],
    ],
    tests: [
      'functions/core/accept/multipart-source.test.ts',
      'that fails at its end is charged for what it stored',
    ],
  },
  {
    threat: SPEND,
    without: 'reserving',
    edits: [[DAILY_SPEND, 'if (left < needed) {', 'if (left < -Number.MAX_SAFE_INTEGER) {']],
    tests: [SPEND_TEST, 'is never passed by a hundred calls at once'],
  },
  {
    threat: SPEND,
    without: 'counting what other calls of the process have reserved',
    edits: [
      [
        DAILY_SPEND,
        'return this.taken - this.reserved - this.spent;',
        'return this.taken - this.spent;',
      ],
    ],
    tests: [SPEND_TEST, 'is never passed by a hundred calls at once'],
  },
  {
    threat: SPEND,
    without: 'a limit for each owner',
    edits: [[DAILY_SPEND, '...this.#account(owner, ownerUsd, this.#slices.owner),', '']],
    tests: [SPEND_TEST, 'of one owner is no other owner’s'],
  },
  {
    threat: SPEND,
    without: 'asking before a call',
    edits: [
      [
        'functions/features/spend/moments.ts',
        'payFor(delivery, paid, isFirst)',
        'payFor(delivery, { ...paid, spend: { reserve: async () => ({ kind: "reserved", settle: () => undefined }) } }, isFirst)',
      ],
    ],
    tests: [BILL_TEST, 'twenty photos at once never cost more than a dollar'],
  },
  {
    threat: SPEND,
    without: 'refusing what is no price',
    edits: [[DAILY_SPEND, 'if (!isPrice(usd)) throw', 'if (usd < -1e9) throw']],
    tests: [SPEND_TEST, 'stands against what is no price'],
  },
  {
    threat: TWICE,
    without: 'knowing that a slice is back',
    edits: [[DAILY_SPEND, 'if (!record?.slices?.[sliceId]) return;', 'if (!record) return;']],
    tests: [LOST_TEST, 'is given back once'],
  },
  {
    threat: TWICE,
    without: 'knowing that a slice was taken',
    edits: [
      [DAILY_SPEND, 'const { [id]: own = NO_SLICE,', 'const { [id.slice(1)]: own = NO_SLICE,'],
    ],
    tests: [LOST_TEST, 'a slice is taken once'],
  },
  {
    threat: TWICE,
    without: 'settling once',
    edits: [[DAILY_SPEND, '      if (!isOpen) return;\n', '']],
    tests: [LOST_TEST, 'is settled once'],
  },
  {
    threat: SEARCHES,
    without: 'the limits of the day for a vector',
    edits: [
      [EMBEDDER, "if (reservation.kind !== 'reserved') return 'limit';", ''],
      [EMBEDDER, 'reservation.settle(usd);', ''],
      [EMBEDDER, 'reservation.settle(isTimeout(error) ? usd : 0);', ''],
    ],
    tests: [EMBEDDER_TEST, 'an owner who may spend no more makes no call'],
  },
  {
    threat: SEARCHES,
    without: 'remembering what was searched for',
    edits: [[EMBEDDER, '    if (known) return known;\n', '']],
    tests: [EMBEDDER_TEST, 'the pages of a search ask once'],
  },
  {
    threat: FORGOTTEN,
    without: 'waiting for the last write',
    edits: [
      [
        'functions/features/spend/paid-calls.ts',
        'delivery.addToLastWrite({ paid_calls: earlier + made });',
        'delivery.addToNextWrite({ paid_calls: earlier + made });',
      ],
    ],
    tests: [
      'test/contract/lease/paid-calls.test.ts',
      'is not forgotten by a write',
      'deliveries that die during a call',
    ],
  },
  {
    threat: CALLS,
    without: 'counting over all deliveries',
    edits: [
      [
        'functions/features/spend/paid-calls.ts',
        'const earlier = isFirst ? (delivery.before.paid_calls ?? 0) : 0;',
        'const earlier = 0;',
      ],
    ],
    tests: [PAID_CALLS_TEST, 'knows what earlier deliveries of its attempt may have paid for'],
  },
  {
    threat: CALLS,
    without: 'waiting for the next day',
    edits: [[SPEND_AGAIN, 'const goesOn = isOfToday(record, now) &&', 'const goesOn = !now &&']],
    tests: ['functions/core/media/store.test.ts', 'on the same day goes on counting'],
  },
  {
    threat: CALLS,
    without: 'counting the calls of earlier deliveries',
    edits: [
      [
        'functions/analysis/ask-twice.ts',
        'const made = callsBefore + ',
        'const made = 0 * callsBefore + ',
      ],
    ],
    tests: [OUTCOMES_TEST, 'what an earlier delivery may have paid for counts'],
  },
  {
    threat: ENDLESS_CALLS,
    without: 'counting a call without an end',
    edits: [['functions/features/spend/paid-calls.ts', 'if (usd !== undefined) return;', '']],
    tests: [PAID_CALLS_TEST, 'a call without an end counts', 'whose model did not answer in time'],
  },
  {
    threat: CALLS,
    without: 'an end of attempts',
    edits: [
      [
        'functions/core/media/refusals.ts',
        'if (attempts - Math.max(0, ...answered) >= MAX_ATTEMPTS) {',
        'if (attempts < 0) {',
      ],
    ],
    tests: ['functions/core/media/store.test.ts', 'after ten attempts is refused'],
  },
  {
    threat: VIDEO,
    without: 'a limit of our own',
    edits: [
      [
        'functions/analysis/video.ts',
        'Math.min(limits.maxSeconds, subject.maxSeconds ?? limits.maxSeconds)',
        'limits.maxSeconds',
      ],
    ],
    tests: ['test/contract/gemini/videos.test.ts', 'what is longer than the operator pays for'],
  },
  {
    threat: SOUND,
    without: 'looking at each track',
    edits: [
      [
        'functions/inspect/video.ts',
        'duration = Math.max(duration, hidden > MAX_HIDDEN_S ? end + hidden : end);',
        'if (each === track) duration = end;',
      ],
    ],
    tests: ['functions/inspect/index.test.ts', 'is as long as its longest track'],
  },
  {
    threat: SOUND,
    without: 'what an edit list hides',
    edits: [['functions/inspect/video.ts', 'hidden > MAX_HIDDEN_S ?', 'hidden < 0 ?']],
    tests: ['functions/inspect/index.test.ts', 'is as long as all its frames'],
  },
  {
    threat: CUT_OFF,
    without: 'knowing that more may have been written than arrived',
    edits: [
      [
        'functions/analysis/providers/google-reader.ts',
        'isWhole: answered.isWhole || (isEnded && !isBegun)',
        'isWhole: true',
      ],
    ],
    tests: [
      PAID_TEST,
      'whose connection breaks in the middle of the answer',
      'that takes too long in the middle of the answer',
    ],
  },
  {
    threat: SPEND,
    without: 'the ordinary price for a call in a tier, which may be billed so',
    edits: [
      ['functions/analysis/call-model.ts', '{ ...config, tier: undefined }', '{ ...config }'],
    ],
    tests: [FLEX_TEST, 'is reserved at the ordinary price'],
  },
  {
    threat: CUT_OFF,
    without: 'counting them',
    edits: [['functions/analysis/call-model.ts', 'else meter.cutOff();', 'else meter.refused();']],
    tests: [PAID_TEST, 'is counted with the most that it can have cost'],
  },
  {
    threat: CUT_OFF,
    without: 'counting them in time',
    edits: [
      [
        'functions/analysis/index.ts',
        "signal.addEventListener('abort', reportSpent, { once: true });",
        '',
      ],
    ],
    tests: [PAID_TEST, 'that the delivery cuts off is on the receipt at once'],
  },
  {
    threat: COPIES,
    without: 'looking for the one that is being analysed',
    edits: [
      [
        'functions/core/media/same-content.ts',
        'const telling = isEnough ? [] : await tellingCopies(all, ref.id, nowMs);',
        'const telling: MediaRecord[] = isEnough ? [] : [];',
      ],
    ],
    tests: [COPIES_TEST, 'finds the one that is being analysed'],
  },
  {
    threat: OUTDATED,
    without: 'seeing that it is out of date',
    edits: [
      [
        'functions/core/media/same-content.ts',
        'if (name === DESCRIBE) return analytics !== null && asked.isCurrent(analytics);',
        'if (name === DESCRIBE) return true;',
      ],
    ],
    tests: [
      COPIES_TEST,
      'at most one is analysed at a time',
      'the others wait for the one that is analysed',
    ],
  },
  {
    threat: OUTDATED,
    without: 'the present key',
    edits: [
      [
        'functions/core/media/same-content.ts',
        'const present = presentKey(recordOf(snapshot), analyst);',
        'const present = undefined as string | undefined;',
      ],
    ],
    tests: [COPIES_TEST, 'find the one that was analysed since then'],
  },
  {
    threat: COPIES,
    without: 'a second look after the claim',
    edits: [
      [
        'functions/core/work/claim.ts',
        'if (ms === undefined) return undefined;',
        'if (ms === undefined || ms > 0) return undefined;',
      ],
    ],
    tests: ['functions/core/media/same-content.test.ts', 'is claimed, and at most one of those'],
  },
];
