/** The search: one field, and filters for those who want them. */
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import type { Media, MediaFilters } from '../client/index.ts';
import { useWords } from '../components/words/index.ts';
import type { MediaListState } from '../hooks/index.ts';
import './search.css';
import { searchWordsFor } from './search-words.ts';

/** A person who types on means the whole word. */
const PAUSE_MS = 300;

const PEOPLE = [1, 2, 3, 5, 10];

/** What is in the fields, as they show it. Empty: not asked for. */
type Fields = Record<
  'q' | 'tag' | 'text' | 'kind' | 'people' | 'status' | 'from' | 'to' | 'sort',
  string
>;

const EMPTY: Fields = {
  ...{ q: '', tag: '', text: '', kind: '', people: '' },
  ...{ status: '', from: '', to: '', sort: '' },
};

export interface SearchProps {
  found: MediaListState;
  /** Those that are similar to it are shown; absent: none. */
  similarTo: Media | undefined;
  /** Undefined: nothing is searched for. */
  onSearch: (filters: MediaFilters | undefined) => void;
}

export function Search({ found, similarTo, onSearch }: SearchProps) {
  const words = searchWordsFor(useWords().language);
  const [fields, setFields] = useState(EMPTY);
  const [isOpen, setIsOpen] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const filters = filtersOf(fields);
  const isSearching = filters !== undefined || similarTo !== undefined;

  const key = JSON.stringify(fields);
  const sent = useRef(key);
  useEffect(() => {
    if (sent.current === key) return;
    const timer = setTimeout(() => {
      sent.current = key;
      onSearch(filtersOf(JSON.parse(key) as Fields));
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [key, onSearch]);

  const change = (part: Partial<Fields>) => setFields((known) => ({ ...known, ...part }));
  const clear = () => {
    sent.current = JSON.stringify(EMPTY);
    setFields(EMPTY);
    onSearch(undefined);
    field.current?.focus();
  };
  return (
    <search className="ma-search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sent.current = key;
          onSearch(filters);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && isSearching) clear();
        }}
      >
        <div className="ma-search-line">
          <input
            ref={field}
            type="search"
            className="ma-ask-input ma-search-field"
            aria-label={words.search}
            placeholder={words.placeholder}
            maxLength={200}
            value={fields.q}
            onChange={({ target }) => change({ q: target.value })}
          />
          <button
            type="button"
            className="ma-button"
            aria-expanded={isOpen}
            aria-controls={id}
            onClick={() => setIsOpen(!isOpen)}
          >
            {words.filters}
          </button>
          {isSearching && (
            <button
              type="button"
              className="ma-button ma-search-clear"
              aria-label={words.clear}
              onClick={clear}
            >
              <span>{words.clear}</span>
            </button>
          )}
        </div>
        <div className="ma-search-filters" id={id} hidden={!isOpen}>
          <Filters fields={fields} onChange={change} />
        </div>
      </form>
      {similarTo && <p className="ma-search-similar">{words.similarTo(similarTo.file_name)}</p>}
      <p className="ma-search-found" role="status">
        {isSearching && outcome(found, words, fields.people !== '')}
      </p>
    </search>
  );
}

function outcome(
  { ids, hasMore, isLoading, error }: MediaListState,
  words: ReturnType<typeof searchWordsFor>,
  asksForPeople: boolean,
): string {
  if (error !== undefined) return '';
  if (isLoading) return words.searching;
  if (ids.length > 0) return words.found(ids.length, hasMore);
  return asksForPeople ? words.noneOfPeople : words.none;
}

interface FiltersProps {
  fields: Fields;
  onChange: (part: Partial<Fields>) => void;
}

function Filters({ fields, onChange }: FiltersProps) {
  const words = searchWordsFor(useWords().language);
  const choices = (options: Record<string, string>, otherwise: string) => [
    <option key="" value="">
      {otherwise}
    </option>,
    ...Object.entries(options).map(([value, name]) => (
      <option key={value} value={value}>
        {name}
      </option>
    )),
  ];
  const people = {
    0: words.nobody,
    ...Object.fromEntries(PEOPLE.map((n) => [n, words.atLeast(n)])),
  };
  const { relevance, newest, oldest } = words.sorts;
  const field = (name: keyof Fields, label: string, kind: 'text' | 'date') => (
    <Labelled label={label}>
      <input
        type={kind}
        className="ma-ask-input"
        maxLength={200}
        value={fields[name]}
        onChange={({ target }) => onChange({ [name]: target.value })}
      />
    </Labelled>
  );
  const choice = (
    name: keyof Fields,
    label: string,
    options: Record<string, string>,
    otherwise = words.any,
  ) => (
    <Labelled label={label}>
      <select
        className="ma-ask-input"
        value={fields[name]}
        onChange={({ target }) => onChange({ [name]: target.value })}
      >
        {choices(options, otherwise)}
      </select>
    </Labelled>
  );
  return (
    <>
      {field('tag', words.tag, 'text')}
      {field('text', words.text, 'text')}
      {choice('kind', words.kind, words.kinds)}
      {choice('people', words.people, people)}
      {choice('status', words.status, words.statuses)}
      {field('from', words.from, 'date')}
      {field('to', words.to, 'date')}
      {fields.q.trim() === ''
        ? choice('sort', words.sort, { oldest }, newest)
        : choice('sort', words.sort, { newest, oldest }, relevance)}
    </>
  );
}

function Labelled({ label, children }: { label: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="ma-search-filter">
      <span>{label}</span>
      {children}
    </label>
  );
}

/** @returns undefined if nothing is asked for */
function filtersOf(fields: Fields): MediaFilters | undefined {
  const { q, tag, text, kind, people, status, from, to, sort } = fields;
  const day = (date: string, plus: number) => {
    const at = new Date(`${date}T00:00:00`);
    at.setDate(at.getDate() + plus);
    return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
  };
  const filters = {
    q: q.trim() || undefined,
    tag: tag.trim() || undefined,
    text: text.trim() || undefined,
    kind: kind || undefined,
    people: people === '' ? undefined : Number(people),
    status: status || undefined,
    from: day(from, 0),
    // The day that is chosen is meant too.
    to: day(to, 1),
    sort: sort || undefined,
  };
  const asked = Object.entries(filters).filter(([, value]) => value !== undefined);
  return asked.length === 0 ? undefined : (Object.fromEntries(asked) as MediaFilters);
}

/** In the full view of a media. */
export function Similar({ onClick }: { onClick: () => void }) {
  const words = searchWordsFor(useWords().language);
  return (
    <button type="button" className="ma-button ma-search-similar-button" onClick={onClick}>
      {words.similar}
    </button>
  );
}
