/** Makes an analysis again for what is there: it says first for how many and what it costs, then how far it is. */
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { AnalysisInfo, MediaFilters, ReanalysisFilter } from '../../client/index.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { SparkIcon } from '../../components/base/icons.tsx';
import { keepFocus } from '../../components/base/keep-focus.ts';
import { useModal } from '../../components/base/use-modal.ts';
import { offeredOf, titleOf } from '../../components/view/analysis-words.ts';
import { useWords } from '../../components/words/index.ts';
import { useAnalyses, useMediaClient, useReanalysis } from '../../hooks/index.ts';
import { isNarrowed, withoutStart } from '../search/search-address.ts';
import { PageDialog } from '../shell/page-dialog.tsx';
import { useBackCloses } from '../shell/use-back-closes.ts';
import { AgainOptions, type Wish } from './again-options.tsx';
import { AgainProgress } from './again-progress.tsx';
import { AgainQuote } from './again-quote.tsx';
import { foundBy, MOST_AT_ONCE } from './again-scope.ts';
import { againWordsFor } from './again-words.ts';

interface AgainProps {
  /** Whether it is on a page of its own, where Back closes it, and not in an app. */
  isPage: boolean;
  /** These media alone. */
  ids?: readonly string[] | undefined;
  /** What is searched for: what it finds is meant. Absent, and no `ids`: all. */
  search?: MediaFilters | undefined;
  /** In which the answers are to be, such as `ja`. Absent: that of each media. */
  language?: string | undefined;
}

/** What the button that opens it says; undefined: it is not known yet, or the service offers nothing. */
function useAgainLabel({ search, language: answers }: AgainProps): string | undefined {
  const { language } = useWords();
  const { analyses } = useAnalyses();
  const { reanalysis, isLoading } = useReanalysis();
  const words = againWordsFor(language);
  if (isLoading || offeredOf(analyses).length === 0) return undefined;
  if (reanalysis && reanalysis.state !== 'quoted') {
    const info = analyses.find(({ name }) => name === reanalysis.analysis);
    return words.states[reanalysis.state](info ? titleOf(info, language) : reanalysis.analysis);
  }
  if (isNarrowed(search)) return words.openFound;
  return answers === undefined ? words.open : words.openInLanguage;
}

export function Again(props: AgainProps) {
  const [isOpen, setIsOpen] = useState(false);
  const label = useAgainLabel(props);
  if (label === undefined) return null;
  return (
    <>
      <button
        type="button"
        className="ma-button"
        aria-haspopup="dialog"
        onClick={() => setIsOpen(true)}
      >
        <SparkIcon />
        <span>{label}</span>
      </button>
      {isOpen && <AgainDialog {...props} onClose={() => setIsOpen(false)} />}
    </>
  );
}

interface AgainControlProps extends AgainProps {
  isOpen: boolean;
  onOpen: () => void;
  onClose: () => void;
  /** Told what the entry of the menu that opens it says; undefined: there is none. */
  onLabel: (label: string | undefined) => void;
}

/** The dialog of an entry in the menu. What is under way has a button in sight. */
export function AgainControl({ isOpen, onOpen, onClose, onLabel, ...props }: AgainControlProps) {
  const label = useAgainLabel(props);
  const { reanalysis } = useReanalysis();
  const isBegun = reanalysis !== undefined && reanalysis.state !== 'quoted';
  useEffect(() => onLabel(label), [label, onLabel]);
  // The button that had the focus goes with what it tells of.
  const wasBegun = useRef(false);
  useEffect(() => {
    const isGone = wasBegun.current && !isBegun;
    if (isGone && document.activeElement === document.body)
      keepFocus(document.querySelector('.ma-more-button'));
    wasBegun.current = isBegun;
  }, [isBegun]);
  return (
    <>
      {isBegun && label !== undefined && (
        <button type="button" className="ma-button" aria-haspopup="dialog" onClick={onOpen}>
          <SparkIcon />
          {label}
        </button>
      )}
      {isOpen && <AgainDialog {...props} onClose={onClose} />}
    </>
  );
}

/** It is open as long as it is rendered. */
export function AgainDialog(props: AgainProps & { onClose: () => void }) {
  const { isPage, ids, onClose } = props;
  const search = isNarrowed(props.search) ? withoutStart(props.search) : undefined;
  const { language, tryAgain } = useWords();
  const words = againWordsFor(language);
  const offered = offeredOf(useAnalyses().analyses);
  const client = useMediaClient();
  const control = useReanalysis();
  const { reanalysis, isLoading, dismiss } = control;
  const [wish, setWish] = useState<Wish>({ input: {}, only: 'any', language: props.language });
  const info = offered.find(({ name }) => name === wish.analysis) ?? offered[0];
  const modal = useModal(() => {
    dismiss();
    onClose();
  });
  useBackCloses(isPage, true, modal.close);

  /** The last question for a quote, as long as its answer is wanted. */
  const asking = useRef<object>(undefined);
  const [isWanted, setIsWanted] = useState(true);
  const [isFinding, setIsFinding] = useState(false);
  const [findError, setFindError] = useState<unknown>();
  const isBusy = isFinding || control.isBusy;
  const error = control.error ?? findError;
  const forget = () => {
    asking.current = undefined;
    setIsWanted(false);
    setFindError(undefined);
    dismiss();
  };
  const ask = async (info: AnalysisInfo) => {
    const own = {};
    asking.current = own;
    setIsFinding(true);
    setFindError(undefined);
    try {
      const found = search ? await foundBy(client, search) : ids?.slice(0, MOST_AT_ONCE);
      if (asking.current !== own) return;
      const { only, kind, input, language: answers } = wish;
      const filter: Partial<ReanalysisFilter> = {
        only,
        ...(kind && { kind }),
        ...(found && { ids: found }),
      };
      const { name: analysis } = info;
      await control.quote({ analysis, input, filter, ...(answers && { language: answers }) });
    } catch (error) {
      if (asking.current === own) setFindError(error);
    } finally {
      setIsFinding(false);
    }
  };
  useEffect(() => {
    if (!isWanted || isLoading || isBusy || reanalysis || !info) return;
    setIsWanted(false);
    // At first it is not known what to ask for.
    if (info.required.every((name) => name in wish.input)) void ask(info);
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: a quote of another dialog is not wanted
  useEffect(() => {
    if (reanalysis?.state === 'quoted') dismiss();
    return () => {
      asking.current = undefined;
    };
  }, []);

  const body = useRef<HTMLDivElement>(null);
  const quoted = reanalysis?.state === 'quoted' ? reanalysis : undefined;
  const isBegun = reanalysis !== undefined && !quoted;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was pressed disappears with its step
  useLayoutEffect(() => {
    if (document.activeElement === document.body) keepFocus(body.current);
  }, [isBegun, quoted]);
  return (
    <PageDialog modal={modal} className="ma-again" title={words.title}>
      <div ref={body} tabIndex={-1} className="ma-again-body">
        {error !== undefined && (
          <ErrorNotice error={error}>
            <button
              type="button"
              className="ma-button"
              onClick={() => (isBegun ? void control.reload() : setIsWanted(true))}
            >
              {tryAgain}
            </button>
          </ErrorNotice>
        )}
        {isBegun ? (
          <AgainProgress reanalysis={reanalysis} control={control} />
        ) : (
          <>
            <div role="status" className="ma-again-said">
              {isBusy || isLoading ? (
                <p>{words.counting}</p>
              ) : (
                quoted && <AgainQuote reanalysis={quoted} />
              )}
            </div>
            <p className="ma-muted">
              {search
                ? words.scope.found(quoted?.filter.ids?.length === MOST_AT_ONCE)
                : ids
                  ? words.scope.selected(ids.length, MOST_AT_ONCE)
                  : words.scope.all}
            </p>
            {quoted && quoted.quote.media > 0 && (
              <button
                type="button"
                className="ma-button"
                data-kind="primary"
                // A button that is switched off would lose the focus.
                aria-disabled={isBusy}
                // The second press of a double click on what has opened this may come here.
                onClick={({ detail }) => detail < 2 && void control.confirm()}
              >
                {words.confirm}
              </button>
            )}
            {info && (
              <AgainOptions
                {...{ offered, info, wish, isBusy }}
                hasQuote={quoted !== undefined}
                onChange={(next) => {
                  setWish(next);
                  forget();
                }}
                onSend={() => setIsWanted(true)}
              />
            )}
          </>
        )}
      </div>
    </PageDialog>
  );
}
