/** Analyses existing media again: it first says how many and at what cost, then shows the progress. */

import { skipToken, useQuery } from '@tanstack/react-query';
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'react';
import type { MediaFilters, Reanalysis } from '../../client/index.ts';
import { Button } from '../../components/base/button.tsx';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { SparkIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { ProgressBar } from '../../components/upload/progress-bar.tsx';
import { AnalysisFields, type FormInput } from '../../components/view/analysis-form.tsx';
import { descriptionOf, offeredOf, titleOf } from '../../components/view/analysis-words.ts';
import { useWords } from '../../components/words/index.ts';
import { useQueryCache } from '../../hooks/context.ts';
import {
  type ReanalysisControl,
  useAnalyses,
  useMediaClient,
  useReanalysis,
} from '../../hooks/index.ts';
import { TryAgain } from '../loading/try-again.tsx';
import { isNarrowed, withoutStart } from '../search/search-address.ts';
import { PageDialog } from '../shell/page-dialog.tsx';
import { foundBy, MOST_AT_ONCE } from './again-scope.ts';
import { againWordsFor, priceOf } from './again-words.ts';

interface AgainProps {
  /** Only these media. */
  ids?: readonly string[] | undefined;
  /** Only the media that this search finds. Without it and `ids`: all. */
  search?: MediaFilters | undefined;
  /** Language of the answers, such as `ja`. Default: that of each media. */
  language?: string | undefined;
}

/** Text of the button that opens the dialog. No label: it is not known yet, or the service offers nothing. */
function useAgain({ search, language: answers }: AgainProps) {
  const { language } = useWords();
  const words = againWordsFor(language);
  const { analyses } = useAnalyses();
  const { reanalysis, isLoading } = useReanalysis();
  if (isLoading || offeredOf(analyses).length === 0) return {};
  if (reanalysis && reanalysis.state !== 'quoted') {
    const info = analyses.find(({ name }) => name === reanalysis.analysis);
    const title = words.again(info ? titleOf(info, language) : reanalysis.analysis);
    return { label: title + words.states[reanalysis.state], begun: reanalysis };
  }
  if (isNarrowed(search)) return { label: words.openFound };
  return { label: answers === undefined ? words.open : words.openInLanguage };
}

export const OpenButton = ({ label, onOpen }: { label: string; onOpen: () => void }) => (
  <Button aria-haspopup="dialog" onClick={onOpen}>
    <SparkIcon />
    <span>{label}</span>
  </Button>
);

export function Again(props: AgainProps) {
  const [isOpen, setIsOpen] = useState(false);
  const { label } = useAgain(props);
  if (label === undefined) return null;
  return (
    <>
      <OpenButton label={label} onOpen={() => setIsOpen(true)} />
      {isOpen && <AgainDialog {...props} onClose={() => setIsOpen(false)} />}
    </>
  );
}

interface AgainControlProps extends AgainProps {
  isOpen: boolean;
  onOpen: () => void;
  onClose: () => void;
  /** Called with the text of the menu entry; undefined: there is no entry. */
  onLabel: (label: string | undefined) => void;
}

/** The dialog of a menu entry. Work that has begun also has a button on the page. */
export function AgainControl({ isOpen, onOpen, onClose, onLabel, ...props }: AgainControlProps) {
  const { label, begun } = useAgain(props);
  const isBegun = begun !== undefined;
  useEffect(() => onLabel(label), [label, onLabel]);
  useEffect(() => {
    if (!isBegun) return;
    // The menu button takes the focus of a button that disappears.
    return () => {
      if (document.activeElement === document.body)
        keepFocus(document.querySelector('.ma-more-button'));
    };
  }, [isBegun]);
  return (
    <>
      {label !== undefined && isBegun && <OpenButton label={label} onOpen={onOpen} />}
      {isOpen && <AgainDialog {...props} onClose={onClose} />}
    </>
  );
}

/** It is open as long as it is rendered. */
export function AgainDialog(props: AgainProps & { onClose: () => void }) {
  const { ids, onClose } = props;
  const search = isNarrowed(props.search) ? withoutStart(props.search) : undefined;
  const { language } = useWords();
  const words = againWordsFor(language);
  const { label = '', begun } = useAgain(props);
  const offered = offeredOf(useAnalyses().analyses);
  const client = useMediaClient();
  const control = useReanalysis();
  const { reanalysis, dismiss } = control;
  const quoted = begun ? undefined : reanalysis?.quote;
  const [wish, setWish] = useState<{ analysis?: string; input: FormInput }>({ input: {} });
  const info = offered.find(({ name }) => name === wish.analysis) ?? offered[0];
  const found = useQuery(
    { queryKey: ['meant', search], queryFn: search ? () => foundBy(client, search) : skipToken },
    useQueryCache(),
  );
  const meant = search ? found.data : ids;
  const isBusy = control.isBusy || control.isLoading || found.isFetching;
  const error = control.error ?? found.failureReason;

  const [isWanted, setIsWanted] = useState(true);
  useEffect(() => {
    if (!isWanted || isBusy || reanalysis || !info || (search && !meant)) return;
    setIsWanted(false);
    // A required input must be given before a quote.
    if (!info.required.every((name) => name in wish.input)) return;
    void control.quote({
      analysis: info.name,
      input: wish.input,
      ...(meant && { filter: { ids: meant.slice(0, MOST_AT_ONCE) } }),
      ...(props.language && { language: props.language }),
    });
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a quote of another dialog is not wanted
  useEffect(() => {
    if (quoted) dismiss();
  }, []);
  const change = (next: typeof wish) => {
    setWish(next);
    setIsWanted(false);
    dismiss();
  };
  const tryAgain = () => {
    if (begun) return void control.reload();
    setIsWanted(true);
    if (found.failureReason) void found.refetch();
  };

  const id = useId();
  const body = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was pressed disappears with its step
  useLayoutEffect(() => {
    if (document.activeElement === document.body) keepFocus(body.current);
  }, [begun?.id, quoted]);
  return (
    <PageDialog
      className="ma-again"
      title={words.title}
      onClose={() => {
        dismiss();
        onClose();
      }}
    >
      <div ref={body} tabIndex={-1} className="ma-again-body">
        {error != null && (
          <ErrorNotice error={error}>
            <TryAgain onPress={tryAgain} home=".ma-again-body" />
          </ErrorNotice>
        )}
        {begun ? (
          <Progress title={label} reanalysis={begun} control={control} />
        ) : (
          <>
            <p role="status">{isBusy ? words.counting : quoted && said(quoted, language)}</p>
            <p className="ma-muted">
              {search ? words.ofFound : ids ? words.ofSelected : words.ofAll}{' '}
              {meant && meant.length >= MOST_AT_ONCE && words.ofFirst(MOST_AT_ONCE)}
            </p>
            {quoted && quoted.media > 0 && (
              <Button
                kind="primary"
                // A disabled button would lose the focus.
                aria-disabled={isBusy}
                // The second press of the double click that opened the dialog may land here.
                onClick={({ detail }) => detail < 2 && void control.confirm()}
              >
                {words.confirm}
              </Button>
            )}
            {info && (
              <details>
                <summary>{words.options}</summary>
                <form
                  onSubmit={(event) => {
                    event.preventDefault();
                    setIsWanted(true);
                  }}
                >
                  <div className="ma-ask-field">
                    <label htmlFor={`${id}-analysis`}>{words.analysis}</label>
                    <select
                      id={`${id}-analysis`}
                      className="ma-ask-input"
                      value={info.name}
                      aria-describedby={`${id}-hint`}
                      onChange={({ target }) => change({ analysis: target.value, input: {} })}
                    >
                      {offered.map((each) => (
                        <option key={each.name} value={each.name}>
                          {titleOf(each, language)}
                        </option>
                      ))}
                    </select>
                    <span id={`${id}-hint`}>{descriptionOf(info, language)}</span>
                  </div>
                  <AnalysisFields
                    info={info}
                    input={wish.input}
                    onChange={(input) => change({ analysis: info.name, input })}
                  />
                  {!quoted && (
                    <button
                      type="submit"
                      className="ma-button"
                      data-kind="primary"
                      aria-disabled={isBusy}
                    >
                      {words.quote}
                    </button>
                  )}
                </form>
              </details>
            )}
          </>
        )}
      </div>
    </PageDialog>
  );
}

function said(quote: Reanalysis['quote'], language: string): string {
  const words = againWordsFor(language);
  if (quote.media === 0) return words.nothing + (quote.up_to_date > 0 ? words.upToDate : '');
  const total = quote.media + quote.up_to_date + quote.not_possible;
  const price = priceOf(quote.cost_usd, language, quote.cost_range_usd);
  return words.media(quote.media, total) + words.cost(price) + words.kept;
}

interface ProgressProps {
  title: string;
  reanalysis: Reanalysis;
  control: ReanalysisControl;
}

/** Shows how far the work is, with buttons that control it. */
function Progress({ title, reanalysis, control }: ProgressProps) {
  const { language, waitsFor } = useWords();
  const words = againWordsFor(language);
  const { state, quote, done, failed, skipped, wait_code: wait } = reanalysis;
  const isDone = state === 'completed';
  const ended = (done + failed + skipped) / Math.max(1, quote.media);
  const spent = ended > 0 && priceOf(reanalysis.cost_usd, language);
  const counts = words.counts(done, quote.media) + (failed > 0 ? words.failed(failed) : '');
  const isWaiting = state === 'running' && wait !== null && wait !== 'fresh_uploads';
  const button = (text: string, act: () => Promise<void>) => (
    <Button aria-disabled={control.isBusy} onClick={() => void act()}>
      {text}
    </Button>
  );
  return (
    <>
      {/* A screen reader reads this out: it changes when work on a media ends. */}
      <p role="status" data-outcome={isDone && failed === 0 ? 'good' : undefined}>
        <strong>{title}</strong> <span>{counts}</span>
      </p>
      <ProgressBar value={isDone ? 1 : Math.min(1, ended)} label={title} text={counts} />
      {isWaiting && <p className="ma-countdown">{waitsFor(wait)}</p>}
      {spent && <p className="ma-countdown">{words.spent(spent)}</p>}
      {!isDone && state !== 'cancelled' && (
        <div className="ma-asks">
          {state === 'paused'
            ? button(words.resume, control.resume)
            : button(words.pause, control.pause)}
          {button(words.cancel, control.cancel)}
        </div>
      )}
    </>
  );
}
