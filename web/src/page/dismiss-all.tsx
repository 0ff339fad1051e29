import { CloseIcon } from '../components/icons.tsx';
import { useWords } from '../components/words/index.ts';
import { manyWordsFor } from './many-words.ts';

interface DismissAllProps {
  count: number;
  onClick: () => void;
}

/** Takes all files off the list that were refused, and would be again. */
export function DismissAll({ count, onClick }: DismissAllProps) {
  return (
    <button type="button" className="ma-button" onClick={onClick}>
      <CloseIcon />
      {manyWordsFor(useWords().language).dismissAll(count)}
    </button>
  );
}
