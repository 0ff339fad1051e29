import { type ReactNode, useId, useState } from 'react';
import { useWords } from '../words/index.ts';
import { Button } from './button.tsx';
import { TrashIcon } from './icons.tsx';
import { useModal } from './use-modal.ts';

interface ConfirmButtonProps {
  /** What is deleted: the name of an item, or how many there are. */
  name: string;
  /** Called when the question is answered with "Delete". */
  onConfirm: () => void;
  /** What the button says. Absent: it shows a bin. */
  children?: ReactNode;
}

/**
 * A delete button that asks first, in a dialog above the page: for what cannot be brought back.
 * @example
 * ```tsx
 * import { ConfirmButton } from '@media-analysis/react';
 *
 * const erase = () => void client.remove(media.id, { permanently: true });
 * export const Delete = () => <ConfirmButton name={media.file_name} onConfirm={erase} />;
 * ```
 */
export function ConfirmButton({ name, onConfirm, children }: ConfirmButtonProps) {
  const words = useWords();
  const [isAsking, setIsAsking] = useState(false);
  return (
    <>
      <Button
        kind={children ? undefined : 'overlay'}
        aria-haspopup="dialog"
        label={children ? undefined : words.actOn(words.remove, name)}
        title={children ? undefined : words.remove}
        onClick={() => setIsAsking(true)}
      >
        {children ?? <TrashIcon />}
      </Button>
      {isAsking && <Question {...{ name, onConfirm }} onClose={() => setIsAsking(false)} />}
    </>
  );
}

interface QuestionProps extends Omit<ConfirmButtonProps, 'children'> {
  onClose: () => void;
}

/** The Escape key closes it alone, and not what it lies above. */
function Question({ name, onConfirm, onClose }: QuestionProps) {
  const { analyses, remove, reallyRemove } = useWords();
  const modal = useModal(onClose);
  const textId = useId();
  const confirm = () => {
    // The focus is back before the caller moves it on.
    modal.close();
    onConfirm();
  };
  return (
    <dialog
      ref={modal.dialog}
      role="alertdialog"
      className="ma-question"
      aria-labelledby={textId}
      onClose={modal.onClose}
    >
      <div className="ma-question-inner">
        <p id={textId}>{reallyRemove(name)}</p>
        {/* The first has the focus: a press too much deletes nothing. */}
        <Button onClick={modal.close}>{analyses.cancel}</Button>
        <Button kind="danger" onClick={confirm}>
          {remove}
        </Button>
      </div>
    </dialog>
  );
}
