/** Asks whether files that another app has shared are to be uploaded. */
import { useEffect, useState } from 'react';
import { useWords } from '../components/words/index.ts';
import { forgetShared, readShared } from './shared-files.ts';
import { sharedWordsFor } from './shared-words.ts';

export interface SharedProps {
  onFiles: (files: File[]) => void;
}

export function Shared({ onFiles }: SharedProps) {
  const words = sharedWordsFor(useWords().language);
  const [files, setFiles] = useState<File[]>([]);
  useEffect(() => {
    readShared(Date.now()).then(setFiles, reportError);
  }, []);
  if (files.length === 0) return null;
  const end = (taken: File[]) => {
    setFiles([]);
    const url = new URL(location.href);
    url.searchParams.delete('shared');
    history.replaceState(history.state, '', url);
    if (taken.length > 0) onFiles(taken);
    forgetShared().catch(reportError);
  };
  return (
    <section className="ma-batch page-shared" aria-label={words.title}>
      <div className="ma-batch-line">
        <p className="ma-batch-words" role="status">
          <strong>{words.ask(files.length)}</strong>
          <span className="ma-muted">{files.map(({ name }) => name).join(', ')}</span>
        </p>
        <button type="button" className="ma-button" data-kind="primary" onClick={() => end(files)}>
          {words.upload}
        </button>
        <button type="button" className="ma-button" onClick={() => end([])}>
          {words.discard}
        </button>
      </div>
    </section>
  );
}
