import { type ReactNode, useId, useState } from 'react';
import { useWords } from '../words/index.ts';
import { Button } from './button.tsx';
import { TrashIcon } from './icons.tsx';
import { useModal } from './use-modal.ts';

interface ConfirmButtonProps {
  /** Name of the item to delete, or how many items. */
  name: string;
  /** Called when the user answers "Delete". */
  onConfirm: () => void;
  /** Text of the button. Default: an icon of a bin. */
  children?: ReactNode;
}

/**
 * A delete button that asks first, in a dialog above the page. Use it where a deletion cannot be undone.
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
        kind={children ? undefined : 'icon'}
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

/** The Escape key closes only this dialog, not the view below it. */
function Question({ name, onConfirm, onClose }: QuestionProps) {
  const { analyses, remove, reallyRemove } = useWords();
  const modal = useModal(onClose);
  const textId = useId();
  const confirm = () => {
    // The dialog gives the focus back before the caller moves it.
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
        {/* The first button has the focus: a press too much deletes nothing. */}
        <Button onClick={modal.close}>{analyses.cancel}</Button>
        <Button kind="danger" onClick={confirm}>
          {remove}
        </Button>
      </div>
    </dialog>
  );
}
