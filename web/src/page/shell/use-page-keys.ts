import { useEffect } from 'react';

const FIELDS = 'input:not([type=checkbox]), select, textarea, [contenteditable], [role=menu] *';

/** Keys that work anywhere on the page, unless the user is writing or another view lies above. */
export function usePageKeys(onKey: (event: KeyboardEvent) => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const { target, defaultPrevented } = event;
      const isWriting = target instanceof Element && target.matches(FIELDS);
      if (isWriting || defaultPrevented || document.querySelector('dialog[open]')) return;
      onKey(event);
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  });
}
