/** For how many media, why, and what it would cost, before anything runs. */
import type { Reanalysis } from '../../client/index.ts';
import { useWords } from '../../components/words/index.ts';
import { againWordsFor } from './again-words.ts';

export function AgainQuote({ reanalysis }: { reanalysis: Reanalysis }) {
  const { language } = useWords();
  const words = againWordsFor(language);
  const { quote } = reanalysis;
  const isOfAll = reanalysis.filter.only === 'any';
  const total = quote.media + quote.up_to_date + quote.not_possible;
  const missed = quote.not_possible > 0 && words.notPossible(quote.not_possible);
  if (quote.media === 0) {
    return (
      <p>
        <strong>{words.nothing}</strong> {missed}
      </p>
    );
  }
  return (
    <>
      <p>
        <strong>
          {words.count(quote.media, isOfAll ? total : undefined, {
            ...quote,
            isInLanguage: reanalysis.language !== null,
          })}
        </strong>
      </p>
      <p>
        {[
          words.cost(quote.cost_usd, quote.cost_range_usd ?? undefined, quote.receipts),
          words.time(quote.minutes),
          missed,
          words.kept,
        ]
          .filter(Boolean)
          .join(words.between)}
      </p>
    </>
  );
}
