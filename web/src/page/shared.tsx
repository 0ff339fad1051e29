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
  const hide = () => {
    setFiles([]);
    const url = new URL(location.href);
    url.searchParams.delete('shared');
    history.replaceState(history.state, '', url);
  };
  const upload = () => {
    hide();
    onFiles(files);
    forgetShared().catch(reportError);
  };
  // Before it is gone from the screen: a reload just then would ask again.
  const discard = () => forgetShared().then(hide, reportError);
  return (
    <section className="ma-batch page-shared" aria-label={words.title}>
      <div className="ma-batch-line">
        <p className="ma-batch-words" role="status">
          <strong>{words.ask(files.length)}</strong>
          <span className="ma-muted">{files.map(({ name }) => name).join(', ')}</span>
        </p>
        <button type="button" className="ma-button" data-kind="primary" onClick={upload}>
          {words.upload}
        </button>
        <button type="button" className="ma-button" onClick={discard}>
          {words.discard}
        </button>
      </div>
    </section>
  );
}
