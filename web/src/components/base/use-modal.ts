import { type RefObject, useLayoutEffect, useRef } from 'react';

interface Modal {
  dialog: RefObject<HTMLDialogElement | null>;
  close: () => void;
  /** For the `onClose` of the dialog. React tells it of a dialog within it too. */
  onClose: () => void;
}

/**
 * A `<dialog>` above the page, from its first frame on. If it is taken away it is closed first, which gives the focus back to where it was.
 * @param onClose Called when it was closed: by `close`, by the Escape key, or by the browser.
 */
export function useModal(onClose: () => void): Modal {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return {
    dialog,
    close: () => dialog.current?.close(),
    onClose: () => {
      if (dialog.current?.open === false) onClose();
    },
  };
}
