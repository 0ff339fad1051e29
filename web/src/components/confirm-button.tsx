import { type ReactNode, useEffect, useState } from 'react';
import { TrashIcon } from './icons.tsx';
import { useWords } from './words/index.ts';

/** How long the button waits for the second press. */
const ASK_MS = 4_000;

interface ConfirmButtonProps {
  /** Name of the item, for screen readers. */
  name: string;
  /** Called at the second press. */
  onConfirm: () => void;
  /** What the button says before it asks. Absent: it shows a bin. */
  children?: ReactNode;
}

/**
 * A delete button that asks first: it acts at the second press within 4 seconds. For what cannot be brought back, such as what
 * is erased from the bin.
 * @example
 * ```tsx
 * import { ConfirmButton } from '@media-analysis/react';
 *
 * export const Delete = () => (
 *   <ConfirmButton
 *     name={media.file_name}
 *     onConfirm={() => void client.remove(media.id, { permanently: true })}
 *   />
 * );
 * ```
 */
export function ConfirmButton({ name, onConfirm, children }: ConfirmButtonProps) {
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
      data-kind={isAsking ? 'danger' : children ? undefined : 'overlay'}
      aria-label={
        isAsking || !children
          ? `${isAsking ? words.reallyRemove : words.remove} ${name}`
          : undefined
      }
      title={isAsking || children ? undefined : words.remove}
      onClick={() => (isAsking ? onConfirm() : setIsAsking(true))}
      onBlur={() => setIsAsking(false)}
    >
      {isAsking ? words.reallyRemove : (children ?? <TrashIcon />)}
    </button>
  );
}
