/** Makes an analysis again for what is there: a button, then a form, a quote, and the progress. */
import { useEffect, useRef, useState } from 'react';
import type { MediaFilters, Reanalysis, ReanalysisFilter } from '../../client/index.ts';
import { ErrorNotice } from '../../components/base/error-notice.tsx';
import { SparkIcon } from '../../components/base/icons.tsx';
import { offeredOf, titleOf } from '../../components/view/analysis-words.ts';
import { baseOf, useWords } from '../../components/words/index.ts';
import { useAnalyses, useMediaClient, useReanalysis } from '../../hooks/index.ts';
import { isNarrowed, withoutStart } from '../search/search-address.ts';
import { useBackCloses } from '../shell/use-back-closes.ts';
import { AgainForm, EMPTY_WISH, type Wish } from './again-form.tsx';
import { AgainProgress } from './again-progress.tsx';
import { AgainQuote } from './again-quote.tsx';
import { foundBy, MOST_AT_ONCE } from './again-scope.ts';
import { againWordsFor } from './again-words.ts';

type Step = 'closed' | 'form' | 'quote' | 'progress';

interface AgainProps {
  /** Whether it is on a page of its own, where Back closes it, and not in an app. */
  isPage: boolean;
  /** These media alone. */
  ids?: readonly string[] | undefined;
  /** Whether some of them are described in another language than that of the page, which is then offered. */
  isForeign?: boolean;
  /** What is searched for: what it finds is meant. Absent, and no `ids`: all. */
  search?: MediaFilters | undefined;
}

export function Again({ isPage, ids, isForeign = false, search: asked }: AgainProps) {
  const search = isNarrowed(asked) ? withoutStart(asked) : undefined;
  const { language, tryAgain } = useWords();
  const words = againWordsFor(language);
  const { analyses } = useAnalyses();
  const client = useMediaClient();
  const control = useReanalysis();
  const { reanalysis, isLoading } = control;
  const [isFinding, setIsFinding] = useState(false);
  const [searchError, setSearchError] = useState<unknown>();
  const isBusy = control.isBusy || isFinding;
  const error = control.error ?? searchError;
  const [isOpen, setIsOpen] = useState(false);
  const [changed, setWish] = useState<Wish>();
  const wish = changed ?? { ...EMPTY_WISH, language: isForeign ? baseOf(language) : undefined };
  const step = stepOf(reanalysis, isOpen);
  const { region, opener } = useFocusOn(step);
  /** The last search for what is meant, as long as its form is open. */
  const finding = useRef<object>(undefined);
  const close = () => {
    finding.current = undefined;
    setIsOpen(false);
    setSearchError(undefined);
    control.dismiss();
  };
  // What is under way goes on, and is no step of the user.
  useBackCloses(isPage, step === 'form' || step === 'quote', close);

  const offered = offeredOf(analyses);
  if (step === 'closed') {
    if (isLoading || offered.length === 0) return null;
    const open = () => {
      setIsOpen(true);
      // The page could not find out whether one is under way. A person who opens the form needs to know.
      if (control.error !== undefined) void control.reload();
    };
    return (
      <button ref={opener} type="button" className="ma-button" onClick={open}>
        <SparkIcon />
        {search ? words.openFound : isForeign ? words.openInLanguage : words.open}
      </button>
    );
  }
  const title = (name: string) => {
    const info = analyses.find((each) => each.name === name);
    return info ? titleOf(info, language) : name;
  };
  const meant = async () => (search ? foundBy(client, search) : ids?.slice(0, MOST_AT_ONCE));
  const send = ({ analysis, input, language: answers, only, kind }: Wish) => {
    const own = {};
    finding.current = own;
    setIsFinding(true);
    setSearchError(undefined);
    meant()
      .then((found) => {
        if (finding.current !== own) return;
        const filter: Partial<ReanalysisFilter> = {
          only,
          ...(kind && { kind }),
          ...(found && { ids: found }),
        };
        void control.quote({ analysis, input, filter, ...(answers && { language: answers }) });
      })
      .catch((error: unknown) => finding.current === own && setSearchError(error))
      .finally(() => setIsFinding(false));
  };
  return (
    <section ref={region} className="ma-again" aria-label={words.title} tabIndex={-1}>
      {error !== undefined && (
        <ErrorNotice error={error}>
          {step === 'progress' && (
            <button type="button" className="ma-button" onClick={() => void control.reload()}>
              {tryAgain}
            </button>
          )}
        </ErrorNotice>
      )}
      {step === 'form' && (
        <AgainForm
          scope={search ? words.scope.found : scopeOf(ids?.length, words)}
          offered={offered}
          wish={wish}
          isBusy={isBusy}
          onChange={setWish}
          onSend={send}
          onClose={close}
        />
      )}
      {step === 'quote' && reanalysis && (
        <AgainQuote
          reanalysis={reanalysis}
          title={title(reanalysis.analysis)}
          isBusy={isBusy}
          onConfirm={() => void control.confirm()}
          onBack={() => {
            setIsOpen(true);
            control.dismiss();
          }}
        />
      )}
      {step === 'progress' && reanalysis && (
        <AgainProgress
          reanalysis={reanalysis}
          title={title(reanalysis.analysis)}
          control={control}
          onClose={close}
        />
      )}
    </section>
  );
}

function scopeOf(selected: number | undefined, { scope }: ReturnType<typeof againWordsFor>) {
  return selected === undefined ? scope.all : scope.selected(selected, MOST_AT_ONCE);
}

function stepOf(reanalysis: Reanalysis | undefined, isOpen: boolean): Step {
  if (reanalysis) return reanalysis.state === 'quoted' ? 'quote' : 'progress';
  return isOpen ? 'form' : 'closed';
}

/** What was pressed disappears with its step, and the focus must not be lost. */
function useFocusOn(step: Step) {
  const region = useRef<HTMLElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const last = useRef(step);
  useEffect(() => {
    const from = last.current;
    last.current = step;
    if (from === step) return;
    if (step === 'closed') opener.current?.focus();
    else if (step === 'form') region.current?.querySelector('select')?.focus();
    // One that was under way before the page was loaded takes no focus away.
    else if (from !== 'closed') region.current?.focus();
  }, [step]);
  return { region, opener };
}
