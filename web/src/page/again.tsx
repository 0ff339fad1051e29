/** Makes an analysis again for what is there: a button, then a form, a quote, and the progress. */
import { useEffect, useRef, useState } from 'react';
import type { Reanalysis, ReanalysisFilter } from '../client/index.ts';
import { offeredOf, titleOf } from '../components/analysis-words.ts';
import { ErrorNotice } from '../components/error-notice.tsx';
import { useWords } from '../components/words/index.ts';
import { useAnalyses, useReanalysis } from '../hooks/index.ts';
import { AgainForm, EMPTY_WISH, type Wish } from './again-form.tsx';
import { AgainProgress } from './again-progress.tsx';
import { AgainQuote } from './again-quote.tsx';
import { againWordsFor } from './again-words.ts';

type Step = 'closed' | 'form' | 'quote' | 'progress';

/** @param props.ids These media alone; absent: all. */
export function Again({ ids }: { ids?: readonly string[] }) {
  const { language, tryAgain } = useWords();
  const words = againWordsFor(language);
  const { analyses } = useAnalyses();
  const control = useReanalysis();
  const { reanalysis, isLoading, isBusy, error } = control;
  const [isOpen, setIsOpen] = useState(false);
  const [wish, setWish] = useState<Wish>(EMPTY_WISH);
  const step = stepOf(reanalysis, isOpen);
  const { region, opener } = useFocusOn(step);

  const offered = offeredOf(analyses);
  if (step === 'closed') {
    if (isLoading || offered.length === 0) return null;
    const open = () => {
      setIsOpen(true);
      // It could not be found out if one is under way. Who opens the form wants to know.
      if (error !== undefined) void control.reload();
    };
    return (
      <button ref={opener} type="button" className="ma-button" onClick={open}>
        {words.open}
      </button>
    );
  }
  const title = (name: string) => {
    const info = analyses.find((each) => each.name === name);
    return info ? titleOf(info, language) : name;
  };
  const close = () => {
    setIsOpen(false);
    control.dismiss();
  };
  const send = ({ analysis, input, language: answers, only, kind }: Wish) => {
    const filter: Partial<ReanalysisFilter> = {
      only,
      ...(kind && { kind }),
      ...(ids && { ids: [...ids] }),
    };
    void control.quote({ analysis, input, filter, ...(answers && { language: answers }) });
  };
  return (
    <section ref={region} className="again" aria-label={words.title} tabIndex={-1}>
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
