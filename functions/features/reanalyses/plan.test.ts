import { Timestamp } from '@google-cloud/firestore';
import { expect, test } from '@jest/globals';
import { mediaRecord, NOW } from '../../../test/support/media.ts';
import type { MediaRecord } from '../../core/media/record.ts';
import { ReanalysisPlan } from './plan.ts';
import type { ReanalysisRecord } from './record.ts';

const MINUTE = 60_000;
const at = (ms: number) => Timestamp.fromMillis(NOW + ms);
const nothing = { input_tokens: 0, output_tokens: 0, cost_usd: 0 };
const cost = (cost_usd: number) => ({
  model: 'm',
  input_tokens: 7,
  output_tokens: 1,
  cost_usd,
  cached: false,
  attempts: 1,
  duration_ms: 1,
});

/** A run that describes all media of an owner again, two at a time. */
const run: ReanalysisRecord = {
  id: 'run',
  owner_id: 'alice',
  analysis: 'describe',
  input: {},
  language: null,
  model: null,
  tier: null,
  filter: { only: 'any' },
  state: 'running',
  wait_code: null,
  quote: {
    media: 2,
    up_to_date: 0,
    not_possible: 0,
    input_tokens: null,
    output_tokens: null,
    cost_usd: null,
    minutes: null,
    receipts: 0,
    note: null,
    expires_at: '',
  },
  done: 0,
  failed: 0,
  skipped: 0,
  input_tokens: 0,
  output_tokens: 0,
  cost_usd: 0,
  created_at: at(0),
  updated_at: at(0),
  ended_at: null,
  revision: 3,
  target: { model: 'm', version: '2' },
  asked: [],
  upcoming: [],
  cursor: 'end',
  busy: [],
  is_last_round: false,
  due_at: null,
  expires_at: null,
};

/** A stored media without a description. */
const stored = (id: string, patch: Partial<MediaRecord> = {}) =>
  mediaRecord({ id, status: 'completed', object: id, queue_state: null, ...patch });
const asked = (media_id: string, attempt = 2) => ({ media_id, attempt, before: nothing });
/** A media that this run has asked about. */
const working = (id: string, patch: Partial<MediaRecord> = {}) =>
  stored(id, { status: 'pending', attempts: 2, asked_by: 'run', updated_at: at(0), ...patch });
const answered = (attempt: number) => {
  const made = { attempt, at: '', input: {}, language: 'en', usage: cost(0.5), asked: 'm' };
  return { status: 'completed', made: { describe: made }, usage: cost(2) } as const;
};

interface Given {
  run?: Partial<ReanalysisRecord>;
  /** Reads find each media by its id, and each page has all of them. */
  media?: MediaRecord[];
  hasFreshWork?: boolean;
  /** Pages that follow. */
  pages?: number;
}

/** Reads as `step.ts` does. */
function decide({ run: patch, media = [], hasFreshWork = false, pages = 0 }: Given) {
  const before = { ...run, ...patch };
  const find = (wanted: string) => media.find(({ id }) => id === wanted);
  const records = before.asked.map(({ media_id }) => find(media_id));
  const step = new ReanalysisPlan(before, records, { inFlight: 2, nowMs: NOW + MINUTE });
  if (before.state === 'running' && !hasFreshWork) {
    let read = step.nextRead();
    for (let page = 1; read; read = step.nextRead()) {
      if ('ids' in read) for (const id of read.ids) step.choose(id, find(id));
      else step.addPage({ records: media, cursor: page++ < pages ? { next: page } : 'end' });
    }
  }
  const { run: after, toAsk, stuck, nextMs } = step.finish(hasFreshWork);
  return { ...after, toAsk: toAsk.map((each) => each.media_id), stuck: stuck.length, nextMs };
}

const LOOK = { nextMs: 10_000 };
const NO_MORE = { nextMs: undefined, due_at: null };

test.each<[string, Given, object]>([
  [
    'two are asked about, the others stay in line',
    { run: { cursor: 'start' }, media: [stored('a'), stored('b'), stored('c')], pages: 1 },
    { toAsk: ['a', 'b'], upcoming: ['c'], ...LOOK, revision: 4 },
  ],
  [
    'an answer makes room for the next one, and is counted with what it cost',
    {
      run: { asked: [asked('a'), asked('b')], upcoming: ['c'] },
      media: [working('a', answered(2)), working('b'), stored('c')],
    },
    { done: 1, cost_usd: 2, input_tokens: 7, toAsk: ['c'], asked: [asked('b'), asked('c', 2)] },
  ],
  [
    'an attempt that ended without an answer has failed',
    { run: { asked: [asked('a')] }, media: [working('a', { status: 'failed' })] },
    { done: 0, failed: 1, state: 'completed' },
  ],
  [
    'an attempt that another one has followed had ended too',
    {
      run: { asked: [asked('a')] },
      media: [working('a', { ...answered(2), attempts: 3, asked_by: 'other' })],
    },
    { done: 1, state: 'completed' },
  ],
  [
    'what was written down and not asked is asked, without being chosen again',
    { run: { asked: [asked('a')] }, media: [stored('a')] },
    { toAsk: ['a'], asked: [asked('a')], skipped: 0 },
  ],
  [
    'it goes back into the line of a run that is paused',
    { run: { state: 'paused', asked: [asked('a')], upcoming: ['b'] }, media: [stored('a')] },
    { toAsk: [], asked: [], upcoming: ['a', 'b'], skipped: 0, ...NO_MORE },
  ],
  [
    'it is dropped from a run that is cancelled',
    { run: { state: 'cancelled', asked: [asked('a')] }, media: [stored('a')] },
    { toAsk: [], asked: [], skipped: 0, ...NO_MORE },
  ],
  [
    'a run that is cancelled waits for what it has asked about',
    { run: { state: 'cancelled', asked: [asked('a')] }, media: [working('a')] },
    { state: 'cancelled', asked: [asked('a')], ...LOOK },
  ],
  [
    'fresh uploads go first: nothing is chosen',
    { run: { upcoming: ['a'] }, media: [stored('a')], hasFreshWork: true },
    { toAsk: [], wait_code: 'fresh_uploads', state: 'running', upcoming: ['a'], ...LOOK },
  ],
  [
    'one that was deleted is skipped, while it was asked about and before',
    { run: { asked: [asked('a')], upcoming: ['b'] } },
    { skipped: 2, state: 'completed' },
  ],
  [
    'one that others are working on is kept for the end',
    { run: { upcoming: ['a', 'b'] }, media: [stored('a', { status: 'analyzing' }), stored('b')] },
    { busy: [], upcoming: [], is_last_round: true, toAsk: ['b'], skipped: 1 },
  ],
  [
    'an attempt of somebody else is not counted as its own',
    {
      run: { asked: [asked('a'), asked('b')] },
      media: [working('a', { ...answered(2), asked_by: 'other' }), working('b')],
    },
    { done: 0, failed: 0, is_last_round: true, toAsk: ['a'] },
  ],
  [
    'one that may not be paid for again today is skipped',
    {
      run: { upcoming: ['a'] },
      media: [
        stored('a', {
          status: 'failed',
          error_code: 'analysis_too_costly',
          paid_calls: 9,
          updated_at: at(0),
        }),
      ],
    },
    { skipped: 2, toAsk: [], state: 'completed' },
  ],
  [
    'after ten pages without one to ask about, the next step goes on at once',
    { run: { cursor: 'start' }, pages: 99 },
    { state: 'running', cursor: { next: 11 }, nextMs: 0 },
  ],
  [
    'one whose task may be lost is stuck, and one that has just been asked is not',
    {
      run: { asked: [asked('a'), asked('b')] },
      media: [working('a'), working('b', { updated_at: at(MINUTE - 10_000) })],
    },
    { stuck: 1, ...LOOK },
  ],
  [
    'the next look is when the first of them may go on, if all wait',
    {
      run: { asked: [asked('a'), asked('b')] },
      media: [
        working('a', { wait_code: 'analysis_quota', retry_at: at(3 * MINUTE) }),
        working('b', { wait_code: 'analysis_quota', retry_at: at(9 * MINUTE) }),
      ],
    },
    { wait_code: 'analysis_quota', nextMs: 2 * MINUTE },
  ],
  [
    'and at the latest in ten minutes',
    {
      run: { asked: [asked('a')], cursor: 'end' },
      media: [working('a', { wait_code: 'analysis_spend_cap', retry_at: at(900 * MINUTE) })],
    },
    { wait_code: 'analysis_spend_cap', nextMs: 10 * MINUTE },
  ],
  [
    'what its owner cannot see is no news',
    { run: { asked: [asked('a')], due_at: at(0) }, media: [working('a')] },
    { revision: 3, updated_at: at(0), due_at: at(MINUTE + 10_000) },
  ],
  [
    'the end: what was deleted before it was read counts as skipped',
    { run: { done: 1 } },
    {
      state: 'completed',
      skipped: 1,
      ended_at: at(MINUTE),
      ...NO_MORE,
      revision: 4,
      wait_code: null,
    },
  ],
])('%s', (_title, given, expected) => {
  expect(decide(given)).toMatchObject(expected);
});
