import { useEffect, useRef, useState } from 'react';
import type { Media } from '../../client/index.ts';
import { remoteSendingMs } from '../../hooks/progress.ts';
import { useWords } from '../words/index.ts';
import { StatusIcon } from './status-icon.tsx';

interface ChooseAgainProps {
  name: string;
  /** Waits for its bytes, and this page does not send it. */
  media: Media | undefined;
  tabIndex: number | undefined;
  onFiles: (files: File[], media?: Media) => void;
}

/** Asks the user for a file of which not all bytes have arrived. */
export function ChooseAgain({ name, media, tabIndex, onFiles }: ChooseAgainProps) {
  const words = useWords();
  const input = useRef<HTMLInputElement>(null);
  const [ms, setMs] = useState(media ? remoteSendingMs(media) : 0);
  useEffect(() => {
    const timer = setTimeout(() => setMs(0), ms);
    return () => clearTimeout(timer);
  }, [ms]);
  const stage = ms ? 'sending' : 'missing';
  const sentElsewhere =
    words.language === 'ja'
      ? 'ほかのタブや端末で\u200bアップロード中'
      : 'Uploading on another tab or device';
  return (
    <>
      <p className="ma-stage" data-stage={stage}>
        <StatusIcon stage={stage} />
        <span className="ma-stage-label">{ms ? sentElsewhere : words.stages.missing}</span>
      </p>
      <p className={ms ? 'ma-countdown' : 'ma-card-error'}>
        {media ? words.notAllHere(name) : words.chooseAgain(name)}
      </p>
      <button
        type="button"
        className="ma-button ma-card-again"
        tabIndex={tabIndex}
        onClick={() => input.current?.click()}
      >
        {words.upload.choose}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={words.upload.choose}
        onChange={({ target }) => {
          onFiles([...(target.files ?? [])], media);
          target.value = '';
        }}
      />
    </>
  );
}
