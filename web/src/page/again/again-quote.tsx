/** What it would cost, in words, before anything runs. */
import type { Reanalysis } from '../../client/index.ts';
import { useWords } from '../../components/words/index.ts';
import { MOST_AT_ONCE } from './again-scope.ts';
import { againWordsFor } from './again-words.ts';

interface AgainQuoteProps {
  reanalysis: Reanalysis;
  /** Of the analysis. */
  title: string;
  isBusy: boolean;
  onConfirm: () => void;
  onBack: () => void;
}

export function AgainQuote({ reanalysis, title, isBusy, onConfirm, onBack }: AgainQuoteProps) {
  const { language } = useWords();
  const words = againWordsFor(language);
  const { quote, filter } = reanalysis;
  const files = filter.ids?.length;
  const isNothing = quote.media === 0;
  const note = words.note(quote.note);
  return (
    <>
      <h2>{isNothing ? words.nothing : words.count(quote.media, title)}</h2>
      <ul className="ma-again-quote">
        <li>{words.outOf(files, files === MOST_AT_ONCE)}</li>
        {!isNothing && (
          <>
            <li>{words.cost(quote.cost_usd, quote.receipts)}</li>
            <li>{words.time(quote.minutes)}</li>
            {quote.receipts > 0 && <li>{note ?? words.learntFrom(quote.receipts)}</li>}
          </>
        )}
        {quote.up_to_date > 0 && <li>{words.upToDate(quote.up_to_date)}</li>}
        {quote.not_possible > 0 && <li>{words.notPossible(quote.not_possible)}</li>}
        {!isNothing && <li>{words.kept}</li>}
      </ul>
      <div className="ma-asks">
        {!isNothing && (
          <button
            type="button"
            className="ma-button"
            data-kind="primary"
            // A button that is switched off would lose the focus.
            aria-disabled={isBusy}
            onClick={onConfirm}
          >
            {words.confirm}
          </button>
        )}
        <button type="button" className="ma-button" onClick={onBack}>
          {words.back}
        </button>
      </div>
    </>
  );
}
