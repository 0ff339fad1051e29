import { useState } from 'react';
import { useMediaClient } from '../../hooks/index.ts';
import { ErrorNotice } from '../base/error-notice.tsx';
import { useViewWords } from '../words/view.ts';
import { DownloadIcon } from './view-icons.tsx';

/** Saves the original. Its address works for minutes, so it is asked for with each press. */
export function DownloadButton({ id }: { id: string }) {
  const { download } = useViewWords();
  const client = useMediaClient();
  const [error, setError] = useState<unknown>();
  const save = () => {
    setError(undefined);
    client.resolveUrl(id, 'download').then((url) => {
      const link = document.createElement('a');
      link.href = url;
      link.click();
    }, setError);
  };
  return (
    <>
      {error !== undefined && <ErrorNotice error={error} />}
      <button type="button" className="ma-button" data-kind="icon" title={download} onClick={save}>
        <DownloadIcon />
      </button>
    </>
  );
}
