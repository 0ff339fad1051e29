/** A dialog of the page, with its title and a button that closes it. */
import { type ReactNode, useId } from 'react';
import { CloseIcon } from '../../components/base/icons.tsx';
import type { useModal } from '../../components/base/use-modal.ts';
import { useWords } from '../../components/words/index.ts';
import './page-dialog.css';

interface PageDialogProps {
  modal: ReturnType<typeof useModal>;
  className: string;
  title: string;
  children: ReactNode;
}

export function PageDialog({ modal, className, title, children }: PageDialogProps) {
  const { close } = useWords();
  const titleId = useId();
  return (
    <dialog
      ref={modal.dialog}
      className={`ma-page-dialog ${className}`}
      aria-labelledby={titleId}
      onClose={modal.onClose}
    >
      <div className="ma-page-dialog-inner">
        <div className="ma-page-dialog-head">
          <h2 id={titleId}>{title}</h2>
          <button
            type="button"
            className="ma-button"
            data-kind="icon"
            aria-label={close}
            onClick={modal.close}
          >
            <CloseIcon />
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
