import { useLayoutEffect, useRef } from 'react';

/**
 * A modal `<dialog>`, open from its first frame on. Before it unmounts it is closed, which gives the focus back.
 * @param onClose Called after the dialog was closed: by `close`, by the Escape key, or by the browser.
 */
export function useModal(onClose: () => void) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close();
  }, []);
  return {
    dialog,
    close: () => dialog.current?.close(),
    /** For the `onClose` of the dialog. React also reports the closing of a dialog inside it. */
    onClose: () => {
      if (dialog.current?.open === false) onClose();
    },
  };
}
