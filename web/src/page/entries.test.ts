import { expect, test } from '@jest/globals';
import type { Media } from '../client/index.ts';
import { analysisResult, done, media } from '../client/testing.ts';
import type { Upload } from '../hooks/uploads.ts';
import { type Batch, EMPTY_BATCH, entriesOf, nextBatch, summarize } from './entries.ts';

const upload = (key: string, change: Partial<Upload> = {}): Upload => ({
  key,
  file: new File(['12345678'], `${key}.jpg`),
  state: 'sending',
  isPaused: false,
  sent: 0,
  sendingShare: null,
  mediaId: null,
  announcedId: null,
  error: null,
  ...change,
});
const known = (...states: ReturnType<typeof media>[]) =>
  new Map(states.map((state) => [state.id, state]));

test('uploads come first, in their order; no media is shown twice', () => {
  const uploads = [upload('2'), upload('1', { state: 'accepted', mediaId: 'a' })];
  const entries = entriesOf(uploads, ['a', 'b'], known(media('a'), media('b')));
  expect(entries.map(({ key }) => key)).toEqual(['2', '1', 'b']);
});

test('a deleted media is not shown', () => {
  const uploads = [upload('1', { state: 'accepted', mediaId: 'a' })];
  expect(entriesOf(uploads, ['a', 'b'], known())).toEqual([]);
});

test('the bar of a batch covers sending, storing and analysing, and never goes back', () => {
  const steps: [Upload, ReturnType<typeof media> | undefined][] = [
    [upload('1'), undefined],
    [upload('1', { sent: 8 }), undefined],
    [upload('1', { sent: 8, state: 'accepted', mediaId: 'a' }), media('a', { progress: 0 })],
    [upload('1', { sent: 8, state: 'accepted', mediaId: 'a' }), media('a', { progress: 0.5 })],
    [upload('1', { sent: 8, state: 'accepted', mediaId: 'a' }), done('a')],
  ];
  let batch: Batch = EMPTY_BATCH;
  const progress = steps.map(([file, state]) => {
    const entries = entriesOf([file], [], known(...(state ? [state] : [])));
    batch = nextBatch(batch, entries);
    return summarize(batch, entries).progress;
  });
  expect(progress.map((share) => Math.round(share * 100))).toEqual([0, 15, 15, 24, 100]);
});

test('a batch keeps ended entries, takes in new ones, and starts anew when all have ended', () => {
  const first = [upload('1', { state: 'rejected' }), upload('2')];
  let batch = nextBatch(EMPTY_BATCH, entriesOf(first, [], known()));
  expect(summarize(batch, entriesOf(first, [], known()))).toMatchObject({ total: 2, failed: 1 });
  const over = [upload('1', { state: 'rejected' }), upload('2', { state: 'rejected' })];
  const same = nextBatch(batch, entriesOf(over, [], known()));
  expect(same).toBe(batch);
  const next = [...over, upload('3')];
  batch = nextBatch(batch, entriesOf(next, [], known()));
  expect(summarize(batch, entriesOf(next, [], known()))).toMatchObject({ total: 1, failed: 0 });
});

test('a media that ended earlier belongs to no batch', () => {
  const entries = entriesOf([], ['a'], known(done('a')));
  expect(summarize(nextBatch(EMPTY_BATCH, entries), entries).total).toBe(0);
});

test('a media that is analysed again belongs to no batch; one that never had an answer does', () => {
  const output = { total: 3 };
  const answered = { receipt: analysisResult({ output }) } as Media['analyses'];
  const unanswered = { receipt: analysisResult({ status: 'failed' }) } as Media['analyses'];
  const entries = entriesOf(
    [],
    ['a', 'b', 'c'],
    known(
      media('a', { attempts: 2, analyses: answered }),
      media('b', { attempts: 2, analyses: unanswered }),
      media('c', { attempts: 1, analyses: answered }),
    ),
  );
  expect([...nextBatch(EMPTY_BATCH, entries).members]).toEqual(['b', 'c']);
});
