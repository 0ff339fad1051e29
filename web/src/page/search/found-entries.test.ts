import { expect, test } from '@jest/globals';
import type { Media } from '../../client/index.ts';
import { media } from '../../client/testing.ts';
import type { Upload } from '../../hooks/uploads/list.ts';
import { EMPTY_BATCH, type Entry, entriesOf } from '../library/entries.ts';
import { foundEntries } from './found-entries.ts';

const states = (...all: Media[]) => new Map(all.map((each) => [each.id, each]));
const done = { status: 'completed', stage: 'completed' } as Partial<Media>;
const upload = (key: string, change: Partial<Upload>) =>
  ({ key, state: 'sending', file: new File([], `${key}.jpg`), ...change }) as Upload;

/** The keys, those above all with a star. */
function keysOf(
  entries: readonly Entry[],
  known: ReadonlyMap<string, Media>,
  filters: Parameters<typeof foundEntries>[0]['filters'],
  members: string[] = [],
) {
  const found = foundEntries({
    entries,
    media: known,
    filters,
    foundIds: [...known.keys()],
    batch: { ...EMPTY_BATCH, members: new Set(members) },
  });
  return found.map(({ key, isOnTop }) => (isOnTop ? `${key}*` : key));
}

test('in an order alone, what was sent here stays above, with its media too, and stands there once', () => {
  const known = states(media('old', done), media('new', done));
  const uploads = [
    upload('a', { state: 'accepted', mediaId: 'new' }),
    upload('b', {}),
    upload('c', { isElsewhere: true }),
  ];
  const entries = entriesOf(uploads, ['new', 'old'], known);
  expect(keysOf(entries, known, { sort: 'oldest' })).toEqual(['a*', 'b*', 'c*', 'old']);
  // A search has what it finds, and what has not arrived.
  expect(keysOf(entries, known, { sort: 'oldest', kind: 'image' })).toEqual(['b', 'old', 'new']);
  // So has a list that begins further down.
  expect(keysOf(entries, known, { sort: 'oldest', start: '2026-01-01' })).toEqual([
    ...['b', 'old', 'new'],
  ]);
});

test('what another device sends is above while its batch goes on, and what is tried again keeps its place', () => {
  const known = states(media('old'), media('again', { attempts: 2 }), media('theirs'));
  const entries = entriesOf([], ['theirs', 'again', 'old'], known);
  expect(keysOf(entries, known, { sort: 'oldest' }, ['again', 'theirs'])).toEqual([
    ...['theirs*', 'old', 'again'],
  ]);
});
