/** What a search without results would find without one of its conditions. */
import { withToday } from '@media-analysis/shared/with-today';
import { libraryOf, type MediaClient, type MediaFilters } from '../../client/index.ts';
import { isByWords } from '../library/days.ts';
import { isNarrowed } from './search-address.ts';
import { type Fields, fieldsOf, filtersOf } from './search-fields.ts';
import type { searchWordsFor } from './search-words.ts';

/** Each condition costs a request. */
const MOST = 8;

type Words = ReturnType<typeof searchWordsFor>;

/**
 * @returns for each condition without which something is found: what a button says, and the filters that remain. A condition
 * whose request failed is left out.
 */
export async function waysOn(
  client: MediaClient,
  filters: MediaFilters,
  words: Words,
  signal: AbortSignal,
) {
  const asked = conditionsOf(filters, words).slice(0, MOST);
  const ways = await Promise.all(
    asked.map(async (each) => {
      const count = await countOf(client, each.rest, signal).catch(() => 0);
      return { ...each, count };
    }),
  );
  return ways.flatMap(({ condition, rest, count }) => {
    const label = isNarrowed(rest) ? words.without(condition, count) : words.showAll;
    return count === 0 ? [] : { label, rest };
  });
}

async function countOf(client: MediaClient, filters: MediaFilters = {}, signal: AbortSignal) {
  if (isByWords(filters)) {
    const { media, total } = await client.search(withToday(filters), { limit: 1, signal });
    return media.length === 0 ? 0 : total;
  }
  // An order by capture time would count only media that have one.
  const { sort: _, ...rest } = filters;
  const months = await libraryOf(client).months(rest, { signal });
  return months.reduce((sum, { count }) => sum + count, 0);
}

function conditionsOf(filters: MediaFilters, words: Words) {
  const fields = fieldsOf(filters);
  const { q = '', from, to, date: _, sort: _sort, ...others } = fields;
  const without = (condition: string, change: Fields) => ({
    condition,
    rest: filtersOf({ ...fields, ...change }),
  });
  const typed = [...new Set(q.split(/\s+/).filter(Boolean))];
  return [
    ...typed.map((word) =>
      without(words.quoted(word), { q: typed.filter((each) => each !== word).join(' ') }),
    ),
    ...Object.entries(others).flatMap(([name, value = '']) =>
      value ? without(nameOf(name, value, words), { [name]: '' }) : [],
    ),
    ...(from || to ? [without(words.days, { from: '', to: '' })] : []),
  ];
}

/** The value as its field shows it. */
function nameOf(name: string, value: string, words: Words): string {
  if (name === 'similar_to') return words.likeness;
  if (name === 'people')
    return words.quoted(value === '0' ? words.nobody : words.atLeast(Number(value)));
  const choices: Record<string, string> = { ...words.kinds, ...words.statuses };
  return words.quoted(choices[value] ?? value);
}
