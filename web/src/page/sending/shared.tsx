/** Asks whether files that another app has shared are to be uploaded, or says why there are none. */
import { useEffect, useState } from 'react';
import { AlertIcon } from '../../components/base/icons.tsx';
import { commaIn, useWords } from '../../components/words/index.ts';
import type { Upload } from '../../hooks/index.ts';
import { copiedFiles } from '../../hooks/uploads/list.ts';
import { answerShared, forgetShared, type SharedFile, sharedFor } from './shared-files.ts';
import { sharedWordsFor } from './shared-words.ts';

export interface SharedProps {
  onFiles: (files: File[]) => void;
  /** Those of all tabs. */
  uploads: readonly Upload[];
  /** Whether those are among them that an earlier page has left behind. */
  isRestored: boolean;
  /** Who is signed in. */
  owner: string;
}

export function Shared({ onFiles, uploads, isRestored, owner }: SharedProps) {
  const { language } = useWords();
  const words = sharedWordsFor(language);
  const [found, setFound] = useState<SharedFile[]>([]);
  const [outcome] = useState(() => new URLSearchParams(location.search).get('shared'));
  useEffect(() => {
    sharedFor(owner, Date.now()).then(setFound, reportError);
    // What has come to nothing is said once.
    if (outcome === 'nothing' || outcome === 'failed') leaveAddress();
  }, [outcome, owner]);
  // An answered file is on the list; after a crash, with its bytes or without.
  const byKey = new Map(uploads.map((each) => [each.key, each]));
  const asked = isRestored ? found.filter(({ key }) => !byKey.has(key)) : [];
  // Without its bytes it is `missing`, or the server is being asked for what has arrived of it: until that is known it waits.
  const left = found.filter(({ key, file }) => {
    const own = byKey.get(key);
    return own && !own.isElsewhere && (own.state !== 'sending' || own.file.size === file.size);
  });
  useEffect(() => {
    if (left.length === 0) return;
    setFound((all) => all.filter((each) => !left.includes(each)));
    const isMissing = ({ key }: SharedFile) => byKey.get(key)?.state === 'missing';
    const missing = left.filter(isMissing);
    const others = left.filter((each) => !isMissing(each));
    forgetShared(others.map(({ key }) => key)).catch(reportError);
    if (missing.length > 0) onFiles(missing.map(hold));
  });
  const hide = () => {
    setFound([]);
    leaveAddress();
  };
  const upload = async () => {
    hide();
    const own = await answerShared(asked, owner).catch(() => asked);
    if (own.length > 0) onFiles(own.map(hold));
  };
  // Before it is gone from the screen: a reload just then would ask again.
  const discard = () => forgetShared(asked.map(({ key }) => key)).then(hide, reportError);
  return (
    <>
      {(outcome === 'nothing' || outcome === 'failed') && (
        <div className="ma-notice" role="alert">
          <AlertIcon />
          <p>{words.why[outcome]}</p>
        </div>
      )}
      {asked.length > 0 && (
        <section className="ma-batch page-shared" aria-label={words.title}>
          <div className="ma-batch-line">
            <p className="ma-batch-words" role="status">
              <strong>{words.ask(asked.length)}</strong>
              <span className="ma-muted">
                {asked.map(({ file }) => file.name).join(commaIn(language))}
              </span>
            </p>
            <button
              type="button"
              className="ma-button"
              data-kind="primary"
              onClick={() => void upload()}
            >
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

/** It is forgotten when the list of uploads keeps it. */
function hold({ key, file }: SharedFile): File {
  copiedFiles.set(file, { key, release: () => void forgetShared([key]).catch(reportError) });
  return file;
}

/** A reload asks no more. */
function leaveAddress(): void {
  const url = new URL(location.href);
  url.searchParams.delete('shared');
  history.replaceState(history.state, '', url);
}
