/** The filters that most people use come first. */
import { type InputHTMLAttributes, type ReactNode, useId, useState } from 'react';
import { useWords } from '../../components/words/index.ts';
import { canSortByTaken, type Fields, hasWords } from './search-fields.ts';
import { searchWordsFor } from './search-words.ts';
import type { Suggestions } from './suggestions.ts';

const PEOPLE = [1, 2, 3, 5, 10];

interface SearchFiltersProps {
  fields: Fields;
  suggestions: Suggestions | undefined;
  onChange: (name: keyof Fields, value: string) => void;
}

export function SearchFilters({ fields, suggestions, onChange }: SearchFiltersProps) {
  const words = searchWordsFor(useWords().language);
  const [labels, places] = [useId(), useId()];
  const { tag, text, people, status, date, sort } = fields;
  const [hasMore] = useState(() => Boolean(tag || text || people || status || date || sort));
  const day = words.dates[date === 'added' ? 'added' : 'taken'];
  const propsOf = (name: keyof Fields) => ({
    className: 'ma-ask-input',
    value: fields[name] ?? '',
    onChange: ({ target }: { target: { value: string } }) => onChange(name, target.value),
  });
  const field = (
    name: keyof Fields,
    label: string,
    more?: InputHTMLAttributes<HTMLInputElement>,
  ) => (
    <Labelled label={label}>
      <input maxLength={200} {...more} {...propsOf(name)} />
    </Labelled>
  );
  const choice = (
    name: keyof Fields,
    label: string,
    options: Record<string, string>,
    otherwise = words.any,
  ) => (
    <Labelled label={label}>
      <select {...propsOf(name)}>
        <option value="">{otherwise}</option>
        {Object.entries(options).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </Labelled>
  );
  const { relevance, newest, oldest, ...taken } = words.sorts;
  const orders = {
    ...(hasWords(fields) && { newest }),
    oldest,
    ...(canSortByTaken(fields) && taken),
  };
  const numbers = PEOPLE.map((n) => [n, words.atLeast(n)]);
  return (
    <>
      <Known id={labels} words={suggestions?.labels} />
      <Known id={places} words={suggestions?.places} />
      {choice('kind', words.kind, words.kinds)}
      {field('place', words.place, { list: places })}
      {field('from', words.from(day), { type: 'date', max: '9999-12-31' })}
      {field('to', words.to(day), { type: 'date', max: '9999-12-31' })}
      <details open={hasMore}>
        <summary>{words.more}</summary>
        <div>
          {choice('date', words.date, { added: words.dates.added }, words.dates.taken)}
          {field('tag', words.tag, { list: labels })}
          {field('text', words.text)}
          {choice('people', words.people, { 0: words.nobody, ...Object.fromEntries(numbers) })}
          {choice('status', words.status, words.statuses)}
          {choice('sort', words.sort, orders, hasWords(fields) ? relevance : newest)}
        </div>
      </details>
    </>
  );
}

const Labelled = ({ label, children }: { label: string; children: ReactNode }) => (
  // biome-ignore lint/a11y/noLabelWithoutControl: the control is in it
  <label className="ma-search-filter">
    <span>{label}</span>
    {children}
  </label>
);

/** The browser's suggestions in a field. An empty list keeps the field the same to a screen reader. */
export const Known = ({
  id,
  words = [],
}: {
  id: string;
  words?: readonly string[] | undefined;
}) => (
  <datalist id={id}>
    {[...new Set(words)].map((word) => (
      <option key={word} value={word} />
    ))}
  </datalist>
);
