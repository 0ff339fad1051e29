import { expect, test } from '@jest/globals';
import type { Media } from '../../client/index.ts';
import { analysisResult, done, media } from '../../client/testing.ts';
import type { Upload } from '../../hooks/uploads/list.ts';
import { type Batch, EMPTY_BATCH, entriesOf, nextBatch, summarize } from './entries.ts';

const upload = (key: string, change: Partial<Upload> = {}): Upload => ({
  key,
  file: new File(['12345678'], `${key}.jpg`),
  state: 'sending',
  isPaused: false,
  sent: 0,
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

const at = (id: string, second: number) =>
  media(id, { status: 'completed', created_at: `2026-01-01T00:00:0${second}.000Z` });

test('what is newer than a batch stands above it, wherever it comes from, and what is older below', () => {
  const states = known(at('new', 9), at('a', 4), at('b', 5), at('old', 1), at('between', 4));
  // Brought back from the bin, it is at the end of the list.
  const listed = ['new', 'b', 'a', 'old', 'between'];
  const entries = entriesOf([], listed, states, ['a', 'b']);
  expect(entries.map(({ key }) => key)).toEqual(['new', 'a', 'b', 'between', 'old']);
});

test('what is sent now is above all', () => {
  const uploads = [upload('1'), upload('2', { state: 'accepted', mediaId: 'b' })];
  const entries = entriesOf(uploads, ['new', 'b'], known(at('new', 9), at('b', 5)), ['1', 'b']);
  expect(entries.map(({ key }) => key)).toEqual(['1', 'new', '2']);
});

test('what was refused or stopped stays with its batch, and on top if it is all of it', () => {
  const states = known(at('new', 9), at('b', 5), at('old', 1));
  const [refused, stopped] = [
    upload('1', { state: 'rejected' }),
    upload('2', { state: 'stopped' }),
  ];
  const alone = entriesOf(
    [refused, stopped],
    ['new', 'old'],
    known(at('new', 9), at('old', 1)),
    [],
  );
  expect(alone.map(({ key }) => key)).toEqual(['1', '2', 'new', 'old']);
  const sent = upload('b', { state: 'accepted', mediaId: 'b' });
  const last = entriesOf([sent, refused], ['new', 'b', 'old'], states, ['b', '1']);
  expect(last.map(({ key }) => key)).toEqual(['new', 'b', '1', 'old']);
  const first = entriesOf([refused, sent], ['new', 'b', 'old'], states, ['1', 'b']);
  expect(first.map(({ key }) => key)).toEqual(['1', 'new', 'b', 'old']);
});

test('a search keeps its order', () => {
  const entries = entriesOf([], ['old', 'new'], known(at('new', 9), at('old', 1)));
  expect(entries.map(({ key }) => key)).toEqual(['old', 'new']);
});

test('a media whose answer was lost with the page before a reload is shown once, in its place, by its upload', () => {
  const lost = (key: string, name: string) =>
    upload(key, { file: new File(['12345678'], name), batchId: 'one' });
  const stored = (id: string, name: string) =>
    media(id, { file_name: name, size: 8, batch_id: 'one' });
  // Two files of a folder have the same name and size: one of them is stored.
  const uploads = [lost('3', '3.jpg'), lost('1', 'same.jpg'), lost('2', 'same.jpg')];
  const states = known(stored('a', 'same.jpg'), stored('c', '3.jpg'), stored('d', 'else.jpg'));
  const entries = entriesOf(uploads, ['d', 'c', 'a'], states, ['a', '2', 'c']);
  expect(entries.map(({ key }) => key)).toEqual(['1', '2', '3', 'd']);
  expect(summarize(nextBatch(EMPTY_BATCH, entries), entries).total).toBe(4);
  // A batch that was remembered by its media counts it before the answer is there.
  const names = new Set(['c']);
  expect(summarize({ members: names, counted: names }, entries).total).toBe(1);
  // Of two alike, nobody knows yet which one it is: its card would open, or delete, the other one.
  expect(entries.map(({ media }) => media?.id)).toEqual([undefined, undefined, 'c', 'd']);
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

test('what is done of a batch that another device sends is counted as long as it goes on', () => {
  const ended = { ...done('b'), batch_id: 'open' };
  const states = (change: Partial<Media>) =>
    known(media('a', { batch_id: 'open', ...change }), ended, done('alone'), {
      ...done('other'),
      batch_id: 'over',
    });
  const countOf = (change: Partial<Media>) => {
    const entries = entriesOf([], ['a', 'b', 'alone', 'other'], states(change));
    return summarize(nextBatch(EMPTY_BATCH, entries), entries).total;
  };
  expect(countOf({})).toBe(2);
  expect(countOf({ status: 'completed' })).toBe(0);
  // One that is tried again is a batch by itself.
  expect(countOf({ attempts: 2 })).toBe(1);
});

test('a media without bytes counts as long as another device is probably sending it', () => {
  const announced = (created_at: string) =>
    entriesOf(
      [],
      ['a', 'b'],
      known(
        media('a', { batch_id: 'open', status: 'pending', wait_code: 'no_bytes', created_at }),
        { ...done('b'), batch_id: 'open' },
      ),
    );
  const ago = (minutes: number) => announced(new Date(Date.now() - minutes * 60_000).toISOString());
  const batch = nextBatch(EMPTY_BATCH, ago(14));
  expect(summarize(batch, ago(14))).toMatchObject({ total: 2, ready: 1 });
  // Nobody may be sending it any more: the batch would not end for a day.
  expect(summarize(batch, ago(16))).toMatchObject({ total: 1, ready: 1, progress: 1 });
  expect(nextBatch(EMPTY_BATCH, ago(16)).members.size).toBe(0);
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
