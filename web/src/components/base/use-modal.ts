import { useLayoutEffect, useRef } from 'react';

/**
 * A `<dialog>` above the page, from its first frame on. If it is taken away it is closed first, which gives the focus back to where it was.
 * @param onClose Called when it was closed: by `close`, by the Escape key, or by the browser.
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
    /** For the `onClose` of the dialog. React tells it of a dialog within it too. */
    onClose: () => {
      if (dialog.current?.open === false) onClose();
    },
  };
}
