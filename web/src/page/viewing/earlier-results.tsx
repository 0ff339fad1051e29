/** The earlier results of a media, in its full view. The user can bring back each of them. */
import { isTerminal } from '@media-analysis/shared/status';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useRef, useState } from 'react';
import type { EarlierResult, Media } from '../../client/index.ts';
import { Button } from '../../components/base/button.tsx';
import { formatTime } from '../../components/base/dates.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { AnalysisView, GivenInput } from '../../components/view/analysis-view.tsx';
import { titleOf } from '../../components/view/analysis-words.ts';
import { useWords } from '../../components/words/index.ts';
import { useQueryCache } from '../../hooks/context.ts';
import { useAnalyses, useMediaActions, useMediaClient } from '../../hooks/index.ts';
import { againWordsFor } from '../again/again-words.ts';

export function EarlierResults({ media }: { media: Media }) {
  const { id, revision, status } = media;
  const words = againWordsFor(useWords().language);
  const client = useMediaClient();
  const { restore } = useMediaActions();
  const [isOpen, setIsOpen] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [news, setNews] = useState('');
  const [error, setError] = useState<unknown>();
  const opener = useRef<HTMLButtonElement>(null);
  const listId = useId();
  const { data: results, failureReason } = useQuery(
    {
      // The results are loaded again after each change of the media, which may have kept one.
      queryKey: ['earlier', id, revision],
      queryFn: ({ signal }) => client.earlierResults(id, { signal }),
      enabled: isOpen,
      placeholderData: keepPreviousData,
    },
    useQueryCache(),
  );
  const loadError = error ?? failureReason;
  const isStopped = isBusy || !isTerminal(status);
  const bringBack = (result: EarlierResult) => {
    if (isStopped) return;
    setIsBusy(true);
    setError(undefined);
    restore(id, result.id)
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

interface EarlierProps {
  result: EarlierResult;
  isStopped: boolean;
  onBringBack: () => void;
}

function Earlier({ result, isStopped, onBringBack }: EarlierProps) {
  const { language, tags } = useWords();
  const words = againWordsFor(language);
  const { analysis, made_at, model, input, output, analytics } = result;
  const info = useAnalyses().analyses.find(({ name }) => name === analysis);
  const title = info ? titleOf(info, language) : analysis;
  const made = made_at === null ? words.unknownTime : formatTime(Date.parse(made_at), language);
  return (
    <li>
      <h3>{title}</h3>
      <p className="ma-muted">{[made, model].filter(Boolean).join(' · ')}</p>
      <GivenInput info={info} input={input} />
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
      <Button
        aria-label={words.bringBackOne(title, made)}
        aria-disabled={isStopped}
        onClick={onBringBack}
      >
        {words.bringBack}
      </Button>
    </li>
  );
}
