import { type ReactNode, useId } from 'react';
import { Button } from '../../components/base/button.tsx';
import { CloseIcon } from '../../components/base/icons.tsx';
import { useModal } from '../../components/base/use-modal.ts';
import { useWords } from '../../components/words/index.ts';
import { useBackCloses } from './use-back-closes.ts';
import './page-dialog.css';

interface PageDialogProps {
  className?: string;
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog of the page, with its title and a button that closes it. It is open as long as it is rendered. */
export function PageDialog({ className = '', title, onClose, children }: PageDialogProps) {
  const { close } = useWords();
  const titleId = useId();
  const modal = useModal(onClose);
  useBackCloses(true, modal.close);
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
          <Button kind="icon" aria-label={close} onClick={modal.close}>
            <CloseIcon />
          </Button>
        </div>
        {children}
      </div>
    </dialog>
  );
}
