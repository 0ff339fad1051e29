import { useEffect, useState } from 'react';
import { TrashIcon } from './icons.tsx';
import { useWords } from './words/index.ts';

/** How long the question stands. */
const ASK_MS = 4_000;

/** Deletes on the second press: what is deleted cannot be brought back. */
export function ConfirmButton({ name, onConfirm }: { name: string; onConfirm: () => void }) {
  const words = useWords();
  const [isAsking, setIsAsking] = useState(false);
  useEffect(() => {
    if (!isAsking) return;
    const timer = setTimeout(() => setIsAsking(false), ASK_MS);
    return () => clearTimeout(timer);
  }, [isAsking]);
  return (
    <button
      type="button"
      className="ma-button"
      data-kind={isAsking ? 'danger' : 'overlay'}
      aria-label={isAsking ? `${words.reallyRemove} ${name}` : `${words.remove} ${name}`}
      title={isAsking ? undefined : words.remove}
      onClick={() => (isAsking ? onConfirm() : setIsAsking(true))}
      onBlur={() => setIsAsking(false)}
    >
      {isAsking ? words.reallyRemove : <TrashIcon />}
    </button>
  );
}
