/** The results that a media had before, in its full view. Each can be brought back. */
import { isTerminal } from '@media-analysis/shared/status';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import type { AnalysisInfo, EarlierResult, Media } from '../../client/index.ts';
import { formatTime } from '../../components/base/dates.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { AnalysisView } from '../../components/view/analysis-view.tsx';
import { titleOf } from '../../components/view/analysis-words.ts';
import { labelOf, type Schema } from '../../components/view/field-words.ts';
import { useWords } from '../../components/words/index.ts';
import { useQueryCache } from '../../hooks/context.ts';
import { useAnalyses, useMediaActions, useMediaClient } from '../../hooks/index.ts';
import { againWordsFor } from '../again/again-words.ts';

interface EarlierResultsProps {
  media: Media;
}

export function EarlierResults({ media }: EarlierResultsProps) {
  const { language } = useWords();
  const words = againWordsFor(language);
  const { restore } = useMediaActions();
  const [isOpen, setIsOpen] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [news, setNews] = useState('');
  const [error, setError] = useState<unknown>();
  const opener = useRef<HTMLButtonElement>(null);
  const listId = useId();
  const { data: results, failureReason } = useEarlierResults(media, isOpen);
  const loadError = error ?? failureReason;
  const isStopped = isBusy || !isTerminal(media.status);
  const bringBack = (result: EarlierResult) => {
    if (isStopped) return;
    setIsBusy(true);
    setError(undefined);
    restore(media.id, result.id)
      .then(() => setNews(words.broughtBack), setError)
      .finally(() => setIsBusy(false));
    // The pressed button disappears with its result, and the focus must not be lost.
    opener.current?.focus();
  };
  return (
    <section className="ma-again-earlier" aria-label={words.earlier}>
      <button
        ref={opener}
        type="button"
        className="ma-button"
        aria-expanded={isOpen}
        aria-controls={isOpen ? listId : undefined}
        onClick={() => {
          setIsOpen(!isOpen);
          setNews('');
        }}
      >
        {words.earlier}
      </button>
      <p role="status" className="ma-muted">
        {isOpen && results?.length === 0 ? words.noneEarlier : news}
      </p>
      {loadError !== null && <ErrorNotice error={loadError} />}
      {isOpen && results && (
        <ul id={listId}>
          {results.map((result) => (
            <Earlier
              key={result.id}
              result={result}
              isStopped={isStopped}
              onBringBack={() => bringBack(result)}
            />
          ))}
        </ul>
      )}
    </section>
  );
}

/** Loads them when they are wanted, and again after each change of the media: it may have kept a result. */
function useEarlierResults({ id, revision }: Media, isWanted: boolean) {
  const client = useMediaClient();
  return useQuery(
    {
      queryKey: ['earlier', id, revision],
      queryFn: ({ signal }) => client.earlierResults(id, { signal }),
      enabled: isWanted,
      placeholderData: keepPreviousData,
    },
    useQueryCache(),
  );
}

interface EarlierProps {
  result: EarlierResult;
  isStopped: boolean;
  onBringBack: () => void;
}

function Earlier({ result, isStopped, onBringBack }: EarlierProps) {
  const { language } = useWords();
  const words = againWordsFor(language);
  const info = useAnalyses().analyses.find(({ name }) => name === result.analysis);
  const title = info ? titleOf(info, language) : result.analysis;
  const made =
    result.made_at === null ? words.unknownTime : formatTime(Date.parse(result.made_at), language);
  return (
    <li>
      <h3>{title}</h3>
      <p className="ma-muted">{[made, result.model].filter(Boolean).join(' · ')}</p>
      <Content result={result} info={info} />
      <button
        type="button"
        className="ma-button"
        aria-label={words.bringBackOne(title, made)}
        aria-disabled={isStopped}
        onClick={onBringBack}
      >
        {words.bringBack}
      </button>
    </li>
  );
}

function Content({ result, info }: { result: EarlierResult; info: AnalysisInfo | undefined }) {
  const { language, tags } = useWords();
  const { input, output, analytics } = result;
  const given = Object.entries(input);
  return (
    <>
      {given.length > 0 && (
        <dl className="ma-facts">
          {given.map(([name, value]) => (
            <div key={name}>
              <dt>{labelOf(info, language, name, info?.input[name] as Schema | undefined)}</dt>
              <dd>{String(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {output && <AnalysisView info={info} output={output} />}
      {analytics && (
        <>
          <p>
            <strong>{analytics.title}</strong>
          </p>
          <p>{analytics.summary}</p>
          {analytics.tags.length > 0 && (
            <ul className="ma-tags" aria-label={tags}>
              {analytics.tags.map((tag) => (
                <li key={tag}>{tag}</li>
              ))}
            </ul>
          )}
          {analytics.text && <blockquote className="ma-text">{analytics.text}</blockquote>}
        </>
      )}
    </>
  );
}
