import { useWords } from '../../components/words/index.ts';
import { manyWordsFor } from './many-words.ts';

/** Begins to select media. */
export function SelectButton({ onClick }: { onClick: () => void }) {
  const words = manyWordsFor(useWords().language);
  return (
    <button type="button" className="ma-button" onClick={onClick}>
      {words.start}
    </button>
  );
}
