/** The search: one field, and filters for those who want them. */
import {
  type InputHTMLAttributes,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { type Media, MediaClientError, type MediaFilters } from '../../client/index.ts';
import { useWords } from '../../components/words/index.ts';
import { useMediaCache } from '../../hooks/context.ts';
import type { MediaSearchState } from '../../hooks/index.ts';
import './search.css';
import { TryAgain } from '../loading/try-again.tsx';
import { isNarrowed, readOrder, withoutStart } from './search-address.ts';
import {
  canSortByTaken,
  countFilters,
  datesOf,
  daysProblem,
  EMPTY,
  type Fields,
  fieldsOf,
  filtersOf,
  hasDays,
  hasWords,
  isSame,
  isTooFar,
  libraryOrder,
  withOrder,
} from './search-fields.ts';
import { searchWordsFor } from './search-words.ts';
import { type Suggestions, suggestionsOf } from './suggestions.ts';
import { isMediaOpen, writeOrder, writeSearch } from './write-search.ts';

/** A person who types on means the whole word. */
const PAUSE_MS = 300;

/** As wide as where the style sheet puts the fields below each other. */
const PHONE_PX = 480;

const PEOPLE = [1, 2, 3, 5, 10];

/** What is typed into one of these is one step, until one leaves it. */
const TYPED: ReadonlySet<string> = new Set(['q', 'tag', 'text', 'place', 'from', 'to']);

export interface SearchCallers {
  /** Whether the address of the page says what is searched for. */
  isPage: boolean;
  /** Undefined: nothing is searched for. */
  onSearch: (filters: MediaFilters | undefined) => void;
}

export interface SearchProps extends SearchCallers {
  found: MediaSearchState;
  /** What is searched for now. A link, Back and the full view change it too. */
  filters: MediaFilters | undefined;
  /** What is loaded, by its id. */
  media: ReadonlyMap<string, Media>;
}

export function Search({ found, filters: asked, media, isPage, onSearch }: SearchProps) {
  const { language, loading, error: wordsOf, label } = useWords();
  const words = searchWordsFor(language);
  const [fields, setFields] = useState(() => fieldsOf(asked));
  const filled = countFilters(fields);
  // On a phone they would fill the screen, and what was found would lie below it.
  const [isOpen, setIsOpen] = useState(() => filled > 0 && innerWidth > PHONE_PX);
  const [shown, setShown] = useState(asked);
  /** Of the library, to which a search leads back. */
  const [order, setOrder] = useState(() =>
    libraryOrder(isNarrowed(asked) ? (isPage && readOrder()) || '' : asked?.sort),
  );
  if (asked !== shown) {
    setShown(asked);
    if (!isNarrowed(asked)) setOrder(libraryOrder(asked?.sort));
    // A space at the end of a word that is being typed stays.
    if (!isSame(filtersOf(fields), asked)) setFields(fieldsOf(asked));
  }
  const similarTo = media.get(asked?.similar_to ?? '');
  const [suggestions, setSuggestions] = useState<Suggestions>();
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  const list = useId();
  const cache = useMediaCache();
  // What was deleted, here or elsewhere, is not seen any more.
  const count = useSyncExternalStore(
    cache.subscribe,
    () => found.ids.filter((each) => !cache.isGone(each)).length,
  );
  const { error } = found;
  const isWaiting = asked !== undefined && found.isOutdated && error !== undefined;
  const reason =
    error instanceof MediaClientError ? wordsOf(error.code, error.message) : wordsOf(null, null);
  const filters = filtersOf(fields);
  const isWrong = daysProblem(fields) !== undefined;
  // What keeps the search from being made stays in sight.
  const areShown = isOpen || isWrong;
  // An order is no filter, and stays.
  const isClearable = filtersOf({ ...fields, sort: '' }) !== undefined;
  const isJump = asked?.start !== undefined;
  const isNotThere = isWaiting && isJump;
  const isGoing = isJump && !isClearable && found.isOutdated && !isWaiting;
  const notDone = isClearable ? words.notSearched : isJump ? words.notLoaded : words.notOrdered;
  const isByWords = hasWords(fields);
  const clearWords = isByWords ? words.clear : words.reset;

  /** The field in which a person types, and whether they have begun another step since the last search. */
  const step = useRef<{ typing?: string | undefined; isNew?: boolean }>({});
  const endTyping = () => {
    step.current.typing = undefined;
  };
  useEffect(() => {
    addEventListener('popstate', endTyping);
    return () => removeEventListener('popstate', endTyping);
  });
  const send = (next: MediaFilters | undefined) => {
    // What is typed ends with the last letter: Back leads to the words.
    const isEnd = step.current.typing !== undefined && !isNarrowed(next);
    if (isPage) writeSearch(next, !step.current.isNew && !isEnd);
    step.current.isNew = false;
    onSearch(next);
  };
  const notice = useRef<HTMLParagraphElement>(null);
  const told = useRef<MediaFilters>(undefined);
  useEffect(() => {
    // A month may be chosen far down in the list. A retry that fails leaves its reader where they are.
    if (!isNotThere || told.current === asked) return;
    told.current = asked;
    notice.current?.scrollIntoView({ block: 'nearest' });
  }, [isNotThere, asked]);
  const isSent = isWrong || isSame(filters, asked);
  const sendNow = useRef(send);
  sendNow.current = send;
  const key = JSON.stringify(filters ?? null);
  useEffect(() => {
    if (isSent) return;
    const timer = setInterval(() => {
      // Who opens a media or the bin just now closes it first: Back leads from it to what was there before.
      if (!isPage || !(isMediaOpen() || document.querySelector('dialog[open]')))
        sendNow.current(JSON.parse(key) ?? undefined);
    }, PAUSE_MS);
    return () => clearInterval(timer);
  }, [key, isSent, isPage]);

  const change = (part: Partial<Fields>) => {
    const { typing, isNew } = step.current;
    const [name = ''] = Object.keys(part);
    step.current = {
      typing: TYPED.has(name) ? name : undefined,
      isNew: isNew || typing !== name,
    };
    // Who types other words means these.
    const next = { ...fields, ...('q' in part && { similar_to: '' }), ...part };
    if (part.sort === undefined) return setFields(withOrder(fields, next, order));
    setFields(next);
    if (isByWords) return;
    setOrder(part.sort);
    if (isPage) writeOrder(part.sort);
  };
  const clear = () => {
    step.current = { isNew: true };
    const next = { ...EMPTY, sort: (!isByWords && libraryOrder(fields.sort)) || order };
    setFields(next);
    send(filtersOf(next));
    field.current?.focus();
  };
  const showAll = () => {
    const all = withoutStart(asked);
    if (isPage) writeSearch(all);
    onSearch(all);
    // The button goes.
    field.current?.focus();
  };
  const said = () => {
    if (isWrong) return '';
    if (isWaiting) return `${notDone}${reason}`;
    if (!isClearable) return isGoing && loading;
    // It is typed, and not asked for yet.
    if (asked === undefined) return words.searching;
    return outcome(found, count, words, fields);
  };
  return (
    <search className="ma-search" tabIndex={-1}>
      <form
        noValidate={true}
        onSubmit={(event) => {
          event.preventDefault();
          endTyping();
          if (!isWrong) send(filters);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && isClearable) clear();
        }}
        // While one types, what is found does not change them.
        onFocus={({ target }) => {
          if (target.hasAttribute('list'))
            setSuggestions(suggestionsOf(media.values(), language, label));
        }}
        onBlur={endTyping}
      >
        <div className="ma-search-line">
          <input
            ref={field}
            type="search"
            list={list}
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
            aria-expanded={areShown}
            aria-controls={id}
            onClick={() => setIsOpen(!areShown)}
          >
            {words.filters}
            {!areShown && filled > 0 && ` (${filled})`}
          </button>
          {isClearable && (
            <button
              type="button"
              className="ma-button ma-search-clear"
              aria-label={clearWords}
              onClick={clear}
            >
              <span>{clearWords}</span>
            </button>
          )}
        </div>
        <Known id={list} words={suggestions?.all} />
        <div className="ma-search-filters" id={id} hidden={!areShown}>
          <Filters {...{ fields, suggestions }} onChange={change} />
        </div>
      </form>
      {similarTo && <p className="ma-search-similar">{words.similarTo(similarTo.file_name)}</p>}
      {/* Apart from the number, so that more that comes does not have it read out again. */}
      <p className="ma-search-corrected" role="status">
        {isClearable &&
          count > 0 &&
          !found.isOutdated &&
          found.corrected?.map(({ from, to }) => words.corrected(from, to)).join(words.between)}
      </p>
      <p className="ma-search-found" role="status" ref={notice} data-going={isGoing || undefined}>
        {said()}
      </p>
      {isWaiting && <TryAgain onPress={found.loadMore} home=".ma-search" />}
      {isNotThere && (
        <button type="button" className="ma-button" onClick={showAll}>
          {words.showAll}
        </button>
      )}
    </search>
  );
}

function outcome(
  { ids, hasMore, isLoading, isOutdated, error, total }: MediaSearchState,
  count: number,
  words: ReturnType<typeof searchWordsFor>,
  fields: Fields,
): string {
  if (error !== undefined) return '';
  if (isLoading || isOutdated) return words.searching;
  if (hasMore && total !== undefined) return words.found(total - (ids.length - count), false);
  if (count > 0) return words.found(count, hasMore);
  if (fields.place.trim() !== '') return words.noneOfPlace;
  if (fields.people !== '') return words.noneOfPeople;
  if (hasDays(fields) && datesOf(fields) === 'taken') return words.noneOfDays;
  if (fields.q.trim() !== '') return words.none;
  return countFilters(fields) === 0 ? words.noneSimilar : words.noneOfFilters;
}

interface FiltersProps {
  fields: Fields;
  suggestions: Suggestions | undefined;
  onChange: (part: Partial<Fields>) => void;
}

function Filters({ fields, suggestions, onChange }: FiltersProps) {
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
  const { relevance, newest, oldest, taken, taken_asc } = words.sorts;
  const byTaken = canSortByTaken(fields) && { taken, taken_asc };
  const dates = datesOf(fields);
  const problem = useId();
  const [labels, places] = [useId(), useId()];
  const wrong = daysProblem(fields);
  const field = (
    name: keyof Fields,
    label: string,
    more: InputHTMLAttributes<HTMLInputElement>,
  ) => (
    <Labelled name={name} label={label}>
      <input
        {...more}
        className="ma-ask-input"
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
    <Labelled name={name} label={label}>
      <select
        className="ma-ask-input"
        value={fields[name]}
        onChange={({ target }) => onChange({ [name]: target.value })}
      >
        {choices(options, otherwise)}
      </select>
    </Labelled>
  );
  const text = { type: 'text', maxLength: 200 };
  // The calendar of the browser offers no other days. Who types may choose them.
  const day = (name: 'from' | 'to') => {
    const isAtFault = wrong === 'daysCrossed' || (wrong !== undefined && isTooFar(fields[name]));
    return {
      type: 'date',
      'aria-invalid': isAtFault,
      'aria-describedby': isAtFault ? problem : undefined,
    };
  };
  return (
    <>
      <Known id={labels} words={suggestions?.labels} />
      <Known id={places} words={suggestions?.places} />
      {field('tag', words.tag, { ...text, list: labels })}
      {field('text', words.text, text)}
      {field('place', words.place, { ...text, list: places })}
      {choice('kind', words.kind, words.kinds)}
      {choice('people', words.people, people)}
      {choice('status', words.status, words.statuses)}
      {choice('date', words.date, { added: words.dates.added }, words.dates.taken)}
      {field('from', words.from[dates], { ...day('from'), max: fields.to || undefined })}
      {field('to', words.to[dates], { ...day('to'), min: fields.from || undefined })}
      {wrong && (
        <p className="ma-search-problem" id={problem} role="alert">
          {wrong === 'daysCrossed' ? words.daysCrossed[dates] : words[wrong]}
        </p>
      )}
      {hasWords(fields)
        ? choice('sort', words.sort, { newest, oldest, ...byTaken }, relevance)
        : choice('sort', words.sort, { oldest, ...byTaken }, newest)}
    </>
  );
}

/** What the browser offers in a field. Without words the field is the same to a screen reader. */
function Known({ id, words = [] }: { id: string; words?: readonly string[] | undefined }) {
  return (
    <datalist id={id}>
      {words.map((word) => (
        <option key={word} value={word} />
      ))}
    </datalist>
  );
}

interface LabelledProps {
  name: keyof Fields;
  label: string;
  children: ReactNode;
}

function Labelled({ name, label, children }: LabelledProps) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="ma-search-filter" data-name={name}>
      <span>{label}</span>
      {children}
    </label>
  );
}

export interface SimilarProps extends SearchCallers {
  /** Of the media that is open. */
  id: string;
  onClose: () => void;
}

/** In the full view of a media. */
export function Similar({ id, isPage, onSearch, onClose }: SimilarProps) {
  const words = searchWordsFor(useWords().language);
  const search = () => {
    const filters = { similar_to: id };
    // Back leads from there to the media.
    if (isPage) writeSearch(filters);
    onClose();
    onSearch(filters);
  };
  return (
    <button type="button" className="ma-button ma-search-similar-button" onClick={search}>
      {words.similar}
    </button>
  );
}
