import { type ReactNode, useId, useState } from 'react';
import { useWords } from '../words/index.ts';
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
 * A delete button that asks first, in a dialog above the page. For what cannot be brought back, such as what is erased from the
 * bin.
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
  return (
    <>
      <button
        type="button"
        className="ma-button"
        data-kind={children ? undefined : 'overlay'}
        aria-haspopup="dialog"
        aria-label={children ? undefined : words.actOn(words.remove, name)}
        title={children ? undefined : words.remove}
        onClick={() => setIsAsking(true)}
      >
        {children ?? <TrashIcon />}
      </button>
      {isAsking && (
        <Question
          text={words.reallyRemove(name)}
          onConfirm={onConfirm}
          onClose={() => setIsAsking(false)}
        />
      )}
    </>
  );
}

interface QuestionProps {
  text: string;
  onConfirm: () => void;
  onClose: () => void;
}

/** The Escape key closes it alone, and not what it lies above. */
function Question({ text, onConfirm, onClose }: QuestionProps) {
  const { analyses, remove } = useWords();
  const { dialog, ...modal } = useModal(onClose);
  const textId = useId();
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      className="ma-question"
      aria-labelledby={textId}
      onClose={modal.onClose}
    >
      <div className="ma-question-inner">
        <p id={textId}>{text}</p>
        {/* The first has the focus: a press too much deletes nothing. */}
        <button type="button" className="ma-button" onClick={modal.close}>
          {analyses.cancel}
        </button>
        <button
          type="button"
          className="ma-button"
          data-kind="danger"
          onClick={() => {
            // The focus is back before the caller moves it on.
            modal.close();
            onConfirm();
          }}
        >
          {remove}
        </button>
      </div>
    </dialog>
  );
}
