import type { ReactNode } from 'react';
import { MediaClientError } from '../client/index.ts';
import { AlertIcon } from './icons.tsx';
import { useWords } from './words/index.ts';

/** What went wrong, for the whole page, and what can be done. */
export function ErrorNotice({ error, children }: { error: unknown; children?: ReactNode }) {
  const words = useWords();
  const { code, message } =
    error instanceof MediaClientError ? error : { code: null, message: null };
  return (
    <div className="ma-notice" role="alert">
      <AlertIcon />
      <p>{words.error(code, message)}</p>
      {children}
    </div>
  );
}
