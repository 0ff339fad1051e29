import { useEffect, useState } from 'react';
import { useViewWords } from '../words/view.ts';

const SAID_MS = 2_000;

/** Copies a text, and says for a moment that it has. */
export function CopyButton({ text }: { text: string }) {
  const words = useViewWords();
  const [isCopied, setIsCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setIsCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  // On other pages than those by https, the types promise too much.
  const { clipboard }: { clipboard?: Clipboard } = navigator;
  if (!clipboard) return null;
  const copy = () => {
    clipboard.writeText(text).then(
      () => setIsCopied(true),
      // The browser's settings forbid it. The text can still be selected.
      () => undefined,
    );
  };
  return (
    // A status within the button would take its name away.
    <div aria-live="polite">
      <button type="button" className="ma-button" onClick={copy}>
        {isCopied ? words.copied : words.copy}
      </button>
    </div>
  );
}
