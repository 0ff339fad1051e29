/** Asks whether to upload files that another app has shared, or says why there are none. */
import { useEffect, useState } from 'react';
import { Button } from '../../components/base/button.tsx';
import { AlertIcon } from '../../components/base/icons.tsx';
import { commaIn, useWords } from '../../components/words/index.ts';
import { type SharedFile, sharedFor, takeShared } from './shared-files.ts';

const en = {
  title: 'Shared files',
  ask: (count: number) =>
    count === 1 ? 'Upload the shared file?' : `Upload the ${count} shared files?`,
  upload: 'Upload',
  discard: 'Discard',
  nothing: 'Nothing that can be uploaded was shared. Share photos or videos.',
  failed:
    'The shared files could not be taken, for example because the device has no room for a copy. Choose them here.',
};

const ja: typeof en = {
  title: '共有されたファイル',
  ask: (count) => `共有された${count}件をアップロードしますか`,
  upload: 'アップロード',
  discard: '破棄',
  nothing: 'アップロードできるものが共有されませんでした。写真か動画を共有してください。',
  failed:
    '共有されたファイルを受け取れませんでした。端末の空き容量が足りない場合などに起こります。ここで選択してください。',
};

export interface SharedProps {
  onFiles: (files: File[]) => void;
  /** Id of the user. */
  owner: string;
}

export function Shared({ onFiles, owner }: SharedProps) {
  const { language } = useWords();
  const words = language === 'ja' ? ja : en;
  const [found, setFound] = useState<SharedFile[]>([]);
  const [outcome] = useState(() => new URLSearchParams(location.search).get('shared'));
  const problem = outcome === 'nothing' || outcome === 'failed' ? words[outcome] : undefined;
  const isSaid = problem !== undefined;
  useEffect(() => {
    sharedFor(owner, Date.now()).then(setFound, reportError);
    // A share that failed is reported once.
    if (isSaid) leaveAddress();
  }, [owner, isSaid]);
  const answer = async (isWanted: boolean) => {
    const files = await takeShared(found);
    setFound([]);
    leaveAddress();
    if (isWanted && files.length > 0) onFiles(files);
  };
  return (
    <>
      {isSaid && (
        <div className="ma-notice" role="alert">
          <AlertIcon />
          <p>{problem}</p>
        </div>
      )}
      {found.length > 0 && (
        <section className="ma-batch" aria-label={words.title}>
          <p className="ma-batch-words" role="status">
            <strong>{words.ask(found.length)}</strong>
            <span className="ma-muted">
              {found.map(({ file }) => file.name).join(commaIn(language))}
            </span>
          </p>
          <Button kind="primary" onClick={() => void answer(true).catch(reportError)}>
            {words.upload}
          </Button>
          <Button onClick={() => void answer(false).catch(reportError)}>{words.discard}</Button>
        </section>
      )}
    </>
  );
}

/** A reload then asks no more. */
function leaveAddress(): void {
  const url = new URL(location.href);
  url.searchParams.delete('shared');
  history.replaceState(history.state, '', url);
}
