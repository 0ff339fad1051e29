/** In a long library: the list begins with the month that is chosen, and goes on from there both ways. */
import { skipToken, useQuery } from '@tanstack/react-query';
import { libraryOf, type MediaFilters } from '../../client/index.ts';
import { useWords } from '../../components/words/index.ts';
import { useMediaClient, useQueryCache } from '../../hooks/context.ts';
import type { MediaListState, MediaSearchState } from '../../hooks/index.ts';
import { isByWords, orderOf } from './days.ts';
import { byYear, startingAt, startOfList } from './months.ts';

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

/** In a shorter list one sees all of it sooner. */
const FEW = 60;

interface GoToMonthProps {
  list: MediaListState;
  /** The list of the month that is chosen. */
  below: MediaSearchState;
  search: MediaFilters | undefined;
  onSearch: (filters: MediaFilters | undefined) => void;
}

export function GoToMonth({ list, below, search, onSearch }: GoToMonthProps) {
  const { language, loading } = useWords();
  const words = WORDS[language === 'ja' ? 'ja' : 'en'];
  const order = orderOf(search);
  const month = startOfList(search);
  const isByTime = order && !isByWords(search);
  const isLong = list.hasMore || list.ids.length > FEW || month !== undefined;
  const wanted = isByTime && isLong ? startingAt(search, undefined, order) : undefined;
  const months = useMonths(isByTime && isLong ? (wanted ?? {}) : undefined);
  if (!isByTime || !isLong || !months || (months.length < 2 && !month)) return null;
  const formatOf = (format: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...format, timeZone: 'UTC' });
  // What is chosen is seen without its year's heading.
  const monthName = formatOf({ year: 'numeric', month: 'long' });
  const yearName = formatOf({ year: 'numeric' });
  const choose = (chosen: string) => {
    onSearch(startingAt(search, chosen || undefined, order));
  };
  const isKnown = months.some((each) => each.month === month);
  return (
    <div className="ma-month-place">
      <select
        className="ma-button ma-go-to-month"
        aria-label={words.goTo}
        value={month ?? ''}
        onChange={({ target }) => choose(target.value)}
      >
        <option value="">
          {month === undefined ? words.goTo : words.first[Number(order.isOldestFirst)]}
        </option>
        {/* A link may lead to a month that has nothing. */}
        {month !== undefined && !isKnown && (
          <option value={month}>{monthName.format(Date.parse(month))}</option>
        )}
        {byYear(months).map(({ year, months: those }) => (
          <optgroup key={year} label={yearName.format(Date.parse(year))}>
            {those.map((each) => (
              <option key={each.month} value={each.month}>
                {words.month(monthName.format(Date.parse(each.month)), each.count)}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      {/* The search says it to a screen reader. */}
      {month !== undefined && below.isOutdated && below.isLoading && (
        <span className="ma-month-going" aria-hidden={true}>
          {loading}
        </span>
      )}
    </div>
  );
}

/** Of the list that these filters find. They are counted anew for other filters, and not each time that the list grows. */
function useMonths(filters: MediaFilters | undefined) {
  const client = useMediaClient();
  const { data } = useQuery(
    {
      queryKey: ['months', filters],
      queryFn: filters ? ({ signal }) => libraryOf(client).months(filters, { signal }) : skipToken,
    },
    useQueryCache(),
  );
  // The list says it if the service cannot be reached.
  return data;
}
