/** The filters: first what most people look for. */
import { type InputHTMLAttributes, type ReactNode, useId, useState } from 'react';
import { useWords } from '../../components/words/index.ts';
import { areCrossed, canSortByTaken, type Fields, hasWords } from './search-fields.ts';
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
  const [labels, places, problem] = [useId(), useId(), useId()];
  const { tag, text, people, status, date, sort } = fields;
  const [hasMore] = useState(() => Boolean(tag || text || people || status || date || sort));
  const day = words.dates[date === 'added' ? 'added' : 'taken'];
  const [from, to] = [words.from(day), words.to(day)];
  const isWrong = areCrossed(fields);
  const labelled = (label: string, control: ReactNode) => (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is in it
    <label className="ma-search-filter">
      <span>{label}</span>
      {control}
    </label>
  );
  const field = (name: keyof Fields, label: string, more: InputHTMLAttributes<HTMLInputElement>) =>
    labelled(
      label,
      <input
        maxLength={200}
        {...more}
        className="ma-ask-input"
        value={fields[name] ?? ''}
        onChange={({ target }) => onChange(name, target.value)}
      />,
    );
  // The calendar of the browser offers no other days. Who types may choose them.
  const dayField = (name: 'from' | 'to', range: { min?: string; max?: string }) =>
    field(name, name === 'from' ? from : to, {
      type: 'date',
      ...range,
      'aria-invalid': isWrong,
      'aria-describedby': isWrong ? problem : undefined,
    });
  const choice = (
    name: keyof Fields,
    label: string,
    options: readonly (readonly [value: string, name: string])[],
    otherwise = words.any,
  ) =>
    labelled(
      label,
      <select
        className="ma-ask-input"
        value={fields[name] ?? ''}
        onChange={({ target }) => onChange(name, target.value)}
      >
        {[['', otherwise] as const, ...options].map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>,
    );
  const { relevance, ...sorts } = words.sorts;
  const orders = Object.entries(sorts).filter(
    ([name]) =>
      (name !== 'newest' || hasWords(fields)) &&
      (!name.startsWith('taken') || canSortByTaken(fields)),
  );
  return (
    <>
      <Known id={labels} words={suggestions?.labels} />
      <Known id={places} words={suggestions?.places} />
      {choice('kind', words.kind, Object.entries(words.kinds))}
      {field('place', words.place, { list: places })}
      {dayField('from', { max: fields.to || '9999-12-31' })}
      {dayField('to', { min: fields.from ?? '', max: '9999-12-31' })}
      {isWrong && (
        <p className="ma-search-problem" id={problem} role="alert">
          {words.daysCrossed(from, to)}
        </p>
      )}
      <details open={hasMore}>
        <summary>{words.more}</summary>
        <div>
          {choice('date', words.date, [['added', words.dates.added]], words.dates.taken)}
          {field('tag', words.tag, { list: labels })}
          {field('text', words.text, {})}
          {choice('people', words.people, [
            ['0', words.nobody],
            ...PEOPLE.map((n) => [String(n), words.atLeast(n)] as const),
          ])}
          {choice('status', words.status, Object.entries(words.statuses))}
          {choice('sort', words.sort, orders, hasWords(fields) ? relevance : words.sorts.newest)}
        </div>
      </details>
    </>
  );
}

/** What the browser offers in a field. Without words the field is the same to a screen reader. */
export function Known({ id, words = [] }: { id: string; words?: readonly string[] | undefined }) {
  return (
    <datalist id={id}>
      {words.map((word) => (
        <option key={word} value={word} />
      ))}
    </datalist>
  );
}
