/** In a long library the user can choose a month: the list begins with it, and goes on both ways. */
import { skipToken, useQuery } from '@tanstack/react-query';
import { libraryOf, type MediaFilters } from '../../client/index.ts';
import { useWords } from '../../components/words/index.ts';
import { useMediaClient, useQueryCache } from '../../hooks/context.ts';
import type { MediaListState, MediaSearchState } from '../../hooks/index.ts';
import { isByWords, orderOf } from './days.ts';
import { startingAt, startOfList } from './months.ts';

const WORDS = {
  en: {
    goTo: 'Go to month',
    first: ['Back to the newest', 'Back to the oldest'],
    month: (name: string, count: number) => `${name} (${count})`,
  },
  ja: {
    goTo: '月へ移動',
    first: ['最新に戻る', '最も古い項目に戻る'],
    month: (name: string, count: number) => `${name}（${count}件）`,
  },
};

/** In a shorter list the user sees all of it sooner. */
const FEW = 60;

interface GoToMonthProps {
  list: MediaListState;
  /** The list of the chosen month. */
  below: MediaSearchState;
  search: MediaFilters | undefined;
  onSearch: (filters: MediaFilters | undefined) => void;
}

export function GoToMonth({ list, below, search, onSearch }: GoToMonthProps) {
  const { language } = useWords();
  const words = WORDS[language === 'ja' ? 'ja' : 'en'];
  const client = useMediaClient();
  const month = startOfList(search);
  const isLong = list.hasMore || list.ids.length > FEW || month !== undefined;
  const order = isLong && !isByWords(search) ? orderOf(search) : undefined;
  const filters = order && (startingAt(search, undefined, order) ?? {});
  // Months are not counted again when the list grows. If the service cannot be reached, the list says so.
  const { data: months } = useQuery(
    {
      queryKey: ['months', filters],
      queryFn: filters ? ({ signal }) => libraryOf(client).months(filters, { signal }) : skipToken,
    },
    useQueryCache(),
  );
  if (!order || !months || (months.length < 2 && !month)) return null;
  const nameOf = (time: string, format: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...format, timeZone: 'UTC' }).format(Date.parse(time));
  // Has the year: the chosen month is shown without its heading.
  const monthName = (each: string) => nameOf(each, { year: 'numeric', month: 'long' });
  const choose = (chosen: string) => {
    onSearch(startingAt(search, chosen || undefined, order));
  };
  return (
    <div className="ma-month-place">
      <select
        className="ma-button ma-go-to-month"
        aria-label={words.goTo}
        aria-busy={month !== undefined && below.isOutdated && below.isLoading}
        value={month ?? ''}
        onChange={({ target }) => choose(target.value)}
      >
        <option value="">
          {month === undefined ? words.goTo : words.first[Number(order.isOldestFirst)]}
        </option>
        {/* A link may lead to a month without media. */}
        {month !== undefined && months.every((each) => each.month !== month) && (
          <option value={month}>{monthName(month)}</option>
        )}
        {[...new Set(months.map((each) => each.month.slice(0, 4)))].map((year) => (
          <optgroup key={year} label={nameOf(year, { year: 'numeric' })}>
            {months
              .filter((each) => each.month.startsWith(year))
              .map((each) => (
                <option key={each.month} value={each.month}>
                  {words.month(monthName(each.month), each.count)}
                </option>
              ))}
          </optgroup>
        ))}
      </select>
    </div>
  );
}
