import { expect, test } from '@jest/globals';
import type { Media } from '../../client/index.ts';
import { done, media } from '../../client/testing.ts';
import type { Upload } from '../../hooks/uploads/list.ts';
import { entriesOf, openBatches } from '../library/entries.ts';
import { orderBatches } from './batch-order.ts';

const known = (...states: Media[]) => new Map(states.map((state) => [state.id, state]));

const sentOf = (
  uploads: readonly Upload[],
  listedIds: readonly string[],
  states: ReadonlyMap<string, Media>,
  order: readonly string[],
  hasMore = false,
) =>
  orderBatches(
    entriesOf(uploads, listedIds, states, order),
    listedIds,
    openBatches(states.values()),
    hasMore,
  );

test('what another device sends is in the order in which it is worked on, and what comes later is below it', () => {
  const sent = (id: string, batch_id = 'open') => media(id, { batch_id });
  const states = known(sent('a'), sent('b'), sent('c'), sent('x', 'x'), done('old'));
  const first = sentOf([], ['x', 'c', 'b', 'a', 'old'], states, []);
  expect(first.map(({ key }) => key)).toEqual(['x', 'a', 'b', 'c', 'old']);
  expect(first.map(({ hasPlace }) => hasPlace)).toEqual([true, true, true, true, false]);
  // The page has remembered it.
  const order = ['x', 'a', 'b', 'c'];
  const more = known(...states.values(), sent('d'), sent('e'), {
    ...sent('y', 'y'),
    created_at: new Date(Date.now() + 1_000).toISOString(),
  });
  const next = sentOf([], ['y', 'e', 'd', 'x', 'c', 'b', 'a', 'old'], more, order);
  expect(next.map(({ key }) => key)).toEqual(['y', 'x', 'a', 'b', 'c', 'd', 'e', 'old']);
  // It keeps its place when it has ended.
  const ended = known(
    ...[...more.values()].map((each) => ({ ...each, status: 'completed' as const })),
  );
  const last = sentOf(
    [],
    ['y', 'e', 'd', 'x', 'c', 'b', 'a', 'old'],
    ended,
    next.map(({ key }) => key),
  );
  expect(last.map(({ key }) => key)).toEqual(next.map(({ key }) => key));
});

const accepted = { key: '1', state: 'accepted', mediaId: 'a' } as Upload;

test('what this page sends itself is in the order in which it was chosen, whatever else is of its batch', () => {
  const states = known(...['a', 'b'].map((id) => media(id, { batch_id: 'open' })));
  const entries = sentOf([accepted], ['b', 'a'], states, []);
  expect(entries.map(({ key, hasPlace }) => [key, hasPlace])).toEqual([
    ['1', true],
    ['b', false],
  ]);
});

test('a batch of another device that has ended has the newest first', () => {
  const states = known(...['a', 'b'].map((id) => ({ ...done(id), batch_id: 'over' })));
  expect(sentOf([], ['b', 'a'], states, []).map(({ key }) => key)).toEqual(['b', 'a']);
});

test('a batch that goes on beyond what is loaded is in order, and its media have no place yet', () => {
  const states = known(
    ...['a', 'b', 'c'].map((id) => media(id, { batch_id: id === 'c' ? 'c' : 'open' })),
  );
  const entries = sentOf([], ['c', 'b', 'a'], states, [], true);
  expect(entries.map(({ key, hasPlace }) => [key, hasPlace])).toEqual([
    ['c', true],
    ['a', false],
    ['b', false],
  ]);
});
