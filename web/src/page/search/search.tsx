/** The search: one field, and optional filters. It stands in a bar, and its filters open below it. */
import {
  type KeyboardEvent as ReactKeyboardEvent,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import type { Media, MediaFilters } from '../../client/index.ts';
import { Button } from '../../components/base/button.tsx';
import { CloseIcon, Icon } from '../../components/base/icons.tsx';
import { useWords } from '../../components/words/index.ts';
import { usePageKeys } from '../shell/use-page-keys.ts';
import './search.css';
import { isNarrowed, type OnSearch, readOrder, writeOrder } from './search-address.ts';
import {
  countFilters,
  type Fields,
  fieldsOf,
  filtersOf,
  hasWords,
  withOrder,
} from './search-fields.ts';
import { Known, SearchFilters } from './search-filters.tsx';
import { searchWordsFor } from './search-words.ts';
import { type Suggestions, suggestionsOf } from './suggestions.ts';

export { SearchOutcome } from './search-outcome.tsx';

/** A user who goes on typing means the whole word. */
const PAUSE_MS = 300;

/** Fewer media need no filters. */
const FEW = 12;

const TYPED: ReadonlySet<string> = new Set(['q', 'tag', 'text', 'place', 'from', 'to']);

export interface SearchProps {
  /** The current search. A link, Back and the full view change it too. */
  filters: MediaFilters | undefined;
  /** The loaded media by id. */
  media: ReadonlyMap<string, Media>;
  onSearch: OnSearch;
}

export function Search({ filters: asked, media, onSearch }: SearchProps) {
  const { language, label } = useWords();
  const words = searchWordsFor(language);
  const [fields, setFields] = useState(() => fieldsOf(asked));
  /** The search that the fields show: the last one sent from here, or that of a link, Back or the full view. */
  const [shown, setShown] = useState(asked);
  /** Searches for the typed text after a pause. */
  const timer = useRef<ReturnType<typeof setInterval>>(undefined);
  useEffect(() => () => clearInterval(timer.current), []);
  if (asked !== shown) {
    clearInterval(timer.current);
    setShown(asked);
    setFields(fieldsOf(asked));
  }
  const [isOpen, setIsOpen] = useState(false);
  const [suggestions, setSuggestions] = useState<Suggestions>();
  const field = useRef<HTMLInputElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const [id, list] = [useId(), useId()];
  const filled = countFilters(fields);
  // An order is no filter, so it stays.
  const isClearable = isNarrowed(asked) || isNarrowed(filtersOf(fields));
  const hasFilters = media.size >= FEW || filtersOf({ ...fields, q: '' }) !== undefined;

  /** The address of what was typed in this field: further typing is the same step. */
  const typed = useRef<string>(undefined);
  const send = (next: Fields, isTyped = false) => {
    clearInterval(timer.current);
    const filters = filtersOf(next);
    // With the last letter deleted, a new step begins: Back leads to the words.
    const isSameStep = isTyped && location.href === typed.current && isNarrowed(filters);
    setShown(filters);
    onSearch(filters, isSameStep);
    typed.current = isTyped ? location.href : undefined;
  };
  const change = (name: keyof Fields, value: string) => {
    // Typing other words ends the search for similar media.
    const changed = { ...fields, ...(name === 'q' && { similar_to: '' }), [name]: value };
    const next = name === 'sort' ? changed : withOrder(fields, changed, readOrder());
    if (name === 'sort' && !hasWords(fields)) writeOrder(value);
    setFields(next);
    if (!TYPED.has(name)) return send(next);
    clearInterval(timer.current);
    timer.current = setInterval(() => {
      // While a media is open or its view is being loaded, the search waits: Back leads to what was there before.
      // The page's own state tells it: in an app, `?media=` may be the app's.
      if (!history.state?.isFromList && !document.querySelector('dialog[open]')) send(next, true);
    }, PAUSE_MS);
  };
  const clear = () => {
    const next = { sort: readOrder() };
    setFields(next);
    send(next);
    field.current?.focus();
  };
  const close = () => {
    setIsOpen(false);
    opener.current?.focus();
  };
  usePageKeys((event) => {
    const { key, altKey, ctrlKey, metaKey } = event;
    if (key !== '/' || altKey || ctrlKey || metaKey) return;
    // The key is not written into the field.
    event.preventDefault();
    field.current?.select();
  });
  const onKeyDown = ({ key }: ReactKeyboardEvent) => {
    if (key !== 'Escape') return;
    if (isOpen) close();
    else if (isClearable) clear();
  };
  return (
    <search
      className="ma-search"
      tabIndex={-1}
      onKeyDown={onKeyDown}
      onBlur={({ currentTarget, relatedTarget }) => {
        // Not if only the window loses the focus.
        if (!currentTarget.contains(relatedTarget) && document.hasFocus()) setIsOpen(false);
      }}
    >
      <form
        noValidate={true}
        onSubmit={(event) => {
          event.preventDefault();
          send(fields);
        }}
        onFocus={({ target }) => {
          typed.current = undefined;
          // While the user types, new results do not change the suggestions.
          if (target.hasAttribute('list'))
            setSuggestions(suggestionsOf(media.values(), language, label));
        }}
      >
        <div className="ma-search-line">
          <Icon>
            <path d="m20 20-4.2-4.2M17.5 11a6.5 6.5 0 1 1-13 0 6.5 6.5 0 0 1 13 0Z" />
          </Icon>
          <input
            ref={field}
            type="search"
            list={list}
            className="ma-search-field"
            aria-label={words.search}
            title={`${words.search} (/)`}
            aria-keyshortcuts="/"
            placeholder={words.placeholder}
            maxLength={200}
            value={fields.q ?? ''}
            onChange={({ target }) => change('q', target.value)}
          />
          {isClearable && (
            <Button kind="icon" label={words.clear} onClick={clear}>
              <CloseIcon />
            </Button>
          )}
          {hasFilters && (
            <Button
              ref={opener}
              className="ma-button ma-search-filters"
              kind="icon"
              aria-label={filled > 0 ? `${words.filters} (${filled})` : words.filters}
              data-count={filled || undefined}
              aria-expanded={isOpen}
              aria-controls={id}
              onClick={() => setIsOpen(!isOpen)}
            >
              <Icon>
                <path d="M4 7h16M7 12h10M10 17h4" />
              </Icon>
            </Button>
          )}
        </div>
        <Known id={list} words={[...(suggestions?.labels ?? []), ...(suggestions?.places ?? [])]} />
        {isOpen && (
          // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot scroll in all browsers
          <div
            ref={focusPanel}
            className="ma-search-panel"
            id={id}
            role="group"
            aria-label={words.filters}
            tabIndex={-1}
          >
            <SearchFilters {...{ fields, suggestions }} onChange={change} />
            <Button kind="primary" onClick={close}>
              {words.done}
            </Button>
          </div>
        )}
      </form>
    </search>
  );
}

/** Leaving the panel closes it, so it has the focus from the beginning. */
const focusPanel = (panel: HTMLElement | null) => panel?.focus({ preventScroll: true });

export interface SimilarProps {
  /** Id of the open media. */
  id: string;
  onSearch: OnSearch;
  onClose: () => void;
}

/** A button in the full view of a media. */
export function Similar({ id, onSearch, onClose }: SimilarProps) {
  const search = () => {
    // The search comes first: Back leads from it to the media.
    onSearch({ similar_to: id });
    onClose();
  };
  return <Button onClick={search}>{searchWordsFor(useWords().language).similar}</Button>;
}
