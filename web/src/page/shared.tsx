/** Asks whether files that another app has shared are to be uploaded, or says why there are none. */
import { useEffect, useState } from 'react';
import { AlertIcon } from '../components/icons.tsx';
import { commaIn, useWords } from '../components/words/index.ts';
import { forgetShared, readShared } from './shared-files.ts';
import { sharedWordsFor } from './shared-words.ts';

export interface SharedProps {
  onFiles: (files: File[]) => void;
}

export function Shared({ onFiles }: SharedProps) {
  const { language } = useWords();
  const words = sharedWordsFor(language);
  const [files, setFiles] = useState<File[]>([]);
  const [outcome] = useState(() => new URLSearchParams(location.search).get('shared'));
  useEffect(() => {
    readShared(Date.now()).then(setFiles, reportError);
    // What has come to nothing is said once.
    if (outcome === 'nothing' || outcome === 'failed') leaveAddress();
  }, [outcome]);
  const hide = () => {
    setFiles([]);
    leaveAddress();
  };
  const upload = () => {
    hide();
    onFiles(files);
    forgetShared().catch(reportError);
  };
  // Before it is gone from the screen: a reload just then would ask again.
  const discard = () => forgetShared().then(hide, reportError);
  return (
    <>
      {(outcome === 'nothing' || outcome === 'failed') && (
        <div className="ma-notice" role="alert">
          <AlertIcon />
          <p>{words.why[outcome]}</p>
        </div>
      )}
      {files.length > 0 && (
        <section className="ma-batch page-shared" aria-label={words.title}>
          <div className="ma-batch-line">
            <p className="ma-batch-words" role="status">
              <strong>{words.ask(files.length)}</strong>
              <span className="ma-muted">
                {files.map(({ name }) => name).join(commaIn(language))}
              </span>
            </p>
            <button type="button" className="ma-button" data-kind="primary" onClick={upload}>
              {words.upload}
            </button>
            <button type="button" className="ma-button" onClick={discard}>
              {words.discard}
            </button>
          </div>
        </section>
      )}
    </>
  );
}

/** A reload asks no more. */
function leaveAddress(): void {
  const url = new URL(location.href);
  url.searchParams.delete('shared');
  history.replaceState(history.state, '', url);
}
