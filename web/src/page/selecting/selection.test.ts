import { describe, expect, test } from '@jest/globals';
import { media } from '../../client/testing.ts';
import { askedFor, meantOf, press, type Selection } from './selection.ts';

const NONE: Selection = { ids: new Set(), anchor: undefined, rest: undefined };

const ORDER = ['a', 'b', 'c', 'd', 'e'];
const after = (...presses: [id: string, isRange?: boolean][]) =>
  [
    ...presses.reduce((now, [id, isRange = false]) => press(now, id, ORDER, isRange), NONE).ids,
  ].sort();

test('a press selects, and the next one takes it back', () => {
  expect(after(['b'])).toEqual(['b']);
  expect(after(['b'], ['d'], ['b'])).toEqual(['d']);
});

test('a range reaches from the last press, in both directions, and keeps what was selected', () => {
  expect(after(['b'], ['d', true])).toEqual(['b', 'c', 'd']);
  expect(after(['a'], ['e'], ['c', true])).toEqual(['a', 'c', 'd', 'e']);
});

test('a range from a selected end takes all of it back', () => {
  expect(after(['a'], ['e', true], ['c', true])).toEqual(['a', 'b']);
});

test('a range without a beginning is one press', () => {
  expect(after(['c', true])).toEqual(['c']);
  expect([...press({ ...NONE, anchor: 'gone' }, 'c', ORDER, true).ids]).toEqual(['c']);
});

describe('when all were asked for at noon', () => {
  const at = (time: string) => media('x', { created_at: `2026-01-01T${time}:00.000Z` });
  const states = new Map([
    ['old', at('09:00')],
    ['seen', at('11:59')],
    ['new', at('12:01')],
  ]);
  const knownOf = (createdIds: string[] = [], backIds: string[] = []) => ({
    createdIds,
    backIds,
    get: (id: string) => states.get(id),
  });
  const noon = Date.parse('2026-01-01T12:00:00.000Z');

  test('what a page brings is meant, and what was sent or brought back since is not', () => {
    const asked = askedFor(knownOf(), ['seen'], noon);
    expect(meantOf(['old'], asked, knownOf())).toEqual(['old']);
    expect(meantOf(['old'], asked, knownOf(['old']))).toEqual([]);
    expect(meantOf(['old'], asked, knownOf([], ['old']))).toEqual([]);
    // A search has found it, and nobody has told of it yet.
    expect(meantOf(['old', 'new'], asked, knownOf())).toEqual(['old']);
  });

  test('what was sent before is meant, also where the clock of the device is slow', () => {
    // All of a search were sent since the page was opened, and it has loaded a part of them.
    const known = knownOf(['seen'], ['old']);
    expect(meantOf(['seen', 'old'], askedFor(known, [], noon), known)).toEqual(['seen', 'old']);
    expect(meantOf(['old'], askedFor(knownOf(), ['seen'], 0), knownOf())).toEqual(['old']);
  });
});
