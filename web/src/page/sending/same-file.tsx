/** In the full view of a media: that its owner has the same file already. */
import { useWords } from '../../components/words/index.ts';
import { useMediaUploadSSE } from '../../hooks/index.ts';

interface SameFileProps {
  /** Of the other media with the same bytes. It may be deleted since. */
  id: string;
  onOpen: (id: string) => void;
}

export function SameFile({ id, onOpen }: SameFileProps) {
  const { language } = useWords();
  const { media } = useMediaUploadSSE(id);
  if (media?.url == null) return null;
  return (
    <p className="ma-same-file">
      <span>
        {language === 'ja'
          ? `同じファイルがすでにあります：${media.file_name}`
          : `You have this file already, as “${media.file_name}”.`}
      </span>
      <button type="button" className="ma-button" onClick={() => onOpen(id)}>
        {language === 'ja' ? 'そちらを表示' : 'Show that one'}
      </button>
    </p>
  );
}
